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

class System(_message.Message):
    __slots__ = ("time_kind", "variables", "parameters", "dynamics", "domain")
    class DynamicsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TIME_KIND_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    DYNAMICS_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    time_kind: TimeKind
    variables: _containers.RepeatedScalarFieldContainer[str]
    parameters: _containers.RepeatedScalarFieldContainer[str]
    dynamics: _containers.ScalarMap[str, str]
    domain: _containers.RepeatedCompositeFieldContainer[Formula]
    def __init__(self, time_kind: _Optional[_Union[TimeKind, str]] = ..., variables: _Optional[_Iterable[str]] = ..., parameters: _Optional[_Iterable[str]] = ..., dynamics: _Optional[_Mapping[str, str]] = ..., domain: _Optional[_Iterable[_Union[Formula, _Mapping]]] = ...) -> None: ...

class Certificate(_message.Message):
    __slots__ = ("kind", "barrier", "rate", "cuts", "formula", "original_invariant")
    KIND_FIELD_NUMBER: _ClassVar[int]
    BARRIER_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    CUTS_FIELD_NUMBER: _ClassVar[int]
    FORMULA_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_INVARIANT_FIELD_NUMBER: _ClassVar[int]
    kind: CertificateKind
    barrier: str
    rate: str
    cuts: _containers.RepeatedCompositeFieldContainer[Formula]
    formula: Formula
    original_invariant: _containers.RepeatedCompositeFieldContainer[Formula]
    def __init__(self, kind: _Optional[_Union[CertificateKind, str]] = ..., barrier: _Optional[str] = ..., rate: _Optional[str] = ..., cuts: _Optional[_Iterable[_Union[Formula, _Mapping]]] = ..., formula: _Optional[_Union[Formula, _Mapping]] = ..., original_invariant: _Optional[_Iterable[_Union[Formula, _Mapping]]] = ...) -> None: ...

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
