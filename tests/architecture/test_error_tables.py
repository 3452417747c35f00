"""Every refusal of a domain has a reason, and every method says who may call it."""

import importlib
import importlib.util
import inspect
import pkgutil
from types import ModuleType

import pytest
from lucid_rpc.authorization import Policy
from lucid_rpc.errors import RPC_ERRORS, ErrorTable

NOUNS = ("validation", "coherence", "vendor", "dream", "cache", "metrics")
DOMAINS = {
    "validation": ["barrier"],
    "coherence": ["states", "open_systems", "preferences", "channels", "noise", "correction"],
    "vendor": ["vendors"],
    "dream": ["saga"],
    "cache": ["entries"],
    "metrics": ["series"],
}
# Turned into a verdict, an outcome or another refusal inside the service; exactly these.
TOLD_OTHERWISE = {
    # Verdicts, not errors: the worker answers INVALID_INPUT, UNDECIDED or QUARANTINED.
    "validation": {
        *("ProblemInvalid", "ExpressionInvalid", "TooManyCases", "DivisionByZero"),
        *("PolynomialTooLarge", "Unsupported", "Quarantined", "_BadJson", "_Unusual"),
    },
    # Reasons of a session's outcome, or the conversion's own refusals of a field.
    "dream": {
        *("CapInvalid", "DurationInvalid", "ExpressionInvalid", "ModelNotMonitorable"),
        "ProgrammeInvalid",
    },
    # Work that stops because its caller has left: nobody is there to be told.
    "coherence": {"Stopped"},
    # Answered as the libraries answer a field that breaks a rule of the protos.
    "vendor": {"FieldInvalid"},
}


def modules_of(package_name: str) -> list[ModuleType]:
    package = importlib.import_module(package_name)
    found = pkgutil.walk_packages(package.__path__, f"{package_name}.")
    return [package, *(importlib.import_module(module.name) for module in found)]


def table_of(noun: str) -> ErrorTable:
    module = importlib.import_module(f"lucid_{noun}.errors")
    (table,) = [value for value in vars(module).values() if isinstance(value, ErrorTable)]
    return table


def refusals(noun: str) -> set[type[Exception]]:
    """Return the exception classes that a domain defines and raises, not their abstract parents."""
    found = {
        value
        for domain in DOMAINS[noun]
        for module in modules_of(f"lucid_{noun}.{domain}")
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, Exception)
        and value.__module__ == module.__name__
    }
    parents = {base for value in found for base in value.__mro__[1:]}
    return found - parents


@pytest.mark.parametrize("noun", NOUNS)
def test_every_reason_of_the_table_is_in_the_protos_and_the_other_way_round(noun: str) -> None:
    enum = importlib.import_module(f"lucid.{noun}.v1.error_reason_pb2").ErrorReason
    names = enum.DESCRIPTOR.values_by_name
    declared = {name.removeprefix("ERROR_REASON_") for name in names} - {"UNSPECIFIED"}
    assert {entry.reason for entry in table_of(noun).entries.values()} == declared


@pytest.mark.parametrize("noun", NOUNS)
def test_every_refusal_of_the_domain_has_a_reason(noun: str) -> None:
    table = table_of(noun)
    untold = {
        refusal.__name__
        for refusal in refusals(noun)
        if table.entry_of(refusal.__new__(refusal)) is None
    }
    assert untold == TOLD_OTHERWISE.get(noun, set())


def test_reasons_are_upper_snake_and_short() -> None:
    tables = [*(table_of(noun) for noun in NOUNS), RPC_ERRORS]
    for entry in (entry for table in tables for entry in table.entries.values()):
        assert entry.reason.isupper()
        assert len(entry.reason) <= 63


@pytest.mark.parametrize("noun", NOUNS)
def test_every_method_has_a_policy(noun: str) -> None:
    names = {"server", "policy", "authorization"}
    modules = [
        importlib.import_module(f"lucid_{noun}.{name}")
        for name in names
        if importlib.util.find_spec(f"lucid_{noun}.{name}")
    ]
    policies = [found for module in modules if (found := policy_in(module)) is not None]
    assert policies, f"lucid_{noun} shows no policy"
    protos = importlib.import_module(f"lucid.{noun}.v1")
    for info in pkgutil.iter_modules(protos.__path__):
        if not info.name.endswith("_pb2"):
            continue
        file = importlib.import_module(f"lucid.{noun}.v1.{info.name}").DESCRIPTOR
        for service in file.services_by_name.values():
            for method in service.methods:
                name = f"{service.full_name}/{method.name}"
                assert any(policy.roles.get(name) for policy in policies), name


def policy_in(module: ModuleType) -> Policy | None:
    for value in vars(module).values():
        if isinstance(value, Policy):
            return value
    maker = getattr(module, "policy", None)
    return maker() if callable(maker) else None
