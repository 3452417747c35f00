"""Seeds, their events and verdicts as messages, both ways, and nothing else."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Final

from google.protobuf import duration_pb2, json_format
from lucid.coherence.v1 import evolution_pb2
from lucid.validation.v1 import verdict_pb2
from lucid.vendor.v1 import seed_pb2, seed_service_pb2

from lucid_vendor.convert import merge, time_of, timestamp_of
from lucid_vendor.convert_model import document_from_problem, problem_from_document
from lucid_vendor.vendors.content import Carrier, Content, Offer, Phase, SeedType, SessionType
from lucid_vendor.vendors.model import parse_model, parse_unit_decimal
from lucid_vendor.vendors.refusals import SeedInvalid
from lucid_vendor.vendors.seed import Seed, SeedEvent, SeedState
from lucid_vendor.vendors.verdict import Counterexample, VerdictRecord, VerdictStatus

SEED_FIELDS: Final = (
    "title",
    "seed_type",
    "session_types",
    "phases",
    "model",
    "intensity_cap",
    "carrier",
    "narrative",
    "disclosure",
    "min_age",
    "offer",
    "expire_time",
)
"""What an update may change."""


def content_from_message(message: seed_pb2.Seed) -> Content:
    """Return what a vendor wrote. Raises `SeedInvalid` for a model or cap that cannot be."""
    offer, carrier = message.offer, message.carrier
    return Content(
        title=message.title,
        narrative=message.narrative,
        seed_type=SeedType(seed_pb2.SeedType.Name(message.seed_type).removeprefix("SEED_TYPE_")),
        session_types=tuple(
            _session_type(each, index) for index, each in enumerate(message.session_types)
        ),
        phases=tuple(_phase(each) for each in message.phases),
        model=parse_model(document_from_problem(message.model)),
        intensity_cap=parse_unit_decimal(message.intensity_cap, "seed.intensity_cap"),
        disclosure=message.disclosure,
        min_age=message.min_age,
        offer=Offer(offer.product, offer.price_minor, offer.currency, offer.url)
        if message.HasField("offer")
        else None,
        carrier=Carrier(_system_text(carrier.system), carrier.theta, carrier.initial_coherence)
        if message.HasField("carrier")
        else None,
        expires_at=time_of(message.expire_time) if message.HasField("expire_time") else None,
    )


def seed_change(request: seed_service_pb2.UpdateSeedRequest) -> Callable[[Seed], Content]:
    """Return what an update makes of a seed.

    When applied it raises `UpdateMaskInvalid` or `SeedInvalid`.
    """

    def change(seed: Seed) -> Content:
        current = seed_to_message(seed)
        return content_from_message(merge(current, request.seed, request.update_mask, SEED_FIELDS))

    return change


def seed_to_message(seed: Seed) -> seed_pb2.Seed:
    """Return a version of a seed as its resource."""
    content = seed.content
    return seed_pb2.Seed(
        name=seed.name,
        version=seed.version,
        title=content.title,
        seed_type=f"SEED_TYPE_{content.seed_type}",
        session_types=[f"SESSION_TYPE_{each}" for each in content.session_types],
        phases=[_phase_message(each) for each in content.phases],
        model=problem_from_document(content.model.document()),
        intensity_cap=content.intensity_cap,
        carrier=_carrier_message(content.carrier),
        narrative=content.narrative,
        disclosure=content.disclosure,
        min_age=content.min_age,
        offer=_offer_message(content.offer),
        expire_time=timestamp_of(content.expires_at),
        state=f"SEED_STATE_{seed.state}",
        certification=_certification(seed),
        create_time=timestamp_of(seed.created_at),
        update_time=timestamp_of(seed.updated_at),
        etag=seed.etag,
    )


def state_from_message(state: int) -> SeedState | None:
    """Return a state to filter by; unset means every state."""
    if state == seed_pb2.SEED_STATE_UNSPECIFIED:
        return None
    name = seed_pb2.SeedState.Name(state)
    return SeedState(name.removeprefix("SEED_STATE_"))


def event_to_message(event: SeedEvent) -> seed_service_pb2.WatchSeedResponse:
    """Return something that happened to a seed."""
    return seed_service_pb2.WatchSeedResponse(
        sequence=event.sequence,
        event_time=timestamp_of(event.occurred_at),
        version=event.version,
        state=f"SEED_STATE_{event.state}",
        message=event.message,
    )


def verdict_from_message(
    verdict: verdict_pb2.Verdict, *, certified_digest: str, now: datetime
) -> VerdictRecord:
    """Return a verdict as the portal keeps it, tied to the contents that were asked about."""
    return VerdictRecord(
        status=_status(verdict),
        implies_safety=verdict.safety.implies_safety,
        certified_digest=certified_digest,
        problem_sha256=verdict.problem_sha256,
        decided_at=time_of(verdict.decide_time) if verdict.HasField("decide_time") else now,
        verdict_name=verdict.name,
        evidence_name=verdict.evidence,
        theorem=verdict.safety.theorem,
        missing=tuple(verdict.safety.missing),
        reason=verdict.reason,
        method_set_version=verdict.method_set_version,
        counterexample=_counterexample(verdict),
    )


def _status(verdict: verdict_pb2.Verdict) -> VerdictStatus:
    """Return the status; one that this release does not know claims nothing."""
    known = verdict_pb2.VerdictStatus.DESCRIPTOR.values_by_number.get(verdict.status)
    name = known.name.removeprefix("VERDICT_STATUS_") if known else ""
    return VerdictStatus(name) if name in VerdictStatus.__members__ else VerdictStatus.ERROR


def _session_type(value: int, index: int) -> SessionType:
    known = seed_pb2.SessionType.DESCRIPTOR.values_by_number.get(value)
    name = known.name.removeprefix("SESSION_TYPE_") if known else ""
    if name not in SessionType.__members__:
        raise SeedInvalid(
            f"seed.session_types[{index}]", "SESSION_TYPE", "must be LUCID, GUIDED or FREE."
        )
    return SessionType(name)


def _phase(phase: seed_pb2.Phase) -> Phase:
    seconds = phase.duration.seconds + phase.duration.nanos / 1e9
    return Phase(phase.phase, seconds, phase.intensity, phase.cue)


def _phase_message(phase: Phase) -> seed_pb2.Phase:
    duration = duration_pb2.Duration()
    duration.FromNanoseconds(round(phase.duration_s * 1e9))
    return seed_pb2.Phase(
        phase=phase.name, duration=duration, intensity=phase.intensity, cue=phase.cue
    )


def _offer_message(offer: Offer | None) -> seed_pb2.Offer | None:
    if offer is None:
        return None
    return seed_pb2.Offer(
        product=offer.product, price_minor=offer.price_minor, currency=offer.currency, url=offer.url
    )


def _system_text(system: evolution_pb2.OpenSystem) -> str:
    declared = json_format.MessageToDict(system, preserving_proto_field_name=True)
    return json.dumps(declared, sort_keys=True, separators=(",", ":"))


def _carrier_message(carrier: Carrier | None) -> seed_pb2.CarrierDeclaration | None:
    if carrier is None:
        return None
    return seed_pb2.CarrierDeclaration(
        system=json_format.Parse(carrier.system, evolution_pb2.OpenSystem()),
        theta=carrier.theta,
        initial_coherence=carrier.initial_coherence,
    )


def _certification(seed: Seed) -> seed_pb2.Certification | None:
    verdict = seed.verdict
    if verdict is None:
        return None
    is_open = seed.state in {SeedState.REJECTED, SeedState.NEEDS_REVIEW}
    return seed_pb2.Certification(
        status=f"VERDICT_STATUS_{verdict.status}",
        implies_safety=verdict.implies_safety,
        verdict=verdict.verdict_name,
        evidence=verdict.evidence_name,
        model_sha256=verdict.problem_sha256,
        reasons=[seed.reason] if is_open else [],
        counterexample=_witness_message(verdict.counterexample),
        decide_time=timestamp_of(verdict.decided_at),
    )


def _counterexample(verdict: verdict_pb2.Verdict) -> Counterexample | None:
    for result in verdict.obligations:
        if result.status == verdict_pb2.VERDICT_STATUS_REFUTED and result.HasField("witness"):
            witness, segment = result.witness, result.witness.segment
            is_point = witness.WhichOneof("form") == "point"
            start = witness.point.values if is_point else getattr(segment, "from")
            return Counterexample(
                obligation=witness.obligation or result.obligation,
                values=tuple(sorted(start.items())),
                end=() if is_point else tuple(sorted(segment.to.items())),
                explanation=witness.explanation,
            )
    return None


def _witness_message(example: Counterexample | None) -> verdict_pb2.Witness | None:
    if example is None:
        return None
    witness = verdict_pb2.Witness(obligation=example.obligation, explanation=example.explanation)
    if example.end:
        getattr(witness.segment, "from").update(example.values)
        witness.segment.to.update(example.end)
    else:
        witness.point.values.update(example.values)
    return witness
