"""Field rules: what protovalidate finds becomes `BadRequest` with the paths of the fields."""

from typing import Any

from lucid_rpc.rejections import FieldsInvalid
from lucid_rpc.status import FieldViolation


class FieldRules:
    """Checks messages against the rules written in their protos.

    The validator is imported and built at the first message: it costs some 60 ms.
    """

    def __init__(self) -> None:
        self._validator: Any = None

    def check(self, message: Any) -> None:
        """Raise `FieldsInvalid` naming every field that breaks a rule."""
        violations = self._loaded().collect_violations(message)
        if violations:
            raise FieldsInvalid([_violation(one.proto) for one in violations])

    def warm_up(self) -> None:
        """Import and build the validator now; may be called from another thread."""
        self._loaded()

    def _loaded(self) -> Any:
        if self._validator is None:
            import protovalidate

            self._validator = protovalidate.Validator()
        return self._validator


def _violation(found: Any) -> FieldViolation:
    return FieldViolation(_path(found.field), found.message, found.rule_id)


def _path(field: Any) -> str:
    """Return a field path as in `problem.vars[2]` or `labels["a"]`."""
    if field is None:
        return ""
    text = ""
    for element in field.elements:
        text += f".{element.field_name}" if text else element.field_name
        text += _subscript(element)
    return text


def _subscript(element: Any) -> str:
    subscript = element.subscript
    if subscript is None:
        return ""
    if subscript.field == "string_key":
        return f'["{subscript.value}"]'
    return f"[{subscript.value}]"
