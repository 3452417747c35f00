from buf.validate import validate_pb2 as _validate_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TimeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIME_KIND_UNSPECIFIED: _ClassVar[TimeKind]
    TIME_KIND_CONTINUOUS: _ClassVar[TimeKind]
    TIME_KIND_DISCRETE: _ClassVar[TimeKind]
    TIME_KIND_HYBRID: _ClassVar[TimeKind]
    TIME_KIND_STOCHASTIC_DISCRETE: _ClassVar[TimeKind]
    TIME_KIND_STOCHASTIC_CONTINUOUS: _ClassVar[TimeKind]

class CertificateKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CERTIFICATE_KIND_UNSPECIFIED: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_EVERYWHERE: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_BAND: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_STRICT_LEVEL_SET: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_WEAK_LEVEL_SET: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_EXPONENTIAL: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_ZEROING_CBF: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_FINITE_HORIZON: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_VECTOR: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_K_INDUCTIVE: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_DISCRETE_DECREASE: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_DISCRETE_INDUCTIVE: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_SUPERMARTINGALE: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_HYBRID: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_INVARIANT: _ClassVar[CertificateKind]
    CERTIFICATE_KIND_DIFFERENTIAL_CUTS: _ClassVar[CertificateKind]
TIME_KIND_UNSPECIFIED: TimeKind
TIME_KIND_CONTINUOUS: TimeKind
TIME_KIND_DISCRETE: TimeKind
TIME_KIND_HYBRID: TimeKind
TIME_KIND_STOCHASTIC_DISCRETE: TimeKind
TIME_KIND_STOCHASTIC_CONTINUOUS: TimeKind
CERTIFICATE_KIND_UNSPECIFIED: CertificateKind
CERTIFICATE_KIND_EVERYWHERE: CertificateKind
CERTIFICATE_KIND_BAND: CertificateKind
CERTIFICATE_KIND_STRICT_LEVEL_SET: CertificateKind
CERTIFICATE_KIND_WEAK_LEVEL_SET: CertificateKind
CERTIFICATE_KIND_EXPONENTIAL: CertificateKind
CERTIFICATE_KIND_ZEROING_CBF: CertificateKind
CERTIFICATE_KIND_FINITE_HORIZON: CertificateKind
CERTIFICATE_KIND_VECTOR: CertificateKind
CERTIFICATE_KIND_K_INDUCTIVE: CertificateKind
CERTIFICATE_KIND_DISCRETE_DECREASE: CertificateKind
CERTIFICATE_KIND_DISCRETE_INDUCTIVE: CertificateKind
CERTIFICATE_KIND_SUPERMARTINGALE: CertificateKind
CERTIFICATE_KIND_HYBRID: CertificateKind
CERTIFICATE_KIND_INVARIANT: CertificateKind
CERTIFICATE_KIND_DIFFERENTIAL_CUTS: CertificateKind

class Formula(_message.Message):
    __slots__ = ("atom", "all", "any")
    ATOM_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    ANY_FIELD_NUMBER: _ClassVar[int]
    atom: str
    all: FormulaList
    any: FormulaList
    def __init__(self, atom: _Optional[str] = ..., all: _Optional[_Union[FormulaList, _Mapping]] = ..., any: _Optional[_Union[FormulaList, _Mapping]] = ...) -> None: ...

class FormulaList(_message.Message):
    __slots__ = ("formulas",)
    FORMULAS_FIELD_NUMBER: _ClassVar[int]
    formulas: _containers.RepeatedCompositeFieldContainer[Formula]
    def __init__(self, formulas: _Optional[_Iterable[_Union[Formula, _Mapping]]] = ...) -> None: ...

class Inputs(_message.Message):
    __slots__ = ("names", "vertices")
    NAMES_FIELD_NUMBER: _ClassVar[int]
    VERTICES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    vertices: _containers.RepeatedCompositeFieldContainer[Vertex]
    def __init__(self, names: _Optional[_Iterable[str]] = ..., vertices: _Optional[_Iterable[_Union[Vertex, _Mapping]]] = ...) -> None: ...

class Vertex(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, values: _Optional[_Iterable[str]] = ...) -> None: ...

