"""Both kernels are one: equal to the last bit, stoppable, and right about every leaf they close."""

import threading
import time
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_validation import warm
from lucid_validation.barrier.methods import (
    kernel,
    kernel_arrays,
    kernel_batches,
    kernel_native,
)
from lucid_validation.barrier.methods import kernel_loops as k
from lucid_validation.barrier.methods.kernel import Exploration, Root
from lucid_validation.barrier.methods.tensor import exact_coefficients
from lucid_validation.barrier.polynomial import context_of, rational

SENSES = (k.AT_LEAST, k.ABOVE, k.EQUAL)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> kernel_native.Native:
    """Make the compiled kernel if nobody did; a test of equality without it would be empty."""
    if kernel_native.load() is None:
        assert warm.main() == 0
        kernel_native.load.cache_clear()
    found = kernel_native.load()
    assert found is not None
    return found


def random_root(seed: int) -> Root:
    rng = np.random.default_rng(seed)
    axes, rows = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    degrees = [int(d) for d in rng.integers(0, 5 if axes < 4 else 3, axes)]
    degrees[int(rng.integers(0, axes))] += 1
    tensor = rng.normal(size=(rows, *(d + 1 for d in degrees))) - rng.uniform(-0.5, 1.5)
    if seed % 3 == 0:  # ties and exact zeros
        tensor = np.round(tensor * 2) / 2
    if seed % 5 == 0:  # small numbers beside large ones
        tensor *= 10.0 ** rng.integers(-12, 1, tensor.shape)
    tensor /= max(1e-30, float(np.abs(tensor).max()))
    senses = tuple(int(v) for v in rng.integers(0, 3, rows))
    return Root(tensor, np.full(rows, 2e-16), senses)


def same_state(a: Exploration, b: Exploration) -> bool:
    info = a.search.info
    top, rows = int(info[k.TOP]), int(info[k.ROWS])
    axes, size = int(info[k.AXES]), int(info[k.SIZE])
    used = {
        "coef": top * rows * size,
        "err": top * rows,
        "level": top * axes,
        "place": top * axes,
        "code": int(info[k.NODES]),
        "weights": int(info[k.NODES]) * rows,
        "info": len(info),
    }
    return all(
        getattr(a.search, name)[:count].tobytes() == getattr(b.search, name)[:count].tobytes()
        for name, count in used.items()
    )


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_numpy_and_compiled_code_agree_to_the_last_bit(first: int) -> None:
    endings = set()
    for seed in range(first, first + 100):
        root = random_root(seed)
        arrays, native = kernel.begin(root, mode="arrays"), kernel.begin(root, mode="native")
        while arrays.done < 120:
            statuses = arrays.advance(16), native.advance(16)
            assert statuses[0] == statuses[1], seed
            assert same_state(arrays, native), seed
            if statuses[0] in (k.CORNER, k.TOUCHES):
                assert arrays.top() == native.top()
                arrays.decline(statuses[0])
                native.decline(statuses[0])
            elif statuses[0] != k.PAUSED:
                break
        endings.add(statuses[0])
    assert {k.FINISHED, k.DEEP} <= endings


