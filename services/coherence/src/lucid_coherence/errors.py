"""The table of the coherence service's errors: the only place that knows codes and reasons."""

from typing import Any, Final

from grpc import StatusCode
from lucid_rpc.errors import ErrorEntry, ErrorTable
from lucid_rpc.status import Precondition, Quota, Resource
from lucid_store.faults import StoreBusy, StoreFault, StoreFull
from lucid_store.idempotency import RequestIdReused

from lucid_coherence import refusals
from lucid_coherence.channels import violations as channels
from lucid_coherence.correction import violations as correction
from lucid_coherence.noise import violations as noise
from lucid_coherence.open_systems import violations as systems
from lucid_coherence.preferences import violations as preferences
from lucid_coherence.states import violations as states

DOMAIN: Final = "coherence.lucid"
_CARRIER: Final = "coherence.lucid/Carrier"


def _facts(error: Any) -> dict[str, str]:
    return dict(error.metadata)


def _field(error: Any) -> str:
    return str(error.field)


def _invalid(reason: str, code: StatusCode = StatusCode.INVALID_ARGUMENT) -> ErrorEntry:
    return ErrorEntry(code, reason, metadata=_facts, field=_field)


def _limit() -> ErrorEntry:
    return ErrorEntry(
        StatusCode.RESOURCE_EXHAUSTED,
        "LIMIT_EXCEEDED",
        metadata=_facts,
        field=_field,
        quota=lambda error: Quota(error.metadata["limit"], str(error)),
    )


def _forbidden(reason: str, subject: str = "system") -> ErrorEntry:
    return ErrorEntry(
        StatusCode.FAILED_PRECONDITION,
        reason,
        metadata=_facts,
        precondition=lambda error: Precondition(reason, subject, str(error)),
    )


def _missing(reason: str, code: StatusCode = StatusCode.NOT_FOUND) -> ErrorEntry:
    return ErrorEntry(
        code,
        reason,
        metadata=_facts,
        resource=lambda error: Resource(_CARRIER, error.metadata["name"]),
    )


def _store(reason: str, code: StatusCode, retry_after_s: float) -> ErrorEntry:
    return ErrorEntry(code, reason, retry_after_s=lambda _: retry_after_s)


ERRORS: Final = ErrorTable(
    DOMAIN,
    {
        states.BatchMalformed: _invalid("STATE_LAYOUT_INVALID"),
        systems.OperatorMalformed: _invalid("STATE_LAYOUT_INVALID"),
        states.StateUnphysical: _invalid("STATE_NOT_PHYSICAL"),
        states.MeasureUndefined: _invalid("MEASURE_NOT_APPLICABLE", StatusCode.OUT_OF_RANGE),
        states.CutInvalid: _invalid("MEASURE_NOT_APPLICABLE"),
        states.ToleranceOutOfRange: _invalid("NUMBER_INVALID"),
        states.RenyiOrderInvalid: _invalid("NUMBER_INVALID"),
        states.BatchTooLarge: _limit(),
        systems.OutputTooLarge: _limit(),
        systems.WorkTooLarge: _limit(),
        systems.AccuracyNotReached: _limit(),
        states.ProjectionTooFar: _forbidden("PROJECTION_TOO_FAR"),
        systems.RatesUnphysical: _forbidden("RATES_NOT_PHYSICAL"),
        systems.TimesNotRising: _invalid("TIMES_NOT_RISING"),
        systems.NumberUnreadable: _invalid("NUMBER_INVALID"),
        systems.ModelUnsupported: _forbidden("MODEL_NOT_SUPPORTED"),
        systems.ThresholdNotBelowStart: _forbidden("THRESHOLD_NOT_BELOW_START"),
        systems.DegreeExhausted: _forbidden("HORIZON_NOT_CERTIFIED"),
        preferences.SeedFeatureInvalid: _invalid("SEED_FEATURE_INVALID"),
        preferences.PreferenceTooLarge: _limit(),
        preferences.FeedbackImpossible: _forbidden("FEEDBACK_IMPOSSIBLE", "preferences"),
        channels.ChannelMalformed: _invalid("CHANNEL_LAYOUT_INVALID"),
        channels.ChannelTooLarge: _limit(),
        channels.FormUndefined: _invalid("CHANNEL_FORM_NOT_APPLICABLE", StatusCode.OUT_OF_RANGE),
        channels.ChannelUnphysical: _invalid("CHANNEL_NOT_PHYSICAL"),
        channels.StrengthOutOfRange: _invalid("NUMBER_INVALID"),
        channels.RelaxationUnphysical: _forbidden("RATES_NOT_PHYSICAL", "thermal_relaxation"),
        channels.SolverMissing: _forbidden("EXTRA_NOT_INSTALLED", "diamond"),
        noise.DataMalformed: _invalid("DATA_INVALID"),
        noise.DataTooLarge: _limit(),
        noise.NotIdentified: _invalid("DATA_NOT_IDENTIFYING", StatusCode.FAILED_PRECONDITION),
        correction.CodeUnknown: _invalid("CODE_UNKNOWN"),
        correction.CircuitInvalid: _invalid("CIRCUIT_INVALID"),
        correction.CombinationUnsupported: _invalid("COMBINATION_NOT_SUPPORTED"),
        correction.SyndromesMalformed: _invalid("SYNDROMES_INVALID"),
        correction.ParameterOutOfRange: _invalid("NUMBER_INVALID"),
        correction.CorrectionTooLarge: _limit(),
        refusals.HorizonTooShort: _forbidden("HORIZON_TOO_SHORT"),
        refusals.HorizonNotCertified: _forbidden("HORIZON_NOT_CERTIFIED"),
        refusals.ValidationUnavailable: ErrorEntry(
            StatusCode.UNAVAILABLE, "VALIDATION_UNAVAILABLE", retry_after_s=lambda _: 1.0
        ),
        refusals.CarrierNotFound: _missing("CARRIER_NOT_FOUND"),
        refusals.CarrierAlreadyExists: _missing(
            "CARRIER_ALREADY_EXISTS", StatusCode.ALREADY_EXISTS
        ),
        refusals.CarrierDiscarded: _missing("CARRIER_DISCARDED", StatusCode.FAILED_PRECONDITION),
        refusals.CheckpointNotFound: _missing("CHECKPOINT_NOT_FOUND"),
        RequestIdReused: ErrorEntry(
            StatusCode.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            metadata=lambda error: {"request_id": error.request_id},
            field=lambda _: "request_id",
        ),
        StoreBusy: _store("STORE_BUSY", StatusCode.UNAVAILABLE, 0.2),
        StoreFull: _store("STORE_FULL", StatusCode.RESOURCE_EXHAUSTED, 30.0),
        StoreFault: _store("STORE_UNAVAILABLE", StatusCode.UNAVAILABLE, 1.0),
    },
)
"""Every refusal of the domain and every fault of the store, with its code and reason."""
