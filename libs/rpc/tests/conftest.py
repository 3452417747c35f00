from collections.abc import Callable
from typing import Any

import grpc
import pytest
from lucid_rpc.authorization import OPERATOR, Policy, service_role
from lucid_rpc.errors import ErrorEntry, ErrorTable
from lucid_rpc.server import ServerDefinition
from lucid_testkit.echo import METHODS, SERVICE, EchoServicer, add_echo_to_server


class Refused(Exception):
    """A domain exception of the tests."""


ROLES = frozenset({OPERATOR, service_role("dream"), service_role("validation")})


@pytest.fixture
def define() -> Callable[..., ServerDefinition]:
    """Return a function that defines a server of an echo servicer."""

    def make(servicer: EchoServicer | None = None, **options: Any) -> ServerDefinition:
        entry = ErrorEntry(
            grpc.StatusCode.FAILED_PRECONDITION, "REFUSED", metadata=lambda _: {"why": "test"}
        )
        defaults: dict[str, Any] = {
            "name": "validation",
            "servicers": [(add_echo_to_server, servicer or EchoServicer())],
            "service_names": [SERVICE],
            "errors": ErrorTable("test.lucid", {Refused: entry}),
            "policy": Policy(dict.fromkeys(METHODS, ROLES)),
        }
        return ServerDefinition(**(defaults | options))

    return make


@pytest.fixture
def refused() -> type[Exception]:
    """Return the domain exception that the table knows."""
    return Refused
