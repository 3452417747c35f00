"""`google.longrunning.Operations` over a store that the service provides ([AIP151])."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol

from google.longrunning import operations_pb2_grpc
from google.longrunning import operations_proto_pb2 as operations_pb2
from google.protobuf import empty_pb2

from lucid_rpc import deadline
from lucid_rpc.page_token import next_token, page_of

SERVICE_NAME: Final = "google.longrunning.Operations"

METHODS: Final = tuple(
    f"{SERVICE_NAME}/{method}"
    for method in (
        "ListOperations",
        "GetOperation",
        "DeleteOperation",
        "CancelOperation",
        "WaitOperation",
    )
)
"""For policies."""

WAIT_DEFAULT_S: Final = 20.0
"""How long WaitOperation waits when neither the request nor a deadline says."""

Operation = operations_pb2.Operation


class OperationStore(Protocol):
    """Where a service keeps its operations. Every method is quick or awaits."""

    async def get(self, name: str) -> Any:
        """Return the `Operation`; raises `OperationNotFound`."""
        ...

    async def list(self, *, after: str, limit: int, filter_text: str) -> Sequence[Any]:
        """Return up to `limit` operations in order of name, with names greater than `after`."""
        ...

    async def cancel(self, name: str) -> None:
        """Ask an operation to stop; nothing happens if it is done. Raises `OperationNotFound`."""
        ...

    async def delete(self, name: str) -> None:
        """Forget a finished one; raises `OperationNotFound` or `OperationRunning`."""
        ...

    async def wait_for_change(self, name: str) -> None:
        """Return when the operation may have changed since this call began. May return early."""
        ...


class OperationsServicer(operations_pb2_grpc.OperationsServicer):  # type: ignore[misc]
    """Serves the operations of one store."""

    def __init__(self, store: OperationStore) -> None:
        self._store = store

    async def GetOperation(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return one operation as it stands."""
        return await self._store.get(request.name)

    async def ListOperations(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return one page of operations in order of name."""
        page = page_of(request)
        found = await self._store.list(
            after=page.after, limit=page.size + 1, filter_text=request.filter
        )
        shown = list(found[: page.size])
        token = next_token(request, shown[-1].name) if len(found) > page.size else ""
        return operations_pb2.ListOperationsResponse(operations=shown, next_page_token=token)

    async def CancelOperation(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Ask an operation to stop; success says that it was asked, not that it stopped."""
        await self._store.cancel(request.name)
        return empty_pb2.Empty()

    async def DeleteOperation(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Forget a finished operation."""
        await self._store.delete(request.name)
        return empty_pb2.Empty()

    async def WaitOperation(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return the operation once it is done, or as it stands when the time is over."""
        asked_s = request.timeout.ToNanoseconds() / 1e9 if request.HasField("timeout") else None
        limit_s = WAIT_DEFAULT_S if asked_s is None else asked_s
        try:
            async with asyncio.timeout(deadline.timeout_s(limit_s)):
                return await self._done(request.name)
        except (TimeoutError, deadline.BudgetSpent):
            return await self._store.get(request.name)

    async def _done(self, name: str) -> Any:
        while True:
            # Subscribe first, look second: a change between the two is not missed.
            changed = asyncio.ensure_future(self._store.wait_for_change(name))
            try:
                operation = await self._store.get(name)
                if operation.done:
                    return operation
                await changed
            finally:
                changed.cancel()
