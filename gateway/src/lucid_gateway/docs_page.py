"""The page at /docs: the OpenAPI document for people, on one page and without scripts."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from lucid_gateway import style
from lucid_gateway.reasons import Reason

_INTRO = """<h1>Lucid API</h1>
<p class="soft">Version {version}. The same as data: <a href="/openapi.json">/openapi.json</a> ·
state of the mesh: <a href="/">/</a></p>
<p>Bodies are JSON with the names of the messages below; an unknown field is refused with its path.
Time for a call: <code>X-Request-Timeout: 2.5</code> (seconds). Streams are server-sent events,
resumed with <code>Last-Event-ID</code>; the last event of a subject is named
<code>terminal</code>, then <code>end</code> or <code>error</code> closes the stream. Streams
that also take input are JSON lines both ways.
A failure is <code>application/problem+json</code>: its <code>reason</code> and <code>domain</code>
are for programs and listed <a href="#reasons">below</a>.</p>"""


def render(document: Mapping[str, Any], reasons: Iterable[Reason]) -> bytes:
    """Return the page of an OpenAPI document."""
    groups: dict[str, list[str]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            groups[operation["tags"][0]].append(_operation(method, path, operation))
    texts = {tag["name"]: tag["description"] for tag in document["tags"]}
    links = [f'<a href="#{name}">{escape(_short(name))}</a>' for name in groups]
    parts = [
        _INTRO.format(version=escape(document["info"]["version"])),
        f'<nav>{"".join(links)}<a href="#messages">Messages</a>',
        '<a href="#reasons">Reasons</a></nav>',
    ]
    for name, operations in groups.items():
        heading = f'<h2 id="{name}">{escape(_short(name))}</h2>'
        parts.append(f'{heading}<p class="soft">{escape(texts[name])}</p>{"".join(operations)}')
    parts.append('<h2 id="messages">Messages</h2>')
    parts.extend(_schema(*pair) for pair in sorted(document["components"]["schemas"].items()))
    parts.append(f'<h2 id="reasons">Reasons of failures</h2>{_reasons(reasons)}')
    return style.page("Lucid API", "".join(parts))


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    rows = [
        (
            f"<code>{escape(item['name'])}</code>",
            escape(item["in"]),
            _type(item["schema"]),
            escape(item.get("description", "")),
        )
        for item in operation["parameters"]
        if "name" in item
    ]
    parameters = style.table(("Parameter", "in", "Type", ""), rows) if rows else ""
    return (
        f'<details class="card" id="{escape(operation["operationId"])}"><summary>'
        f'<span class="badge {method}">{method.upper()}</span><code>{escape(path)}</code>'
        f'<span class="soft">{escape(operation["summary"])}</span></summary>'
        f"<p>{_prose(operation['description'])}</p>{parameters}{_body(operation)}"
        f"{_answers(operation)}<pre>{escape(_curl(method, path, operation))}</pre></details>"
    )


def _body(operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<p>Body: <code>{escape(kind)}</code> {_type(media['schema'])}</p>"
        for kind, media in content.items()
    )


def _answers(operation: Mapping[str, Any]) -> str:
    lines = []
    for status, answer in operation["responses"].items():
        for kind, media in answer.get("content", {}).items():
            lines.append(
                f"<p>{escape(status)}: <code>{escape(kind)}</code> {_type(media['schema'])} "
                f'<span class="soft">{escape(answer["description"])}</span></p>'
            )
    return "".join(lines)


def _curl(method: str, path: str, operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    streams = "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
    command = f"curl {'-N ' if streams else ''}http://localhost:8080{path}"
    if method not in ("get", "post") or (method == "post" and not content):
        command += f" -X {method.upper()}"
    for kind, media in content.items():
        data = json.dumps(media["example"], indent=2) if "example" in media else "{…}"
        command += f" \\\n  -H 'content-type: {kind}' \\\n  -d '{data}'"
    return command


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    rows = [
        (
            f"<code>{escape(field)}</code>{' *' if field in schema.get('required', ()) else ''}",
            _type(value),
            escape(value.get("description", "")),
        )
        for field, value in schema.get("properties", {}).items()
    ]
    body = style.table(("Field", "Type", ""), rows) if rows else ""
    return (
        f'<details class="card" id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f"<p>{_prose(schema.get('description', ''))}</p>{body}</details>"
    )


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f'<a href="#{escape(name)}">{escape(name.rsplit(".", 1)[-1])}</a>'
    if "contentSchema" in schema:
        return _type(schema["contentSchema"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map to {_type(schema['additionalProperties'])}"
    return escape(str(schema.get("format") or schema.get("type", "any")))


def _prose(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _reasons(reasons: Iterable[Reason]) -> str:
    rows = [
        (
            f'<code id="{escape(reason.anchor)}">{escape(reason.name)}</code>',
            escape(reason.domain),
            escape(reason.text),
        )
        for reason in reasons
    ]
    return style.table(("Reason", "Domain", "Meaning"), rows)


def _short(name: str) -> str:
    return name.rsplit(".", 1)[-1]
