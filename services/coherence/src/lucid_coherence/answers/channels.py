"""Requests about channels, answered."""

from typing import Final

import numpy as np
from lucid.coherence.v1 import channel_pb2, state_pb2
from lucid.coherence.v1 import coherence_service_pb2 as service

from lucid_coherence.answers.states import batch_from_message, batch_to_message
from lucid_coherence.channels import checks as channel_checks
from lucid_coherence.channels import models, twirl
from lucid_coherence.channels.channel import (
    Channel,
    Form,
    apply,
    channel_from_bytes,
    compose,
    embed,
)
from lucid_coherence.channels.checks import TOLERANCE_DEFAULT, Checks, inspect, require_channel
from lucid_coherence.channels.diamond import Distance, diamond_distance, distance_bounds
from lucid_coherence.channels.fidelity import average_gate_fidelity, entanglement_fidelity
from lucid_coherence.channels.violations import ChannelMalformed, ChannelRefused, FormUndefined
from lucid_coherence.states.batch import Limits, StateBatch
from lucid_coherence.states.physicality import Tolerances, require_physical

STATES_BYTES_MAX: Final = 2_000_000
"""Bytes of states in and out: a Choi matrix of a megabyte travels in the same message."""
CONVENTIONS: Final = (
    "columns are stacked, the first subsystem is the slowest index; the Choi matrix has the input "
    "first and trace d; the Pauli transfer matrix is Tr(P_a E(P_b)) / d"
)
_PREFIX: Final = "CHANNEL_REPRESENTATION_"


def convert_channel(request: service.ConvertChannelRequest) -> service.ConvertChannelResponse:
    """Answer ConvertChannel."""
    tolerance = request.tolerance_abs if request.HasField("tolerance_abs") else TOLERANCE_DEFAULT
    channel = _whole(request)
    twirled = twirl.pauli_twirl(channel) if request.pauli_twirl else None
    if twirled is not None:
        channel = twirled.channel
    found = inspect(channel, tolerance)
    numbers, lost = channel_checks.write(channel, _form_from(request.representation), found)
    response = service.ConvertChannelResponse(
        channel=channel_pb2.Channel(
            representation=request.representation,
            dims=channel.dims,
            data=numbers.astype("<c16", copy=False).tobytes(),
        ),
        checks=_checks_to_message(found),
        conversion_error=lost,
        notes=[CONVENTIONS],
    )
    if found.is_channel:
        response.entanglement_fidelity = entanglement_fidelity(channel)
        response.average_gate_fidelity = average_gate_fidelity(channel)
    if twirled is not None:
        response.twirl.probabilities.extend(twirled.probabilities.tolist())
        response.twirl.dropped = twirled.dropped
        response.notes.append(twirl.NOTE)
    if request.HasField("compare_with"):
        response.distance.CopyFrom(_distance(request, channel, found))
    if request.HasField("states"):
        response.states.CopyFrom(_applied(request, channel, found))
    return response


def channel_from_source(source: channel_pb2.ChannelSource, field: str) -> Channel:
    """Return a channel given by its numbers or by a model; `field` is where it stands."""
    channel = _alone(source, field)
    if source.system_dims:
        return embed(channel, tuple(source.system_dims), source.subsystem, field=field)
    if source.subsystem:
        raise ChannelMalformed(
            f"Subsystem {source.subsystem} is set without the dims of the system.",
            field=f"{field}.system_dims",
            check="SYSTEM_SET",
            subsystem=source.subsystem,
        )
    return channel


def _alone(source: channel_pb2.ChannelSource, field: str) -> Channel:
    if source.WhichOneof("source") == "channel":
        message = source.channel
        form = _form_from(message.representation)
        return channel_from_bytes(form, message.dims, message.data, field=f"{field}.channel")
    try:
        return _model(source.model)
    except ChannelRefused as refusal:
        refusal.field = f"{field}.model.{refusal.field}"
        raise


def _whole(request: service.ConvertChannelRequest) -> Channel:
    channel = channel_from_source(request.channel, "channel")
    for index, source in enumerate(request.then):
        field = f"then[{index}]"
        channel = compose(channel, channel_from_source(source, field), field=field)
    return channel


def _model(message: channel_pb2.NoiseModel) -> Channel:
    match message.WhichOneof("model"):
        case "depolarizing":
            chosen = message.depolarizing
            return models.depolarizing(chosen.probability, tuple(chosen.dims) or (2,))
        case "dephasing":
            return models.dephasing(
                message.dephasing.strength, tuple(message.dephasing.dims) or (2,)
            )
        case "bit_flip":
            return models.bit_flip(message.bit_flip)
        case "phase_flip":
            return models.phase_flip(message.phase_flip)
        case "pauli":
            return models.pauli(x=message.pauli.x, y=message.pauli.y, z=message.pauli.z)
        case "amplitude_damping":
            damping = message.amplitude_damping
            return models.generalized_amplitude_damping(damping.decay, damping.excited_population)
        case "thermal_relaxation":
            thermal = message.thermal_relaxation
            return models.thermal_relaxation(
                t1_s=thermal.t1_s,
                t2_s=thermal.t2_s,
                time_s=thermal.time_s,
                excited_population=thermal.excited_population,
            )
    raise ChannelMalformed("No model is set.", field="model", check="MODEL_SET")


def _form_from(number: int) -> Form:
    names = channel_pb2.ChannelRepresentation.DESCRIPTOR.values_by_number
    name = names[number].name.removeprefix(_PREFIX) if number in names else str(number)
    if name not in Form.__members__:
        raise FormUndefined(
            f"There is no form {name}.", field="representation", form=name, dims="any"
        )
    return Form[name]


def _distance(
    request: service.ConvertChannelRequest, channel: Channel, found: Checks
) -> channel_pb2.ChannelDistance:
    other = channel_from_source(request.compare_with, "compare_with")
    require_channel(found, field="channel")
    require_channel(inspect(other, found.tolerance), field="compare_with")
    measure = diamond_distance if request.diamond else distance_bounds
    distance: Distance = measure(channel, other, field="compare_with")
    return channel_pb2.ChannelDistance(
        low=distance.low,
        high=distance.high,
        rounding=distance.rounding,
        method=distance.method,
    )


def _applied(
    request: service.ConvertChannelRequest, channel: Channel, found: Checks
) -> state_pb2.StateBatch:
    require_channel(found, field="channel")
    batch = batch_from_message(request.states, Limits(bytes_max=STATES_BYTES_MAX))
    if batch.dims != channel.dims:
        raise ChannelMalformed(
            f"The states have dims {list(batch.dims)}, the channel {list(channel.dims)}.",
            field="states.dims",
            check="SAME_DIMS",
            dims="x".join(map(str, channel.dims)),
            other_dims="x".join(map(str, batch.dims)),
        )
    require_physical(batch, Tolerances(), field="states")
    image = np.ascontiguousarray(apply(channel, batch.matrices))
    return batch_to_message(StateBatch(batch.dims, image))


def _checks_to_message(found: Checks) -> channel_pb2.ChannelChecks:
    return channel_pb2.ChannelChecks(
        tolerance_abs=found.tolerance,
        hermiticity_error=found.hermiticity_error,
        min_choi_eigenvalue=found.smallest_choi_eigenvalue,
        eigenvalue_rounding=found.eigenvalue_rounding,
        trace_preservation_error=found.trace_preservation_error,
        unitality_error=found.unitality_error,
        is_completely_positive=found.is_completely_positive,
        is_trace_preserving=found.is_trace_preserving,
        is_unital=found.is_unital,
        rank=found.rank,
    )
