"""States and systems of pictures on their way to the coherence service and back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from google.protobuf import json_format
from lucid.coherence.v1 import coherence_service_pb2 as api
from lucid.coherence.v1 import evolution_pb2, state_pb2

from lucid_cli.coherence_plot_style import NotDrawable

Shown = tuple[str, dict[str, Any]]
"""What a picture shows, in words and as numbers."""


def system_of(entry: Mapping[str, Any]) -> evolution_pb2.OpenSystem:
    """Return the system of a file; raises NotDrawable where it is no message."""
    try:
        return json_format.ParseDict(dict(entry), evolution_pb2.OpenSystem())
    except json_format.ParseError as error:
        raise NotDrawable(f"system: {error}") from None


def batch_of(matrices: Any, dims: Sequence[int]) -> state_pb2.StateBatch:
    """Return (count, d, d) states as a message."""
    data = np.ascontiguousarray(matrices, dtype="<c16")
    return state_pb2.StateBatch(count=len(data), dims=dims, data=data.tobytes())


async def evolved(
    stub: Any, states: state_pb2.StateBatch, system: evolution_pb2.OpenSystem, times_s: Any
) -> tuple[Any, float]:
    """Return states as (times, starts, d, d), and the largest bound on their error."""
    d = int(np.prod(states.dims))
    request = api.EvolveStatesRequest(states=states, system=system, times_s=times_s.tolist())
    parts, bound = [], 0.0
    async for chunk in stub.EvolveStates(request):
        parts.append(np.frombuffer(chunk.states.data, dtype="<c16").reshape(-1, d, d))
        bound = max(bound, chunk.error_bound)
    return np.concatenate(parts).reshape(len(times_s), states.count, d, d), bound
