"""A family's verdicts are those of its members, and every one of them has evidence."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import lucid_checker
import numpy as np
import pytest
from lucid_validation import warm
from lucid_validation.barrier import family as family_module
from lucid_validation.barrier.errors import Unsupported
from lucid_validation.barrier.family import PROVED, REFUTED, UNDECIDED, Family
from lucid_validation.barrier.methods import kernel_native
from lucid_validation.barrier.problem import parse_problem

MONOMIALS = [(i, j) for i in range(5) for j in range(5) if i + j <= 4]
SETS: dict[str, Any] = {
    "dynamics": {"x": "-x + y - 0.1*x**3", "y": "-x - y - 0.1*y**3"},
    "domain": ["x >= -5/2", "x <= 5/2", "y >= -5/2", "y <= 5/2"],
    "init": {"and": ["(x - 0.2)**2 + (y - 0.1)**2 <= 0.16"]},
    "unsafe": {"or": ["(x - 1.7)**2 + (y - 1.6)**2 <= 0.09", "(x + 2)**2 + y**2 <= 0.04"]},
    "certificate": {"type": "barrier", "expr": "x", "lambda": "-1"},
    "flow_condition": "exponential",
}
WORDS = {UNDECIDED: "UNDECIDED", PROVED: "PROVED", REFUTED: "REFUTED"}


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    if kernel_native.load() is None:
        assert warm.main() == 0
        kernel_native.load.cache_clear()


def members(count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    rng = np.random.default_rng(11)
    base = {(2, 0): 1.0, (0, 2): 0.9, (1, 1): 0.2, (0, 0): -1.0, (4, 0): 0.01, (2, 2): 0.02}
    rows = np.array([base.get(m, 0.0) for m in MONOMIALS])
    found = rows * (1 + rng.uniform(-0.01, 0.01, (count, len(rows))))
    found += rng.uniform(-1e-3, 1e-3, found.shape)
    found[1::2, 0] += rng.choice([0.8, -8.0], len(found[1::2]))
    return found


def test_half_of_a_family_is_refuted_and_all_of_it_has_evidence(
    spiral: Callable[..., dict[str, Any]],
) -> None:
    raw = spiral(**SETS)
    family = Family(parse_problem(raw), MONOMIALS)
    coefficients = members(60)
    verdicts = family.decide(coefficients)
    assert verdicts.names == ("init", "unsafe", "flow")
    assert (verdicts.words[::2] == PROVED).all()
    assert (verdicts.words[1::2] == REFUTED).any(axis=1).all()
    for row, words in zip(coefficients[:24], verdicts.words, strict=False):
        entries = family.evidence(row)
        expected = {n: WORDS[w] for n, w in zip(verdicts.names, words, strict=True) if w}
        assert {name: entry["verdict"] for name, entry in entries.items()} == expected
        member = {**raw, "certificate": {**raw["certificate"], "expr": family.expression(row)}}
        document = {
            "format": "lucid-evidence/1",
            "problem_sha256": parse_problem(member).sha256,
            "obligations": entries,
        }
        report = lucid_checker.check(json.dumps(member), json.dumps(document))
        assert report.accepted, report
        assert report.obligations == expected


def test_a_large_family_is_decided_in_parts(
    monkeypatch: pytest.MonkeyPatch, spiral: Callable[..., dict[str, Any]]
) -> None:
    problem = parse_problem(spiral(**SETS))
    coefficients = members(50)
    whole = Family(problem, MONOMIALS).decide(coefficients).words
    monkeypatch.setattr(family_module, "_CHUNK", 7)
    assert (Family(problem, MONOMIALS).decide(coefficients).words == whole).all()
    assert Family(problem, MONOMIALS).decide(coefficients[:0]).words.shape == (0, 3)


def test_numpy_alone_gives_the_same_verdicts(
    monkeypatch: pytest.MonkeyPatch, spiral: Callable[..., dict[str, Any]]
) -> None:
    problem = parse_problem(spiral(**SETS))
    coefficients = members(30)
    compiled = Family(problem, MONOMIALS).decide(coefficients).words
    monkeypatch.setattr(kernel_native, "load", cache(lambda: None))
    assert (Family(problem, MONOMIALS).decide(coefficients).words == compiled).all()


def test_a_member_on_the_edge_is_not_claimed_either_way(
    spiral: Callable[..., dict[str, Any]],
) -> None:
    # B = x**2 + y**2 - 9/16 touches init = {x**2 + y**2 <= 9/16} from inside: floats cannot tell.
    sets = {**SETS, "init": "x**2 + y**2 <= 9/16"}
    family = Family(parse_problem(spiral(**sets)), [(2, 0), (0, 2), (0, 0)])
    shifts = np.array([1e-18, 0.0, -1e-18, 1e-3, -1e-3])
    rows = np.column_stack([np.ones(5), np.ones(5), -0.5625 + shifts])
    words = family.decide(rows).words[:, 0]
    assert set(words[:3]) <= {UNDECIDED, PROVED}
    assert words[3] == REFUTED
    assert words[4] == PROVED


@pytest.mark.parametrize(
    "changes",
    [
        {"domain": None},
        {"dynamics": {"x": "-x + sin(y)", "y": "-y"}},
        {"flow_condition": "invariant"},
    ],
)
def test_what_is_no_family_is_refused(
    spiral: Callable[..., dict[str, Any]], changes: dict[str, Any]
) -> None:
    problem = parse_problem(spiral(**{**SETS, **changes}))
    with pytest.raises(Unsupported):
        Family(problem, MONOMIALS)


@pytest.mark.parametrize("bad", [np.zeros((3, 2)), np.full((1, 15), np.nan), np.zeros(15)])
def test_coefficients_of_another_shape_are_refused(
    spiral: Callable[..., dict[str, Any]], bad: Any
) -> None:
    family = Family(parse_problem(spiral(**SETS)), MONOMIALS)
    with pytest.raises(ValueError, match="finite coefficients"):
        family.decide(bad)