def exact_halves(line: list[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    lower, upper = [line[0]], [line[-1]]
    while len(line) > 1:
        line = [(a + b) / 2 for a, b in pairwise(line)]
        lower.append(line[0])
        upper.insert(0, line[-1])
    return lower, upper


@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(
        st.lists(st.fractions(-4, 4, max_denominator=997), min_size=4, max_size=4),
        min_size=1,
        max_size=4,
    ),
    senses=st.lists(st.sampled_from(SENSES), min_size=4, max_size=4),
)
def test_every_leaf_is_closed_in_exact_arithmetic(
    rows: list[list[Fraction]], senses: list[int]
) -> None:
    senses = senses[: len(rows)]
    tensor = np.array([[float(q / 8) for q in row] for row in rows])
    exploration = kernel.begin(Root(tensor, np.full(len(rows), 1.2e-16), tuple(senses)))
    while (status := exploration.advance(200 - exploration.done)) in (k.CORNER, k.TOUCHES):
        exploration.decline(status)
    if status != k.FINISHED:
        return
    codes = np.concatenate(exploration.codes).tolist()
    weights = np.concatenate(exploration.weights)
    pending = [[[q / 8 for q in row] for row in rows]]
    for code, multipliers in zip(codes, weights, strict=True):
        box = pending.pop()
        if code != k.LEAF:
            halves = [exact_halves(line) for line in box]
            pending += [[upper for _, upper in halves], [lower for lower, _ in halves]]
            continue
        exact = [Fraction(float(q)) for q in multipliers]
        assert all(q >= 0 or s == k.EQUAL for q, s in zip(exact, senses, strict=True))
        bound = max(sum(q * line[i] for q, line in zip(exact, box, strict=True)) for i in range(4))
        strict = any(q > 0 and s == k.ABOVE for q, s in zip(exact, senses, strict=True))
        assert bound < 0 or (bound == 0 and strict)
    assert not pending


@pytest.mark.parametrize("mode", ["arrays", "native"])
def test_a_combination_of_three_closes_what_no_pair_closes(mode: kernel.Mode) -> None:
    # x > 0, y > 0, -x - y > 0 over [-1, 1]^2, moved apart by a margin.
    x = np.array([[-1.0, -1.0], [1.0, 1.0]]) - 0.01
    y = x.T
    root = Root(np.stack([x, y, -x - y - 0.1]) / 4, np.full(3, 1e-16), (k.AT_LEAST,) * 3)
    exploration = kernel.begin(root, mode=mode)
    assert exploration.advance(1000) == k.FINISHED
    assert exploration.done == 1
    assert (np.concatenate(exploration.weights)[0] > 0).all()


def endless() -> Exploration:
    """Return a search that touches zero along a diagonal and so never ends by itself."""
    x = np.array([-1.0, 0.0, 1.0])
    distance = x[:, None] ** 2 * np.ones(3) - 2.0 * np.outer(x, x) + x**2
    line = np.outer([1.0, -1.0, 1.0], np.ones(3)) - 2.0 * np.outer(x, x)
    line = line + np.outer(np.ones(3), [1.0, -1.0, 1.0])
    assert distance.shape == line.shape
    return kernel.begin(Root(-line[None] / 8, np.full(1, 1e-16), (k.AT_LEAST,)), mode="native")


def test_a_flag_of_another_thread_ends_a_search_within_milliseconds() -> None:
    stopped = threading.Event()
    latencies = []
    for _ in range(5):
        exploration = endless()
        exploration.search.info[k.ASKS] = 0
        raised = []

        def work(exploration: Exploration = exploration, raised: list[float] = raised) -> None:
            while True:
                # A deep box ends a slice: begin again, so that only the flag can end this.
                if exploration.advance(2**30) == k.CANCELLED:
                    raised.append(time.perf_counter())
                    return
                exploration.search.info[k.TOP] = 1
                exploration.search.level[:] = 0

        thread = threading.Thread(target=work)
        thread.start()
        stopped.wait(0.01)
        start = time.perf_counter()
        exploration.search.cancel[0] = 1
        thread.join(5)
        latencies.append(raised[0] - start)
    assert min(latencies) < 0.005


def test_two_searches_share_a_process_without_sharing_a_state() -> None:
    roots = [random_root(seed) for seed in range(40)]
    alone = []
    for root in roots:
        exploration = kernel.begin(root, mode="native")
        exploration.search.info[k.ASKS] = 0
        alone.append((exploration.advance(60), exploration.done))
    together: dict[int, tuple[int, int]] = {}

    def work(part: int) -> None:
        for place in range(part, len(roots), 2):
            exploration = kernel.begin(roots[place], mode="native")
            exploration.search.info[k.ASKS] = 0
            together[place] = (exploration.advance(60), exploration.done)

    threads = [threading.Thread(target=work, args=(part,)) for part in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [together[place] for place in range(len(roots))] == alone


def test_without_compiled_code_numpy_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_native, "load", cache(lambda: None))
    root = random_root(7)
    exploration = kernel.begin(root, mode="native")
    other = kernel.begin(root, mode="arrays")
    for _ in range(3):
        assert exploration.advance(10) == other.advance(10)
    assert same_state(exploration, other)


def test_many_searches_in_one_call_give_the_answers_of_each() -> None:
    native = kernel_native.load()
    assert native is not None
    first = random_root(1)
    rng = np.random.default_rng(5)
    tensors = rng.normal(size=(50, *first.tensor.shape)) / 8
    rows = len(first.senses)
    state = kernel.prepare(first)
    axes = len(first.degrees)
    answers = np.zeros((50, 2 + 2 * axes), dtype=np.int64)
    errors = np.full((50, rows), 2e-16)
    flat = np.ascontiguousarray(np.hstack([tensors.reshape(50, -1), errors]))
    native.explore_many(state, flat, answers, len(state.code))
    for tensor, answer in zip(tensors, answers, strict=True):
        search = kernel.prepare(Root(tensor, errors[0], first.senses))
        status = kernel_arrays.explore(search, len(state.code))
        sure = answer[0] == kernel_batches.SURE_CORNER
        assert status == (k.CORNER if sure else answer[0])
        if sure:
            at = (int(search.info[k.TOP]) - 1) * tensor.size
            corner = search.coef[at : at + tensor.size].reshape(rows, -1)[
                :, search.corners[answer[1]]
            ]
            assert (corner > 0).all()


@settings(deadline=None, max_examples=60)
@given(
    degrees=st.tuples(st.integers(1, 5), st.integers(0, 3)),
    ends=st.tuples(*[st.floats(-8, 8) for _ in range(4)]),
    seed=st.integers(0, 2**32),
)
def test_the_compiled_conversion_keeps_its_error_bound(
    degrees: tuple[int, int], ends: tuple[float, float, float, float], seed: int
) -> None:
    native = kernel_native.load()
    assert native is not None
    rng = np.random.default_rng(seed)
    tensor = rng.integers(-1000, 1000, (2, degrees[0] + 1, degrees[1] + 1)) / 64
    low, high = np.minimum(ends[:2], ends[2:]), np.maximum(ends[:2], ends[2:])
    search = kernel.prepare(Root(tensor, np.zeros(2), (k.AT_LEAST, k.AT_LEAST)))
    box = np.concatenate([low, high])
    if native.explorer_of_powers(search, box)(0) == kernel_batches.COARSE:
        return
    context = context_of(("x", "y"))
    ranges = [(Fraction(float(a)), Fraction(float(b))) for a, b in zip(low, high, strict=True)]
    for row in range(2):
        terms = {e: rational(Fraction(float(v))) for e, v in np.ndenumerate(tensor[row])}
        exact, denominator = exact_coefficients(context.from_dict(terms), (0, 1), degrees, ranges)
        factor = Fraction(float(search.scratch[7 * 2 + row]))
        found = search.coef[row * exact.size : (row + 1) * exact.size]
        bound = Fraction(float(search.err[row]))
        for value, whole in zip(found, exact.ravel(), strict=True):
            assert abs(Fraction(float(value)) - whole * factor / denominator) <= bound
