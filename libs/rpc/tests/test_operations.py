import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.longrunning import operations_pb2_grpc
from google.longrunning import operations_proto_pb2 as pb
from google.protobuf import duration_pb2
from lucid_rpc.authorization import OPERATOR, Policy
from lucid_rpc.errors import ErrorTable
from lucid_rpc.operations import METHODS, SERVICE_NAME, OperationsServicer
from lucid_rpc.rejections import OperationNotFound, OperationRunning
from lucid_rpc.server import ServerDefinition
from lucid_rpc.status import failure_of
from lucid_testkit.servers import serving


class Memory:
    """An operation store that keeps the promises of the protocol."""

    def __init__(self) -> None:
        self.operations = {f"operations/{n}": pb.Operation(name=f"operations/{n}") for n in "abc"}
        self.cancelled: list[str] = []
        self._changed = asyncio.Event()

    def finish(self, name: str) -> None:
        self.operations[name].done = True
        self._changed.set()

    async def get(self, name: str) -> Any:
        if name not in self.operations:
            raise OperationNotFound(name)
        return self.operations[name]

    async def list(self, *, after: str, limit: int, filter_text: str) -> list[Any]:
        names = sorted(name for name in self.operations if name > after)
        return [self.operations[name] for name in names[:limit]]

    async def cancel(self, name: str) -> None:
        await self.get(name)
        self.cancelled.append(name)

    async def delete(self, name: str) -> None:
        if not (await self.get(name)).done:
            raise OperationRunning(name)
        del self.operations[name]

    async def wait_for_change(self, name: str) -> None:
        await self._changed.wait()


@pytest.fixture
def store() -> Memory:
    return Memory()


@pytest.fixture
async def stub(store: Memory) -> AsyncIterator[Any]:
    definition = ServerDefinition(
        name="validation",
        servicers=[
            (operations_pb2_grpc.add_OperationsServicer_to_server, OperationsServicer(store))
        ],
        service_names=[SERVICE_NAME],
        errors=ErrorTable("validation.lucid"),
        policy=Policy(dict.fromkeys(METHODS, frozenset({OPERATOR}))),
    )
    async with serving(definition, config="{}") as served:
        yield operations_pb2_grpc.OperationsStub(served.channel)


async def test_operations_are_listed_in_pages(stub: Any) -> None:
    first = await stub.ListOperations(pb.ListOperationsRequest(page_size=2))
    assert [one.name for one in first.operations] == ["operations/a", "operations/b"]
    rest = await stub.ListOperations(
        pb.ListOperationsRequest(page_size=2, page_token=first.next_page_token)
    )
    assert [one.name for one in rest.operations] == ["operations/c"]
    assert rest.next_page_token == ""


async def test_waiting_ends_with_the_operation(stub: Any, store: Memory) -> None:
    waiting = stub.WaitOperation(pb.WaitOperationRequest(name="operations/a"), timeout=10)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    store.finish("operations/a")
    assert (await waiting).done


async def test_waiting_ends_with_its_time_and_shows_the_operation_as_it_stands(
    stub: Any,
) -> None:
    request = pb.WaitOperationRequest(
        name="operations/a", timeout=duration_pb2.Duration(nanos=50_000_000)
    )
    assert not (await stub.WaitOperation(request)).done


async def test_waiting_answers_before_the_callers_deadline(stub: Any) -> None:
    request = pb.WaitOperationRequest(name="operations/a")
    assert not (await stub.WaitOperation(request, timeout=0.5)).done


async def test_cancel_asks_and_delete_forgets_what_is_done(stub: Any, store: Memory) -> None:
    await stub.CancelOperation(pb.CancelOperationRequest(name="operations/b"))
    assert store.cancelled == ["operations/b"]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.DeleteOperation(pb.DeleteOperationRequest(name="operations/b"))
    assert failure_of(caught.value).reason == "OPERATION_RUNNING"
    store.finish("operations/b")
    await stub.DeleteOperation(pb.DeleteOperationRequest(name="operations/b"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetOperation(pb.GetOperationRequest(name="operations/b"))
    failure = failure_of(caught.value)
    assert failure.code is grpc.StatusCode.NOT_FOUND
    assert failure.resource is not None
    assert failure.resource.name == "operations/b"
