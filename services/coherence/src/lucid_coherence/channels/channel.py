"""One linear map on the states of one system: read from any form, composed, applied, written.

A `Channel` may hold maps that are not physical, such as the transpose: that is for the checks to
say (`checks.py`). Only what no question could be asked about is refused here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lucid_coherence.channels import representations as forms
from lucid_coherence.channels.violations import ChannelMalformed, ChannelTooLarge
from lucid_coherence.states.batch import ComplexArray

DIMENSION_MAX = 16
"""Levels d of the system: a Choi matrix has d⁴ entries, 1 MiB at d = 16."""
KRAUS_MAX = 1024
"""Kraus operators in one input; d² always suffice."""
MAGNITUDE_MAX = 1e6
"""Largest magnitude of an entry: those of a channel are at most d, and squares must not
overflow."""
BYTES_PER_ENTRY = 16


class Form(Enum):
    """How a channel is written; the conventions are those of `representations`."""

    KRAUS = "Kraus operators"
    CHOI = "Choi matrix"
    PAULI_TRANSFER = "Pauli transfer matrix"
    SUPEROPERATOR = "superoperator"


@dataclass(frozen=True, slots=True)
class Channel:
    """A linear map of (d, d) matrices, kept as its Choi matrix, (d², d²) complex128."""

    dims: tuple[int, ...]
    choi: ComplexArray

    @property
    def dimension(self) -> int:
        """The number of levels d."""
        return forms.level_count(self.choi)


def check_dims(dims: Sequence[int], *, field: str = "dims") -> int:
    """Return d, the product of dims, or refuse it before memory is taken."""
    if not dims or min(dims) < 2:
        raise ChannelMalformed(
            f"A system has subsystems of at least 2 levels; dims are {list(dims)}.",
            field=field,
            check="SUBSYSTEM_DIMENSION",
            dims=_shape(dims),
        )
    dimension = math.prod(dims)
    if dimension > DIMENSION_MAX:
        raise ChannelTooLarge(
            f"The system has {dimension} levels; the limit dimension_max is {DIMENSION_MAX}.",
            field=field,
            limit="dimension_max",
            value=dimension,
            maximum=DIMENSION_MAX,
            unit="levels",
        )
    return dimension


def channel_from_bytes(form: Form, dims: Sequence[int], data: bytes, *, field: str) -> Channel:
    """Read little-endian complex128 numbers, row by row; Kraus operators one after another.

    Raises:
        ChannelMalformed: the length does not fit, or a number is not finite or over 1e6.
        ChannelTooLarge: d over 16, or more than 1024 Kraus operators.
        FormUndefined: a Pauli transfer matrix of a system with a subsystem that is no qubit.
    """
    dimension = check_dims(dims, field=f"{field}.dims")
    entries = dimension**2 if form is Form.KRAUS else dimension**4
    size = entries * BYTES_PER_ENTRY
    count, rest = divmod(len(data), size)
    if rest or count < 1 or (form is not Form.KRAUS and count != 1):
        unit = "each Kraus operator" if form is Form.KRAUS else f"the {form.value}"
        raise ChannelMalformed(
            f"With {dimension} levels {unit} takes {size} bytes; {len(data)} bytes came.",
            field=f"{field}.data",
            check="DATA_LENGTH",
            expected=size,
            actual=len(data),
        )
    if count > KRAUS_MAX:
        raise ChannelTooLarge(
            f"There are {count} Kraus operators; the limit kraus_max is {KRAUS_MAX}.",
            field=f"{field}.data",
            limit="kraus_max",
            value=count,
            maximum=KRAUS_MAX,
            unit="operators",
        )
    numbers = np.frombuffer(data, dtype="<c16").astype(np.complex128)
    _require_moderate(numbers, field=f"{field}.data")
    return channel_from_numbers(form, tuple(dims), numbers)


def channel_from_numbers(form: Form, dims: tuple[int, ...], numbers: ComplexArray) -> Channel:
    """Return the channel that `numbers` write in `form`; any shape with the right entries."""
    d = math.prod(dims)
    if form is Form.KRAUS:
        return Channel(dims, forms.choi_from_kraus(numbers.reshape(-1, d, d)))
    matrix = numbers.reshape(d * d, d * d)
    match form:
        case Form.CHOI:
            return Channel(dims, matrix)
        case Form.SUPEROPERATOR:
            return Channel(dims, forms.choi_from_superoperator(matrix))
        case Form.PAULI_TRANSFER:
            return Channel(dims, forms.choi_from_pauli_transfer(matrix, dims))


def channel_from_kraus(operators: ComplexArray, dims: Sequence[int]) -> Channel:
    """Return the channel of Kraus operators of shape (k, d, d)."""
    return channel_from_numbers(Form.KRAUS, tuple(dims), operators)


def compose(first: Channel, second: Channel, *, field: str = "then") -> Channel:
    """Return the map that applies `first` and then `second`.

    Raises:
        ChannelMalformed: they act on different systems.
    """
    require_same_system(first, second, field=field)
    product = forms.superoperator_from_choi(second.choi) @ forms.superoperator_from_choi(first.choi)
    return Channel(first.dims, forms.choi_from_superoperator(product))


def embed(channel: Channel, dims: Sequence[int], first: int, *, field: str = "system") -> Channel:
    """Return the channel acting on the subsystems from `first` on, and nothing on the others.

    Raises:
        ChannelMalformed: those subsystems do not have the channel's dims.
        ChannelTooLarge: the whole system has more than 16 levels.
    """
    check_dims(dims, field=f"{field}.system_dims")
    last = first + len(channel.dims)
    if tuple(dims[first:last]) != channel.dims:
        raise ChannelMalformed(
            f"A channel of dims {_shape(channel.dims)} does not fit the subsystems from {first} "
            f"on of {_shape(dims)}.",
            field=f"{field}.subsystem",
            check="PLACE_FITS",
            dims=_shape(channel.dims),
            system_dims=_shape(dims),
            subsystem=first,
        )
    d, whole = channel.dimension, math.prod(dims)
    before, after = np.eye(math.prod(dims[:first])), np.eye(math.prod(dims[last:]))
    # Two letters for the input and the output of what is left alone, on both sides of a state.
    placed = np.einsum(
        "ap,imjn,bq,AP,BQ->aibpmqAjBPnQ",
        before,
        channel.choi.reshape(d, d, d, d),
        after,
        before,
        after,
    )
    return Channel(tuple(dims), np.ascontiguousarray(placed).reshape(whole**2, whole**2))


def apply(channel: Channel, matrices: ComplexArray) -> ComplexArray:
    """Return E(ρ) for every matrix of a (count, d, d) stack."""
    d = channel.dimension
    tensor = channel.choi.reshape(d, d, d, d)
    image: ComplexArray = np.tensordot(matrices, tensor, axes=([1, 2], [0, 2]))
    return image


def require_same_system(first: Channel, second: Channel, *, field: str) -> None:
    """Refuse two channels of different systems."""
    if first.dims != second.dims:
        raise ChannelMalformed(
            f"One channel acts on dims {_shape(first.dims)}, the other on {_shape(second.dims)}.",
            field=field,
            check="SAME_DIMS",
            dims=_shape(first.dims),
            other_dims=_shape(second.dims),
        )


def _require_moderate(numbers: ComplexArray, *, field: str) -> None:
    # A sum of squares would overflow where a comparison of parts does not.
    parts = numbers.view(np.float64)
    bad = ~(np.abs(parts) <= MAGNITUDE_MAX)
    if bad.any():
        index = int(np.argmax(bad)) // 2
        raise ChannelMalformed(
            f"Number {index} is not finite or its magnitude is over {MAGNITUDE_MAX:g}.",
            field=field,
            check="MAGNITUDE",
            index=index,
            actual=float(parts[int(np.argmax(bad))]),
            limit_value=MAGNITUDE_MAX,
        )


def _shape(dims: Sequence[int]) -> str:
    return "x".join(str(dim) for dim in dims)
