import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.longrunning import operations_pb2 as _operations_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from lucid.validation.v1 import problem_pb2 as _problem_pb2
from lucid.validation.v1 import verdict_pb2 as _verdict_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ValidationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VALIDATION_STATE_UNSPECIFIED: _ClassVar[ValidationState]
    VALIDATION_STATE_QUEUED: _ClassVar[ValidationState]
    VALIDATION_STATE_RUNNING: _ClassVar[ValidationState]
    VALIDATION_STATE_SUCCEEDED: _ClassVar[ValidationState]
    VALIDATION_STATE_FAILED: _ClassVar[ValidationState]
    VALIDATION_STATE_CANCELLED: _ClassVar[ValidationState]

class SynthesisOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SYNTHESIS_OUTCOME_UNSPECIFIED: _ClassVar[SynthesisOutcome]
    SYNTHESIS_OUTCOME_FOUND: _ClassVar[SynthesisOutcome]
    SYNTHESIS_OUTCOME_DEGREE_EXHAUSTED: _ClassVar[SynthesisOutcome]
    SYNTHESIS_OUTCOME_BUDGET_EXHAUSTED: _ClassVar[SynthesisOutcome]
    SYNTHESIS_OUTCOME_IMPOSSIBLE: _ClassVar[SynthesisOutcome]
VALIDATION_STATE_UNSPECIFIED: ValidationState
VALIDATION_STATE_QUEUED: ValidationState
VALIDATION_STATE_RUNNING: ValidationState
VALIDATION_STATE_SUCCEEDED: ValidationState
VALIDATION_STATE_FAILED: ValidationState
VALIDATION_STATE_CANCELLED: ValidationState
SYNTHESIS_OUTCOME_UNSPECIFIED: SynthesisOutcome
SYNTHESIS_OUTCOME_FOUND: SynthesisOutcome
SYNTHESIS_OUTCOME_DEGREE_EXHAUSTED: SynthesisOutcome
SYNTHESIS_OUTCOME_BUDGET_EXHAUSTED: SynthesisOutcome
SYNTHESIS_OUTCOME_IMPOSSIBLE: SynthesisOutcome

class ValidateCertificateRequest(_message.Message):
    __slots__ = ("problem", "budget", "skip_cache")
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    SKIP_CACHE_FIELD_NUMBER: _ClassVar[int]
    problem: _problem_pb2.Problem
    budget: _duration_pb2.Duration
    skip_cache: bool
    def __init__(self, problem: _Optional[_Union[_problem_pb2.Problem, _Mapping]] = ..., budget: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., skip_cache: _Optional[bool] = ...) -> None: ...

class ValidateCertificateResponse(_message.Message):
    __slots__ = ("verdict",)
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    verdict: _verdict_pb2.Verdict
    def __init__(self, verdict: _Optional[_Union[_verdict_pb2.Verdict, _Mapping]] = ...) -> None: ...

class BatchValidateCertificatesRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[BatchItem]
    def __init__(self, items: _Optional[_Iterable[_Union[BatchItem, _Mapping]]] = ...) -> None: ...

class BatchItem(_message.Message):
    __slots__ = ("item_id", "problem", "budget", "traceparent")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    problem: _problem_pb2.Problem
    budget: _duration_pb2.Duration
    traceparent: str
    def __init__(self, item_id: _Optional[str] = ..., problem: _Optional[_Union[_problem_pb2.Problem, _Mapping]] = ..., budget: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., traceparent: _Optional[str] = ...) -> None: ...

