"""Messages to domain and back, and nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.protobuf.timestamp_pb2 import Timestamp
from lucid.dream.v1 import consent_pb2, dream_service_pb2, session_pb2
from lucid.validation.v1 import problem_pb2

from lucid_dream.journal import from_us
from lucid_dream.refusals import CapNotUsable, TimeZoneUnknown
from lucid_dream.saga.compose import CapInvalid, decimal_text
from lucid_dream.saga.consent import Consent, Level, Scope, VendorSharing
from lucid_dream.saga.readiness import Readiness, ReadinessInputs, Verdict
from lucid_dream.saga.states import TERMINAL, Mode, SessionState

_P = problem_pb2
_CAP_CHARACTERS_MAX = 32

FLOW_OF_KIND: Mapping[int, str] = {
    _P.CERTIFICATE_KIND_EVERYWHERE: "everywhere",
    _P.CERTIFICATE_KIND_STRICT_LEVEL_SET: "boundary_strict",
    _P.CERTIFICATE_KIND_WEAK_LEVEL_SET: "boundary_weak",
    _P.CERTIFICATE_KIND_EXPONENTIAL: "exponential",
    _P.CERTIFICATE_KIND_INVARIANT: "invariant",
}
"""The kinds of continuous time that have one barrier, which is what a monitor can watch."""


class ModelNotUsable(Exception):
    """A seed's model has no single barrier of continuous time that could be watched."""


def timestamp(moment: datetime | None) -> Timestamp | None:
    """Return a Timestamp, or None for None."""
    if moment is None:
        return None
    message = Timestamp()
    message.FromDatetime(moment.astimezone(UTC))
    return message


def moment_of(message: Any, field: str) -> datetime | None:
    """Return the aware instant in a Timestamp field, or None where it is unset."""
    if not message.HasField(field):
        return None
    found: datetime = getattr(message, field).ToDatetime(tzinfo=UTC)
    return found


def parse_cap(text: str, field: str) -> Fraction:
    """Return the cap in a field.

    Raises:
        CapNotUsable: It is not an exact decimal above 0, at most 1.
    """
    plain = text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdecimal()
    if not plain or len(text) > _CAP_CHARACTERS_MAX:
        raise CapNotUsable(field, text[:_CAP_CHARACTERS_MAX])
    cap = Fraction(text)
    try:
        decimal_text(cap)
    except CapInvalid:
        raise CapNotUsable(field, text) from None
    return cap