class NormalDistribution(_message.Message):
    __slots__ = ("mean", "variance")
    MEAN_FIELD_NUMBER: _ClassVar[int]
    VARIANCE_FIELD_NUMBER: _ClassVar[int]
    mean: str
    variance: str
    def __init__(self, mean: _Optional[str] = ..., variance: _Optional[str] = ...) -> None: ...

class UniformDistribution(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: str
    high: str
    def __init__(self, low: _Optional[str] = ..., high: _Optional[str] = ...) -> None: ...

class WeightedValue(_message.Message):
    __slots__ = ("value", "probability")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    value: str
    probability: str
    def __init__(self, value: _Optional[str] = ..., probability: _Optional[str] = ...) -> None: ...

class FiniteDistribution(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[WeightedValue]
    def __init__(self, values: _Optional[_Iterable[_Union[WeightedValue, _Mapping]]] = ...) -> None: ...

class Distribution(_message.Message):
    __slots__ = ("normal", "uniform", "finite")
    NORMAL_FIELD_NUMBER: _ClassVar[int]
    UNIFORM_FIELD_NUMBER: _ClassVar[int]
    FINITE_FIELD_NUMBER: _ClassVar[int]
    normal: NormalDistribution
    uniform: UniformDistribution
    finite: FiniteDistribution
    def __init__(self, normal: _Optional[_Union[NormalDistribution, _Mapping]] = ..., uniform: _Optional[_Union[UniformDistribution, _Mapping]] = ..., finite: _Optional[_Union[FiniteDistribution, _Mapping]] = ...) -> None: ...

class WienerProcess(_message.Message):
    __slots__ = ("coefficients",)
    class CoefficientsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    COEFFICIENTS_FIELD_NUMBER: _ClassVar[int]
    coefficients: _containers.ScalarMap[str, str]
    def __init__(self, coefficients: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Mode(_message.Message):
    __slots__ = ("name", "dynamics", "domain", "initial", "unsafe")
    class DynamicsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    DYNAMICS_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FIELD_NUMBER: _ClassVar[int]
    UNSAFE_FIELD_NUMBER: _ClassVar[int]
    name: str
    dynamics: _containers.ScalarMap[str, str]
    domain: _containers.RepeatedCompositeFieldContainer[Formula]
    initial: Formula
    unsafe: Formula
    def __init__(self, name: _Optional[str] = ..., dynamics: _Optional[_Mapping[str, str]] = ..., domain: _Optional[_Iterable[_Union[Formula, _Mapping]]] = ..., initial: _Optional[_Union[Formula, _Mapping]] = ..., unsafe: _Optional[_Union[Formula, _Mapping]] = ...) -> None: ...

class Transition(_message.Message):
    __slots__ = ("source", "target", "guard", "reset")
    class ResetEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    GUARD_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    source: str
    target: str
    guard: Formula
    reset: _containers.ScalarMap[str, str]
    def __init__(self, source: _Optional[str] = ..., target: _Optional[str] = ..., guard: _Optional[_Union[Formula, _Mapping]] = ..., reset: _Optional[_Mapping[str, str]] = ...) -> None: ...

class System(_message.Message):
    __slots__ = ("time_kind", "variables", "parameters", "dynamics", "domain", "inputs", "noise", "diffusion", "time", "horizon", "modes", "transitions")
    class DynamicsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class NoiseEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Distribution
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Distribution, _Mapping]] = ...) -> None: ...
    TIME_KIND_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    DYNAMICS_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    NOISE_FIELD_NUMBER: _ClassVar[int]
    DIFFUSION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    HORIZON_FIELD_NUMBER: _ClassVar[int]
    MODES_FIELD_NUMBER: _ClassVar[int]
    TRANSITIONS_FIELD_NUMBER: _ClassVar[int]
    time_kind: TimeKind
    variables: _containers.RepeatedScalarFieldContainer[str]
    parameters: _containers.RepeatedScalarFieldContainer[str]
    dynamics: _containers.ScalarMap[str, str]
    domain: _containers.RepeatedCompositeFieldContainer[Formula]
    inputs: Inputs
    noise: _containers.MessageMap[str, Distribution]
    diffusion: _containers.RepeatedCompositeFieldContainer[WienerProcess]
    time: str
    horizon: str
    modes: _containers.RepeatedCompositeFieldContainer[Mode]
    transitions: _containers.RepeatedCompositeFieldContainer[Transition]
    def __init__(self, time_kind: _Optional[_Union[TimeKind, str]] = ..., variables: _Optional[_Iterable[str]] = ..., parameters: _Optional[_Iterable[str]] = ..., dynamics: _Optional[_Mapping[str, str]] = ..., domain: _Optional[_Iterable[_Union[Formula, _Mapping]]] = ..., inputs: _Optional[_Union[Inputs, _Mapping]] = ..., noise: _Optional[_Mapping[str, Distribution]] = ..., diffusion: _Optional[_Iterable[_Union[WienerProcess, _Mapping]]] = ..., time: _Optional[str] = ..., horizon: _Optional[str] = ..., modes: _Optional[_Iterable[_Union[Mode, _Mapping]]] = ..., transitions: _Optional[_Iterable[_Union[Transition, _Mapping]]] = ...) -> None: ...

