"""Verdicts in the cache service. Whatever goes wrong there is a miss, never an error."""

import logging
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError
from lucid.cache.v1 import cache_service_pb2, cache_service_pb2_grpc
from lucid.validation.v1 import validation_service_pb2, verdict_pb2
from lucid_rpc.deadline import BudgetSpent

from lucid_validation.convert_verdict import duration

SCHEMA: Final = "lucid.validation.v1.Validation/1"
_REUSED: Final = frozenset({verdict_pb2.VERDICT_STATUS_PROVED, verdict_pb2.VERDICT_STATUS_REFUTED})
_LOG: Final = logging.getLogger(__name__)


def key_of(problem_sha256: str, method_set_version: str) -> str:
    """Return the key of a problem's verdict: other methods may decide otherwise."""
    return f"validation/verdict/{method_set_version}/{problem_sha256}"


def may_reuse(verdict: Any, solved_with_s: float, budget_s: float) -> bool:
    """Say whether a stored verdict answers a call with this budget.

    UNDECIDED answers only calls that have no more time than it had; QUARANTINED and ERROR nobody.
    """
    if verdict.status in _REUSED:
        return True
    return bool(
        verdict.status == verdict_pb2.VERDICT_STATUS_UNDECIDED and budget_s <= solved_with_s
    )


class VerdictCache:
    """Looks verdicts up and keeps them, each within a small budget."""

    def __init__(self, channel: grpc.aio.Channel | None, budget_s: float) -> None:
        """Use a channel to the cache; None means that there is no cache."""
        self._stub = None if channel is None else cache_service_pb2_grpc.CacheServiceStub(channel)
        self._budget_s = budget_s

    async def get(self, key: str, budget_s: float) -> Any | None:
        """Return a verdict that answers a call with this budget, None otherwise."""
        if self._stub is None:
            return None
        request = cache_service_pb2.GetRequest(key=key, schema=SCHEMA)
        try:
            response = await self._stub.Get(request, timeout=self._budget_s)
            if not response.hit:
                return None
            stored = validation_service_pb2.Validation.FromString(response.entry.value)
        except (grpc.RpcError, BudgetSpent, DecodeError) as error:
            _LOG.info("the cache did not help", extra={"error": type(error).__name__})
            return None
        solved_with_s = stored.budget.ToNanoseconds() / 1e9
        return stored.verdict if may_reuse(stored.verdict, solved_with_s, budget_s) else None

    async def put(self, key: str, verdict: Any, budget_s: float) -> None:
        """Keep a verdict, if it is one that may ever be reused."""
        if self._stub is None or not may_reuse(verdict, budget_s, 0.0):
            return
        stored = validation_service_pb2.Validation(verdict=verdict, budget=duration(budget_s))
        entry = cache_service_pb2.Entry(
            key=key,
            value=stored.SerializeToString(deterministic=True),
            entry_class=cache_service_pb2.ENTRY_CLASS_IMMUTABLE
            if verdict.status in _REUSED
            else cache_service_pb2.ENTRY_CLASS_TTL,
            tags=["validation", f"problem/{verdict.problem_sha256}"],
            schema=SCHEMA,
            cost=verdict.solve_duration,
        )
        if verdict.status not in _REUSED:
            entry.time_to_live.FromSeconds(24 * 3600)
        try:
            await self._stub.Put(cache_service_pb2.PutRequest(entry=entry), timeout=self._budget_s)
        except (grpc.RpcError, BudgetSpent) as error:
            _LOG.info("the cache did not keep a verdict", extra={"error": type(error).__name__})