def zone_of(name: str) -> Any:
    """Return the time zone of this name; empty means UTC.

    Raises:
        TimeZoneUnknown: There is none of this name.
    """
    if name in ("", "UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimeZoneUnknown(name) from None


def consent_from_message(message: consent_pb2.Consent, consent_id: str, now: datetime) -> Consent:
    """Return the consent that somebody asks to record now."""
    return Consent(
        id=consent_id,
        level=Level[consent_pb2.ConsentLevel.Name(message.level).removeprefix("CONSENT_LEVEL_")],
        scope=Scope[consent_pb2.ConsentScope.Name(message.scope).removeprefix("CONSENT_SCOPE_")],
        granted_at=now,
        subject=message.subject,
        sharing=_sharing(message.vendor_sharing),
        data_sources=tuple(message.data_sources),
        expires_at=moment_of(message, "expire_time"),
    )


def consent_to_message(user_id: str, consent: Consent) -> consent_pb2.Consent:
    """Return a recorded consent as a message."""
    return consent_pb2.Consent(
        name=f"users/{user_id}/consents/{consent.id}",
        level=f"CONSENT_LEVEL_{consent.level.name}",
        scope=f"CONSENT_SCOPE_{consent.scope.name}",
        subject=consent.subject,
        vendor_sharing=f"VENDOR_SHARING_{consent.sharing.name}",
        data_sources=consent.data_sources,
        expire_time=timestamp(consent.expires_at),
        is_revoked=consent.revoked_at is not None,
        grant_time=timestamp(consent.granted_at),
        revoke_time=timestamp(consent.revoked_at),
        epoch=consent.epoch,
    )


def _sharing(value: int) -> VendorSharing:
    name = consent_pb2.VendorSharing.Name(value).removeprefix("VENDOR_SHARING_")
    return VendorSharing.NONE if name == "UNSPECIFIED" else VendorSharing[name]


def inputs_from_message(
    message: session_pb2.ReadinessInputs, time_zone: str, now: datetime
) -> ReadinessInputs:
    """Return readiness inputs; the local time comes from the user's time zone.

    Where 0 would speak against a person (mood, control, calm, stability) it means "not measured":
    the wire cannot tell it from an absent field.
    """
    local = now.astimezone(zone_of(time_zone))
    return ReadinessInputs(
        observed_at=moment_of(message, "measure_time"),
        local_minute=local.hour * 60 + local.minute,
        stress=message.stress,
        attention=message.attention,
        valence=message.valence or None,
        arousal=message.arousal,
        dominance=message.dominance or None,
        calm=message.calm or None,
        joy=message.joy,
        longing=message.longing,
        focus=message.focus,
        stability=message.stability or None,
        dream_residue=message.dream_residue,
    )


def readiness_to_message(readiness: Readiness) -> session_pb2.Readiness:
    """Return what the filter said as a message."""
    allowed = readiness.verdict in (Verdict.ALLOW, Verdict.TRANSFORM)
    return session_pb2.Readiness(
        decision=f"READINESS_DECISION_{readiness.verdict.name}",
        intensity_cap=decimal_text(readiness.cap) if allowed else "0",
        reasons=readiness.reasons,
        defer_until=timestamp(readiness.until),
    )


def state_to_message(state: SessionState) -> Any:
    """Return the enum value of a state."""
    return session_pb2.SessionState.Value(f"SESSION_STATE_{state.name}")


def state_from_message(state: int) -> SessionState:
    """Return the state of an enum value."""
    name = session_pb2.SessionState.Name(state)
    return SessionState[name.removeprefix("SESSION_STATE_")]


def mode_from_message(session: session_pb2.Session) -> Mode:
    """Return the mode that is asked for: BASIC when said so or when no seed is named."""
    basic = session.mode == session_pb2.SESSION_MODE_BASIC or not session.seed
    return Mode.BASIC if basic else Mode.FULL


def mode_to_message(mode: Mode) -> Any:
    """Return the enum value of a mode."""
    return session_pb2.SessionMode.Value(f"SESSION_MODE_{mode.name}")


def watch_event(
    session: session_pb2.Session, step: session_pb2.StepRecord | None, at_us: int, message: str
) -> bytes:
    """Return the bytes of a session's event, without its sequence."""
    state = state_from_message(session.state)
    event = dream_service_pb2.WatchSessionResponse(
        event_time=timestamp(from_us(at_us)),
        state=session.state,
        step=step,
        message=message,
        terminal=is_terminal(state),
    )
    return event.SerializeToString()


def is_terminal(state: SessionState) -> bool:
    """Return whether this state is never left."""
    return state in TERMINAL


def problem_from_message(message: problem_pb2.Problem) -> dict[str, Any]:
    """Return a problem as the JSON object of the evidence format.

    Raises:
        ModelNotUsable: The certificate is not one barrier of continuous time.
    """
    system, certificate = message.system, message.certificate
    continuous = system.time_kind in (_P.TIME_KIND_UNSPECIFIED, _P.TIME_KIND_CONTINUOUS)
    if certificate.kind not in FLOW_OF_KIND or not continuous:
        raise ModelNotUsable("a seed's model needs one barrier in continuous time")
    return {
        "kind": "continuous",
        "vars": list(system.variables),
        "parameters": list(system.parameters),
        "dynamics": dict(system.dynamics),
        "domain": [_formula(each) for each in system.domain] or None,
        "init": _formula(message.initial),
        "unsafe": _formula(message.unsafe),
        "certificate": {
            "type": "barrier",
            "expr": certificate.barrier or None,
            "lambda": certificate.rate or None,
            "cuts": None,
            "formula": _formula(certificate.formula) if certificate.HasField("formula") else None,
            "original_invariant": [_formula(each) for each in certificate.original_invariant]
            or None,
        },
        "flow_condition": FLOW_OF_KIND[certificate.kind],
    }


def problem_to_message(document: Mapping[str, Any]) -> problem_pb2.Problem:
    """Return the message of a problem that `problem_from_message` wrote."""
    certificate = document["certificate"]
    kind = {flow: kind for kind, flow in FLOW_OF_KIND.items()}[document["flow_condition"]]
    formula = certificate["formula"]
    return _P.Problem(
        system=_P.System(
            time_kind=_P.TIME_KIND_CONTINUOUS,
            variables=document["vars"],
            parameters=document["parameters"],
            dynamics=document["dynamics"],
            domain=[_formula_message(each) for each in document["domain"] or []],
        ),
        initial=_formula_message(document["init"]),
        unsafe=_formula_message(document["unsafe"]),
        certificate=_P.Certificate(
            kind=kind,  # type: ignore[arg-type]
            barrier=certificate["expr"] or "",
            rate=certificate["lambda"] or "",
            formula=None if formula is None else _formula_message(formula),
            original_invariant=[
                _formula_message(each) for each in certificate["original_invariant"] or []
            ],
        ),
    )


def _formula(formula: problem_pb2.Formula) -> Any:
    match formula.WhichOneof("form"):
        case "atom":
            return formula.atom
        case "all":
            return {"and": [_formula(each) for each in formula.all.formulas]}
        case "any":
            return {"or": [_formula(each) for each in formula.any.formulas]}
        case _:
            return None


def _formula_message(formula: Any) -> problem_pb2.Formula:
    if isinstance(formula, str):
        return _P.Formula(atom=formula)
    connective, children = next(iter(formula.items()))
    parts = _P.FormulaList(formulas=[_formula_message(each) for each in children])
    return _P.Formula(all=parts) if connective == "and" else _P.Formula(any=parts)