class Certificate(_message.Message):
    __slots__ = ("kind", "barrier", "rate", "cuts", "formula", "original_invariant", "barriers", "matrix", "mode_barriers", "mode_kind", "band", "steps", "gamma", "drift")
    class ModeBarriersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    KIND_FIELD_NUMBER: _ClassVar[int]
    BARRIER_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    CUTS_FIELD_NUMBER: _ClassVar[int]
    FORMULA_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_INVARIANT_FIELD_NUMBER: _ClassVar[int]
    BARRIERS_FIELD_NUMBER: _ClassVar[int]
    MATRIX_FIELD_NUMBER: _ClassVar[int]
    MODE_BARRIERS_FIELD_NUMBER: _ClassVar[int]
    MODE_KIND_FIELD_NUMBER: _ClassVar[int]
    BAND_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    GAMMA_FIELD_NUMBER: _ClassVar[int]
    DRIFT_FIELD_NUMBER: _ClassVar[int]
    kind: CertificateKind
    barrier: str
    rate: str
    cuts: _containers.RepeatedCompositeFieldContainer[Formula]
    formula: Formula
    original_invariant: _containers.RepeatedCompositeFieldContainer[Formula]
    barriers: _containers.RepeatedScalarFieldContainer[str]
    matrix: _containers.RepeatedCompositeFieldContainer[MatrixRow]
    mode_barriers: _containers.ScalarMap[str, str]
    mode_kind: CertificateKind
    band: str
    steps: int
    gamma: str
    drift: str
    def __init__(self, kind: _Optional[_Union[CertificateKind, str]] = ..., barrier: _Optional[str] = ..., rate: _Optional[str] = ..., cuts: _Optional[_Iterable[_Union[Formula, _Mapping]]] = ..., formula: _Optional[_Union[Formula, _Mapping]] = ..., original_invariant: _Optional[_Iterable[_Union[Formula, _Mapping]]] = ..., barriers: _Optional[_Iterable[str]] = ..., matrix: _Optional[_Iterable[_Union[MatrixRow, _Mapping]]] = ..., mode_barriers: _Optional[_Mapping[str, str]] = ..., mode_kind: _Optional[_Union[CertificateKind, str]] = ..., band: _Optional[str] = ..., steps: _Optional[int] = ..., gamma: _Optional[str] = ..., drift: _Optional[str] = ...) -> None: ...

class MatrixRow(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, entries: _Optional[_Iterable[str]] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("system", "initial", "unsafe", "certificate")
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FIELD_NUMBER: _ClassVar[int]
    UNSAFE_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    system: System
    initial: Formula
    unsafe: Formula
    certificate: Certificate
    def __init__(self, system: _Optional[_Union[System, _Mapping]] = ..., initial: _Optional[_Union[Formula, _Mapping]] = ..., unsafe: _Optional[_Union[Formula, _Mapping]] = ..., certificate: _Optional[_Union[Certificate, _Mapping]] = ...) -> None: ...
