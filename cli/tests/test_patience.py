import grpc
import grpc.aio
import httpx
import pytest
from lucid_cli.story import patience
from lucid_cli.story.patience import call, follow, patiently, post


def failure(code: grpc.StatusCode) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata())


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE_S", 0.2)
    monkeypatch.setattr(patience, "PAUSE_S", 0.01)


async def test_what_is_away_for_a_moment_is_asked_again_with_the_same_request() -> None:
    asked: list[object] = []

    async def method(request: object, timeout: float) -> str:
        asked.append(request)
        if len(asked) < 3:
            raise failure(grpc.StatusCode.UNAVAILABLE)
        return "answer"

    request = object()
    assert await call(method, request) == "answer"
    assert asked == [request] * 3


async def test_a_refusal_is_not_asked_again() -> None:
    calls = 0

    async def attempt() -> None:
        nonlocal calls
        calls += 1
        raise failure(grpc.StatusCode.FAILED_PRECONDITION)

    with pytest.raises(grpc.aio.AioRpcError):
        await patiently(attempt)
    assert calls == 1


async def test_patience_ends() -> None:
    async def attempt() -> None:
        raise failure(grpc.StatusCode.UNAVAILABLE)

    with pytest.raises(grpc.aio.AioRpcError):
        await patiently(attempt)


async def test_a_stream_goes_on_after_the_last_sequence_that_was_seen() -> None:
    class Event:
        def __init__(self, sequence: int) -> None:
            self.sequence = sequence

    opened: list[int] = []

    async def stream(after: int) -> object:
        opened.append(after)
        for sequence in range(after + 1, 5):
            yield Event(sequence)
            if len(opened) == 1 and sequence == 2:
                raise failure(grpc.StatusCode.UNAVAILABLE)

    seen = [event.sequence async for event in follow(stream)]  # type: ignore[arg-type]
    assert seen == [1, 2, 3, 4]
    assert opened == [0, 2]


async def test_a_post_is_repeated_with_its_request_id_while_the_service_behind_is_away() -> None:
    ids: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        ids.append(request.url.params["requestId"])
        return httpx.Response(503 if len(ids) < 3 else 200, json={"name": "sessions/s"})

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://mesh") as client:
        assert await post(client, "/v1/sessions", {}, "id-1") == {"name": "sessions/s"}
    assert ids == ["id-1"] * 3
