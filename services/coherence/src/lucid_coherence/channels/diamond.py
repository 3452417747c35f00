"""The diamond-norm distance of two channels, as an interval between two feasible points.

D(E, F) = ½ ‖E − F‖_⋄ is the largest trace distance that any input, entangled with a bystander,
can get between the outputs. With J the difference of the Choi matrices, input first:

    primal  max Tr(J W)          0 <= W <= ρ ⊗ 1, ρ a state        [Watrous2009, Watrous2013]
    dual    min ‖Tr_out Z‖       Z >= J, Z >= 0

Every ρ and every Z give a bound, wherever they come from: the solver only proposes them. The
lower end is Tr[(√ρ ⊗ 1) J (√ρ ⊗ 1)]₊, the best W for a ρ that was made a state; the upper end is
the norm of a Z that was shifted until both inequalities hold. Both are widened by rounding.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_coherence.channels.channel import Channel, require_same_system
from lucid_coherence.channels.checks import eigenvalue_rounding
from lucid_coherence.channels.violations import ChannelTooLarge, SolverMissing
from lucid_coherence.states.batch import ComplexArray, RealArray, hermitian_part

DIAMOND_DIMENSION_MAX = 4
"""Levels of a system whose diamond distance is computed: the programme has 2d⁴ unknowns."""
SOLVER_TIME_S = 0.9
"""Wall time of the solver: a call that was given up frees its thread within a second."""
_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True)
class Distance:
    """An interval that holds ½ ‖E − F‖_⋄, which is at most 1 for channels; how each end was got.

    `rounding` is how far each end was moved outwards for rounding, and for traces and Hermiticity
    that are only preserved within the tolerance.
    """

    low: float
    high: float
    rounding: float
    method: str


def distance_bounds(first: Channel, second: Channel, *, field: str = "compare_with") -> Distance:
    """Bound the distance without a solver, from ρ = 1/d, and Z = J₊ or Z = C_E: O(d⁶).

    The second Z says that no two channels are further apart than 1. The ends differ by a factor
    of at most d, and agree for Pauli channels.
    """
    require_same_system(first, second, field=field)
    difference = hermitian_part(first.choi - second.choi)
    d = first.dimension
    slack = _slack(first, second)
    low = _lower(difference, np.eye(d, dtype=np.complex128) / d)
    high = min(_upper(difference, cover) for cover in (_positive_part(difference), first.choi))
    return _interval(
        low, high, slack, "maximally mixed input and the positive part of the Choi difference"
    )


def diamond_distance(
    first: Channel,
    second: Channel,
    *,
    time_limit_s: float = SOLVER_TIME_S,
    field: str = "compare_with",
) -> Distance:
    """Return the distance within an interval, usually narrower than 1e-7.

    Both channels are completely positive and trace preserving within their tolerance; what the
    traces are off by widens the interval. A solver that stops early only widens it too.

    Raises:
        ChannelMalformed: they act on different systems.
        ChannelTooLarge: more than 4 levels.
        SolverMissing: clarabel is not installed; it comes with the extra `diamond`.
    """
    bounds = distance_bounds(first, second, field=field)
    d = first.dimension
    if d > DIAMOND_DIMENSION_MAX:
        raise ChannelTooLarge(
            f"The system has {d} levels; the limit diamond_dimension_max is "
            f"{DIAMOND_DIMENSION_MAX}.",
            field="diamond",
            limit="diamond_dimension_max",
            value=d,
            maximum=DIAMOND_DIMENSION_MAX,
            unit="levels",
        )
    difference = hermitian_part(first.choi - second.choi)
    proposal = _propose(difference, d, time_limit_s)
    if proposal is None:
        return bounds
    state, cover, _ = proposal
    refined = _interval(
        _lower(difference, state),
        _upper(difference, cover),
        bounds.rounding,
        f"semidefinite programme ({proposal[2]}); both ends from points repaired to be feasible",
    )
    return Distance(
        max(bounds.low, refined.low),
        min(bounds.high, refined.high),
        refined.rounding,
        refined.method,
    )


def _interval(low: float, high: float, slack: float, method: str) -> Distance:
    return Distance(max(0.0, low - slack), high + slack, slack, method)


def _slack(first: Channel, second: Channel) -> float:
    """Bound rounding, and what the Hermitian part of J alone with its trace dropped can hide.

    ‖Φ‖_⋄ / 2 = max over ρ of Tr[√ρ J √ρ]₊ − Tr(ρ Tr_out J)/2 for Hermitian J, so the second term
    moves it by at most half the norm of Tr_out J; the rest of J by at most half its trace norm.
    Rounding is the one of both Choi matrices, not of their difference, which may be far smaller.
    """
    difference = first.choi - second.choi
    kept = hermitian_part(difference)
    lost = np.linalg.norm(_traced(kept), 2) + np.linalg.norm(difference - kept, "nuc")
    rounding = eigenvalue_rounding(first.choi) + eigenvalue_rounding(second.choi)
    return float(0.5 * lost + len(kept) * rounding)


def _lower(difference: ComplexArray, state: ComplexArray) -> float:
    """Return Tr[(√ρ ⊗ 1) J (√ρ ⊗ 1)]₊ for the state nearest to a proposed one."""
    weights, vectors = np.linalg.eigh(hermitian_part(state))
    weights = np.maximum(weights, 0.0)
    root = (vectors * np.sqrt(weights / weights.sum())) @ vectors.conj().T
    tall = np.kron(root, np.eye(len(state)))
    eigenvalues = np.linalg.eigvalsh(hermitian_part(tall @ difference @ tall))
    return float(np.maximum(eigenvalues, 0.0).sum())


def _upper(difference: ComplexArray, cover: ComplexArray) -> float:
    """Return ‖Tr_out Z‖ for a proposed Z, shifted until Z >= J and Z >= 0 hold."""
    cover = hermitian_part(cover)
    least = min(
        float(np.linalg.eigvalsh(cover)[0]), float(np.linalg.eigvalsh(cover - difference)[0])
    )
    shift = max(0.0, -least) + eigenvalue_rounding(cover) + eigenvalue_rounding(difference)
    traced = _traced(cover)
    top = float(np.linalg.eigvalsh(traced)[-1]) + eigenvalue_rounding(traced)
    return top + len(traced) * shift


def _positive_part(matrix: ComplexArray) -> ComplexArray:
    weights, vectors = np.linalg.eigh(matrix)
    part: ComplexArray = (vectors * np.maximum(weights, 0.0)) @ vectors.conj().T
    return part


def _traced(matrix: ComplexArray) -> ComplexArray:
    """Return the partial trace over the output, the second factor."""
    d = round(len(matrix) ** 0.5)
    return np.asarray(np.trace(matrix.reshape(d, d, d, d), axis1=1, axis2=3))


def _propose(
    difference: ComplexArray, d: int, time_limit_s: float
) -> tuple[ComplexArray, ComplexArray, str] | None:
    """Return (ρ, Z, status) as the solver left them, or None if it found nothing finite.

    Unknowns are the real parameters of Z and the norm t; the multiplier of t·1 − Tr_out Z >= 0
    is ρ.
    """
    clarabel = _solver()
    from scipy.sparse import bmat, csc_matrix

    size = d * d
    large, small = _embedding(size), _embedding(d)
    trace = small @ _tracing(d)
    identity = small @ _parameters(np.eye(d, dtype=np.complex128))
    column = csc_matrix(-identity[:, None])
    matrix = bmat([[trace, column], [-large, None], [-large, None]], format="csc")
    right = np.concatenate(
        [np.zeros(len(identity)), np.zeros(large.shape[0]), -(large @ _parameters(difference))]
    )
    cost = np.zeros(matrix.shape[1])
    cost[-1] = 1.0
    cones = [clarabel.PSDTriangleConeT(2 * side) for side in (d, size, size)]
    solver = clarabel.DefaultSolver(
        csc_matrix((len(cost), len(cost))), cost, matrix, right, cones, _settings(time_limit_s)
    )
    found = solver.solve()
    unknowns, multipliers = np.array(found.x), np.array(found.z)
    if not (len(unknowns) and np.isfinite(unknowns).all() and np.isfinite(multipliers).all()):
        return None
    state = _state(multipliers[: len(identity)], d)
    if state is None:
        return None
    return state, _hermitian(unknowns[:-1], size), f"the solver says {found.status}"


def _solver() -> Any:
    try:
        import clarabel
    except ImportError:
        raise SolverMissing(
            "The diamond distance needs clarabel, which is not installed here; it comes with the "
            "extra diamond of the coherence service.",
            field="diamond",
            extra="diamond",
            package="clarabel",
        ) from None
    return clarabel


def _settings(time_limit_s: float) -> Any:
    settings = _solver().DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.time_limit = time_limit_s
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = _TOLERANCE
    return settings


def _parameters(matrix: ComplexArray) -> RealArray:
    """Return the real numbers of a Hermitian matrix: Re of r <= c, then Im of r < c."""
    rows, columns = np.triu_indices(len(matrix))
    strict = rows < columns
    upper = matrix[rows, columns]
    return np.concatenate([upper.real, upper.imag[strict]])


def _hermitian(parameters: RealArray, size: int) -> ComplexArray:
    """Return the Hermitian matrix of its real numbers, the inverse of `_parameters`."""
    rows, columns = np.triu_indices(size)
    strict = rows < columns
    matrix = np.zeros((size, size), dtype=np.complex128)
    matrix[rows, columns] = parameters[: len(rows)]
    matrix[rows[strict], columns[strict]] += 1j * parameters[len(rows) :]
    lower = np.tril_indices(size, -1)
    matrix[lower] = matrix.conj().T[lower]
    return matrix


def _embedding(size: int) -> Any:
    """Return the map from the parameters of H = X + iY to the triangle of [[X, −Y], [Y, X]].

    The cone takes upper triangles column by column, with entries off the diagonal times √2.
    """
    from scipy.sparse import csc_matrix

    rows, columns = np.triu_indices(size)
    strict = rows < columns
    weights = np.where(strict, np.sqrt(2.0), 1.0)
    real = np.arange(len(rows))
    imaginary = len(rows) + np.arange(int(strict.sum()))
    above, beyond = rows[strict], columns[strict]
    root = np.full(len(above), np.sqrt(2.0))
    places = [
        _triangle(rows, columns),
        _triangle(size + rows, size + columns),
        _triangle(above, size + beyond),
        _triangle(beyond, size + above),
    ]
    values = np.concatenate([weights, weights, -root, root])
    sources = np.concatenate([real, real, imaginary, imaginary])
    shape = (size * (2 * size + 1), size * size)
    return csc_matrix((values, (np.concatenate(places), sources)), shape=shape)


def _triangle(rows: Any, columns: Any) -> Any:
    return columns * (columns + 1) // 2 + rows


def _tracing(d: int) -> Any:
    """Return the partial trace over the output as a map of parameters, (d², d⁴)."""
    from scipy.sparse import csc_matrix

    inputs = np.eye(d * d * d * d)
    images = [_parameters(_traced(_hermitian(row, d * d))) for row in inputs]
    return csc_matrix(np.array(images).T)


def _state(multiplier: RealArray, d: int) -> ComplexArray | None:
    """Return the Hermitian matrix that a multiplier of the embedded cone stands for, if usable."""
    side = 2 * d
    columns, rows = np.tril_indices(side)
    full = np.zeros((side, side))
    full[rows, columns] = multiplier / np.where(rows == columns, 1.0, np.sqrt(2.0))
    full[columns, rows] = full[rows, columns]
    real = full[:d, :d] + full[d:, d:]
    imaginary = full[d:, :d] - full[:d, d:]
    state = hermitian_part(real + 1j * imaginary)
    usable = float(np.linalg.eigvalsh(state)[-1]) > 0
    return state if usable else None