class BatchItemResult(_message.Message):
    __slots__ = ("item_id", "verdict", "error")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    verdict: _verdict_pb2.Verdict
    error: _status_pb2.Status
    def __init__(self, item_id: _Optional[str] = ..., verdict: _Optional[_Union[_verdict_pb2.Verdict, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class BatchValidateCertificatesResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[BatchItemResult]
    def __init__(self, results: _Optional[_Iterable[_Union[BatchItemResult, _Mapping]]] = ...) -> None: ...

class StreamValidateCertificatesRequest(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: BatchItem
    def __init__(self, item: _Optional[_Union[BatchItem, _Mapping]] = ...) -> None: ...

class StreamValidateCertificatesResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: BatchItemResult
    def __init__(self, result: _Optional[_Union[BatchItemResult, _Mapping]] = ...) -> None: ...

class Validation(_message.Message):
    __slots__ = ("name", "problem", "budget", "state", "verdict", "create_time", "update_time", "operation", "synthesis")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    SYNTHESIS_FIELD_NUMBER: _ClassVar[int]
    name: str
    problem: _problem_pb2.Problem
    budget: _duration_pb2.Duration
    state: ValidationState
    verdict: _verdict_pb2.Verdict
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    operation: str
    synthesis: Synthesis
    def __init__(self, name: _Optional[str] = ..., problem: _Optional[_Union[_problem_pb2.Problem, _Mapping]] = ..., budget: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., state: _Optional[_Union[ValidationState, str]] = ..., verdict: _Optional[_Union[_verdict_pb2.Verdict, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., operation: _Optional[str] = ..., synthesis: _Optional[_Union[Synthesis, _Mapping]] = ...) -> None: ...

class Synthesis(_message.Message):
    __slots__ = ("outcome", "reason", "degree", "iterations", "counterexamples", "margin", "learner", "state")
    class StateEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DEGREE_FIELD_NUMBER: _ClassVar[int]
    ITERATIONS_FIELD_NUMBER: _ClassVar[int]
    COUNTEREXAMPLES_FIELD_NUMBER: _ClassVar[int]
    MARGIN_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    outcome: SynthesisOutcome
    reason: str
    degree: int
    iterations: int
    counterexamples: int
    margin: float
    learner: str
    state: _containers.ScalarMap[str, str]
    def __init__(self, outcome: _Optional[_Union[SynthesisOutcome, str]] = ..., reason: _Optional[str] = ..., degree: _Optional[int] = ..., iterations: _Optional[int] = ..., counterexamples: _Optional[int] = ..., margin: _Optional[float] = ..., learner: _Optional[str] = ..., state: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ValidationMetadata(_message.Message):
    __slots__ = ("validation", "state", "decided_obligations", "total_obligations", "synthesis")
    VALIDATION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DECIDED_OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    SYNTHESIS_FIELD_NUMBER: _ClassVar[int]
    validation: str
    state: ValidationState
    decided_obligations: int
    total_obligations: int
    synthesis: Synthesis
    def __init__(self, validation: _Optional[str] = ..., state: _Optional[_Union[ValidationState, str]] = ..., decided_obligations: _Optional[int] = ..., total_obligations: _Optional[int] = ..., synthesis: _Optional[_Union[Synthesis, _Mapping]] = ...) -> None: ...

class CreateValidationRequest(_message.Message):
    __slots__ = ("validation_id", "validation", "request_id")
    VALIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    validation_id: str
    validation: Validation
    request_id: str
    def __init__(self, validation_id: _Optional[str] = ..., validation: _Optional[_Union[Validation, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetValidationRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListValidationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListValidationsResponse(_message.Message):
    __slots__ = ("validations", "next_page_token")
    VALIDATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    validations: _containers.RepeatedCompositeFieldContainer[Validation]
    next_page_token: str
    def __init__(self, validations: _Optional[_Iterable[_Union[Validation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchValidationRequest(_message.Message):
    __slots__ = ("name", "after_sequence")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    after_sequence: int
    def __init__(self, name: _Optional[str] = ..., after_sequence: _Optional[int] = ...) -> None: ...

class WatchValidationResponse(_message.Message):
    __slots__ = ("sequence", "event_time", "heartbeat", "state", "obligation", "progress", "message", "terminal", "verdict", "synthesis")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OBLIGATION_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    SYNTHESIS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    event_time: _timestamp_pb2.Timestamp
    heartbeat: bool
    state: ValidationState
    obligation: _verdict_pb2.ObligationResult
    progress: float
    message: str
    terminal: bool
    verdict: _verdict_pb2.Verdict
    synthesis: Synthesis
    def __init__(self, sequence: _Optional[int] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., heartbeat: _Optional[bool] = ..., state: _Optional[_Union[ValidationState, str]] = ..., obligation: _Optional[_Union[_verdict_pb2.ObligationResult, _Mapping]] = ..., progress: _Optional[float] = ..., message: _Optional[str] = ..., terminal: _Optional[bool] = ..., verdict: _Optional[_Union[_verdict_pb2.Verdict, _Mapping]] = ..., synthesis: _Optional[_Union[Synthesis, _Mapping]] = ...) -> None: ...

class GetVerdictRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetEvidenceRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class CheckEvidenceRequest(_message.Message):
    __slots__ = ("problem_document", "evidence_name", "evidence_document")
    PROBLEM_DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_NAME_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    problem_document: str
    evidence_name: str
    evidence_document: str
    def __init__(self, problem_document: _Optional[str] = ..., evidence_name: _Optional[str] = ..., evidence_document: _Optional[str] = ...) -> None: ...

class CheckEvidenceResponse(_message.Message):
    __slots__ = ("accepted", "obligations", "implies_safety", "theorem", "reasons", "checker_version")
    class ObligationsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    IMPLIES_SAFETY_FIELD_NUMBER: _ClassVar[int]
    THEOREM_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    CHECKER_VERSION_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    obligations: _containers.ScalarMap[str, str]
    implies_safety: bool
    theorem: str
    reasons: _containers.RepeatedScalarFieldContainer[str]
    checker_version: str
    def __init__(self, accepted: _Optional[bool] = ..., obligations: _Optional[_Mapping[str, str]] = ..., implies_safety: _Optional[bool] = ..., theorem: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ..., checker_version: _Optional[str] = ...) -> None: ...

class ExplainPlanRequest(_message.Message):
    __slots__ = ("problem",)
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    problem: _problem_pb2.Problem
    def __init__(self, problem: _Optional[_Union[_problem_pb2.Problem, _Mapping]] = ...) -> None: ...

class PlanStep(_message.Message):
    __slots__ = ("obligation", "order", "method", "rationale", "success_share", "expected_seconds")
    OBLIGATION_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    RATIONALE_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_SHARE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_SECONDS_FIELD_NUMBER: _ClassVar[int]
    obligation: str
    order: int
    method: str
    rationale: str
    success_share: float
    expected_seconds: float
    def __init__(self, obligation: _Optional[str] = ..., order: _Optional[int] = ..., method: _Optional[str] = ..., rationale: _Optional[str] = ..., success_share: _Optional[float] = ..., expected_seconds: _Optional[float] = ...) -> None: ...

class ExplainPlanResponse(_message.Message):
    __slots__ = ("steps", "reading")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    READING_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[PlanStep]
    reading: str
    def __init__(self, steps: _Optional[_Iterable[_Union[PlanStep, _Mapping]]] = ..., reading: _Optional[str] = ...) -> None: ...

class CanonicalizeProblemRequest(_message.Message):
    __slots__ = ("problem",)
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    problem: _problem_pb2.Problem
    def __init__(self, problem: _Optional[_Union[_problem_pb2.Problem, _Mapping]] = ...) -> None: ...

class CanonicalizeProblemResponse(_message.Message):
    __slots__ = ("canonical_document", "problem_sha256", "obligations")
    CANONICAL_DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_SHA256_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    canonical_document: str
    problem_sha256: str
    obligations: _containers.RepeatedCompositeFieldContainer[ObligationStatement]
    def __init__(self, canonical_document: _Optional[str] = ..., problem_sha256: _Optional[str] = ..., obligations: _Optional[_Iterable[_Union[ObligationStatement, _Mapping]]] = ...) -> None: ...

class ObligationStatement(_message.Message):
    __slots__ = ("obligation", "statement", "case_count")
    OBLIGATION_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    CASE_COUNT_FIELD_NUMBER: _ClassVar[int]
    obligation: str
    statement: str
    case_count: int
    def __init__(self, obligation: _Optional[str] = ..., statement: _Optional[str] = ..., case_count: _Optional[int] = ...) -> None: ...

class SynthesizeCertificateRequest(_message.Message):
    __slots__ = ("system", "initial", "unsafe", "kind", "degree", "request_id", "rate", "budget", "seed", "validation_id")
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FIELD_NUMBER: _ClassVar[int]
    UNSAFE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DEGREE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_ID_FIELD_NUMBER: _ClassVar[int]
    system: _problem_pb2.System
    initial: _problem_pb2.Formula
    unsafe: _problem_pb2.Formula
    kind: _problem_pb2.CertificateKind
    degree: int
    request_id: str
    rate: str
    budget: _duration_pb2.Duration
    seed: int
    validation_id: str
    def __init__(self, system: _Optional[_Union[_problem_pb2.System, _Mapping]] = ..., initial: _Optional[_Union[_problem_pb2.Formula, _Mapping]] = ..., unsafe: _Optional[_Union[_problem_pb2.Formula, _Mapping]] = ..., kind: _Optional[_Union[_problem_pb2.CertificateKind, str]] = ..., degree: _Optional[int] = ..., request_id: _Optional[str] = ..., rate: _Optional[str] = ..., budget: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., seed: _Optional[int] = ..., validation_id: _Optional[str] = ...) -> None: ...

class ListMethodsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Method(_message.Message):
    __slots__ = ("method", "description", "can_prove", "can_refute", "evidence_type", "citation")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CAN_PROVE_FIELD_NUMBER: _ClassVar[int]
    CAN_REFUTE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_TYPE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    method: str
    description: str
    can_prove: bool
    can_refute: bool
    evidence_type: str
    citation: str
    def __init__(self, method: _Optional[str] = ..., description: _Optional[str] = ..., can_prove: _Optional[bool] = ..., can_refute: _Optional[bool] = ..., evidence_type: _Optional[str] = ..., citation: _Optional[str] = ...) -> None: ...

class CertificateKindDescription(_message.Message):
    __slots__ = ("kind", "supported", "theorem", "citation", "obligations")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    THEOREM_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    kind: _problem_pb2.CertificateKind
    supported: bool
    theorem: str
    citation: str
    obligations: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, kind: _Optional[_Union[_problem_pb2.CertificateKind, str]] = ..., supported: _Optional[bool] = ..., theorem: _Optional[str] = ..., citation: _Optional[str] = ..., obligations: _Optional[_Iterable[str]] = ...) -> None: ...

class ListMethodsResponse(_message.Message):
    __slots__ = ("methods", "kinds", "method_set_version")
    METHODS_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    METHOD_SET_VERSION_FIELD_NUMBER: _ClassVar[int]
    methods: _containers.RepeatedCompositeFieldContainer[Method]
    kinds: _containers.RepeatedCompositeFieldContainer[CertificateKindDescription]
    method_set_version: str
    def __init__(self, methods: _Optional[_Iterable[_Union[Method, _Mapping]]] = ..., kinds: _Optional[_Iterable[_Union[CertificateKindDescription, _Mapping]]] = ..., method_set_version: _Optional[str] = ...) -> None: ...

class DescribeErrorRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ErrorDescription(_message.Message):
    __slots__ = ("name", "code", "description", "remedy", "metadata_keys")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    METADATA_KEYS_FIELD_NUMBER: _ClassVar[int]
    name: str
    code: str
    description: str
    remedy: str
    metadata_keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., code: _Optional[str] = ..., description: _Optional[str] = ..., remedy: _Optional[str] = ..., metadata_keys: _Optional[_Iterable[str]] = ...) -> None: ...
