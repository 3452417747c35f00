"""What a client sends: one JSON body, or JSON lines, as messages of a method."""

from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.message import Message

from lucid_gateway import framing
from lucid_gateway.binding import bind_request
from lucid_gateway.exchange import Request
from lucid_gateway.failures import problem_of_json, problem_of_request
from lucid_gateway.faults import RequestInvalid
from lucid_gateway.problem import Problem
from lucid_gateway.routes import Found
from lucid_gateway.strict_json import JsonInvalid, read_json


class Incoming:
    """The messages that a client sends as JSON lines.

    A line that cannot be read ends the call; `fault` then says which line and why.
    """

    def __init__(self, found: Found, request: Request, line_bytes_max: int) -> None:
        self._found = found
        self._request = request
        self._line_bytes_max = line_bytes_max
        self.fault: Problem | None = None
        self.cancel_on_fault: Any = lambda: None

    async def requests(self) -> AsyncIterator[Message]:
        """Yield the messages; never raises, because gRPC would swallow it."""
        number = 0
        try:
            lines = framing.lines_of(self._request.chunks(), line_bytes_max=self._line_bytes_max)
            async for text in lines:
                number += 1
                yield bind(self._found, self._request.query, text)
        except Problem as problem:
            self._refuse(problem, number)
        except framing.LineTooLong:
            detail = f"A line is longer than {self._line_bytes_max} bytes."
            self._refuse(Problem(413, "BODY_TOO_LARGE", detail), number + 1)

    def _refuse(self, problem: Problem, number: int) -> None:
        problem.metadata = (*problem.metadata, ("line", str(number)))
        problem.detail = f"Line {number}: {problem.detail}"
        self.fault = problem
        self.cancel_on_fault()


def bind(found: Found, query: str, body: bytes) -> Message:
    """Return the request message of a call.

    Raises:
        Problem: the body is not JSON, or something does not fit; with its field path.
    """
    try:
        tree = read_json(body) if body.strip() else None
        return bind_request(found.route, found.path_values, query, tree)
    except JsonInvalid as error:
        raise problem_of_json(error) from None
    except RequestInvalid as error:
        raise problem_of_request(error) from None
