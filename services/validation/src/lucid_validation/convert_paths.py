"""From the path of a field in the JSON problem back to the field of the message."""

import re
from typing import Final

_ROOTS: Final = (
    ("certificate.expr", "problem.certificate.barrier"),
    ("certificate.lambda", "problem.certificate.rate"),
    ("certificate.type", "problem.certificate.kind"),
    ("certificate.k", "problem.certificate.steps"),
    ("certificate", "problem.certificate"),
    ("flow_condition", "problem.certificate.kind"),
    ("kind", "problem.system.time_kind"),
    ("vars", "problem.system.variables"),
    ("init", "problem.initial"),
    ("unsafe", "problem.unsafe"),
    *(
        (name, f"problem.system.{name}")
        for name in ("parameters", "dynamics", "domain", "inputs", "noise", "diffusion")
    ),
    *((name, f"problem.system.{name}") for name in ("time", "horizon", "modes", "transitions")),
)
# What a name in the JSON problem is called in the message, once the root is right.
_STEPS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\.and\[", ".all.formulas["),
        (r"\.or\[", ".any.formulas["),
        (r"\b(dynamics|reset)\.(\w+)$", r'\1["\2"]'),
        (r"(modes\[\d+\])\.init\b", r"\1.initial"),
        (r"(transitions\[\d+\])\.from$", r"\1.source"),
        (r"(transitions\[\d+\])\.to$", r"\1.target"),
        (r"(diffusion\[\d+\])\.(\w+)$", r'\1.coefficients["\2"]'),
        (r"(inputs\.vertices\[\d+\])\[", r"\1.values["),
        (r"(certificate\.matrix\[\d+\])\[", r"\1.entries["),
        (r"certificate\.exprs\.(\w+)$", r'certificate.mode_barriers["\1"]'),
        (r"certificate\.exprs\b", "certificate.barriers"),
        (r"(system\.noise)\.(\w+)\.(mean|variance)$", r'\1["\2"].normal.\3'),
        (r"(system\.noise)\.(\w+)\.(low|high)$", r'\1["\2"].uniform.\3'),
        (r"(system\.noise)\.(\w+)\.values\b", r'\1["\2"].finite.values'),
        (r"(finite\.values\[\d+\])\[0\]$", r"\1.value"),
        (r"(finite\.values\[\d+\])\[1\]$", r"\1.probability"),
        (r"(system\.noise)\.(\w+)(\.distribution)?$", r'\1["\2"]'),
    )
)


def message_path(field: str) -> str:
    """Return the path in the request of a path in the JSON problem."""
    for old, new in _ROOTS:
        if field == old or field.startswith((old + ".", old + "[")):
            found = new + field[len(old) :]
            for pattern, replacement in _STEPS:
                found = pattern.sub(replacement, found)
            return found
    return "problem"
