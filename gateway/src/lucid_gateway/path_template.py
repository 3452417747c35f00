"""Path templates of `google.api.http`: parse, match, and tell whether two can collide.

The grammar is the one of google/api/http.proto: `"/" Segments [":" verb]`, where a segment is
`*` (one), `**` (the rest), a literal, or `{field.path=segments}`. A template is kept as a flat
list of segments plus the ranges that its variables cover, so that matching is one walk.
"""

import re
from dataclasses import dataclass

_FIELD_PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z")
_LITERAL = re.compile(r"[A-Za-z0-9._~-]+\Z")
_VERB = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")


class TemplateInvalid(ValueError):
    """A path template is not of the grammar, or has no use at this edge."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A field path and the half-open range of template segments that it captures."""

    field_path: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """One template: segments (`*`, `**` or a literal), captured variables, custom verb or ""."""

    segments: tuple[str, ...]
    variables: tuple[Variable, ...]
    verb: str

    def match(self, segments: tuple[str, ...], verb: str) -> dict[str, str] | None:
        """Return the value of every variable, or None where the path is not of this template.

        `segments` are the decoded path segments without the verb.
        """
        if verb != self.verb or not self._fits(segments):
            return None
        surplus = len(segments) - len(self.segments)
        return {
            variable.field_path: "/".join(segments[slice(*self._bounds(variable, surplus))])
            for variable in self.variables
        }

    def collides_with(self, other: "PathTemplate") -> bool:
        """Say whether some path matches both templates."""
        return self.verb == other.verb and _overlap(self.segments, other.segments)

    def specificity(self) -> tuple[int, int]:
        """Order templates for matching: more literals first, then no `**`."""
        literals = sum(1 for segment in self.segments if segment not in ("*", "**"))
        return (-literals, self.segments.count("**"))

    def _fits(self, segments: tuple[str, ...]) -> bool:
        own = self.segments
        if own and own[-1] == "**":
            own = own[:-1]
            if len(segments) < len(own):
                return False
        elif len(segments) != len(own):
            return False
        return all(
            bool(given) if wanted == "*" else given == wanted
            for wanted, given in zip(own, segments, strict=False)
        )

    def _bounds(self, variable: Variable, surplus: int) -> tuple[int, int]:
        is_open = self.segments[variable.stop - 1] == "**"
        return variable.start, variable.stop + (surplus if is_open else 0)


def parse_template(text: str) -> PathTemplate:
    """Parse a template such as `/v1/{name=sessions/*}:watch`.

    Raises:
        TemplateInvalid: not of the grammar, `**` not last, or a variable bound twice.
    """
    if not text.startswith("/"):
        raise TemplateInvalid(f"{text!r} must start with /")
    body, verb = _split_verb(text[1:])
    segments: list[str] = []
    variables: list[Variable] = []
    for part in _split_outside_braces(body):
        if part.startswith("{") and part.endswith("}"):
            field_path, _, pattern = part[1:-1].partition("=")
            inner = (pattern or "*").split("/")
            variables.append(Variable(field_path, len(segments), len(segments) + len(inner)))
            segments.extend(inner)
        else:
            segments.append(part)
    template = PathTemplate(tuple(segments), tuple(variables), verb)
    _check(text, template)
    return template


def split_path(path: str) -> tuple[tuple[str, ...], str]:
    """Split a request path into its segments and its custom verb ("" without one).

    The verb is what follows the last colon of the last segment.
    """
    body = path.removeprefix("/")
    head, colon, verb = body.rpartition(":")
    if not colon or "/" in verb:
        head, verb = body, ""
    return tuple(head.split("/")), verb


def _split_verb(body: str) -> tuple[str, str]:
    last_brace = body.rfind("}")
    colon = body.rfind(":")
    if colon > last_brace and "/" not in body[colon:]:
        return body[:colon], body[colon + 1 :]
    return body, ""


def _split_outside_braces(body: str) -> list[str]:
    return re.findall(r"(?:\{[^{}]*\}|[^/{}])+|(?<=/)(?=/|\Z)|\A\Z", body)


def _check(text: str, template: PathTemplate) -> None:
    for position, segment in enumerate(template.segments):
        if segment == "**" and position != len(template.segments) - 1:
            raise TemplateInvalid(f"{text!r}: ** must be the last segment")
        if segment not in ("*", "**") and not _LITERAL.match(segment):
            raise TemplateInvalid(f"{text!r}: {segment!r} is not a segment")
    paths = [variable.field_path for variable in template.variables]
    if len(set(paths)) != len(paths):
        raise TemplateInvalid(f"{text!r} binds a field twice")
    for path in paths:
        if not _FIELD_PATH.match(path):
            raise TemplateInvalid(f"{text!r}: {path!r} is not a field path")
    if template.verb and not _VERB.match(template.verb):
        raise TemplateInvalid(f"{text!r}: {template.verb!r} is not a verb")


def _overlap(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    if one[:1] == ("**",) or two[:1] == ("**",):
        return True
    if not one or not two:
        return (one or two) in ((), ("**",))
    compatible = "*" in (one[0], two[0]) or one[0] == two[0]
    return compatible and _overlap(one[1:], two[1:])
