"""Who may call what: everything here is a question, and the mesh may ask it; nobody else may."""

from typing import Final

from lucid.validation.v1 import validation_service_pb2
from lucid_rpc.authorization import GATEWAY, OPERATOR, Policy, service_role
from lucid_rpc.operations import METHODS

_EDGE: Final = frozenset({OPERATOR, GATEWAY})
_CALLERS: Final = _EDGE | {service_role(noun) for noun in ("vendor", "dream", "coherence")}


def policy() -> Policy:
    """Return the policy of every method of the service and of its operations."""
    service = validation_service_pb2.DESCRIPTOR.services_by_name["ValidationService"]
    roles = {f"{service.full_name}/{method.name}": _CALLERS for method in service.methods}
    return Policy({**roles, **dict.fromkeys(METHODS, _EDGE)})
