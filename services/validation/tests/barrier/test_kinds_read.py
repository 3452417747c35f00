"""Every mistake in a field of the further kinds is named by its path."""

import json
from pathlib import Path
from typing import Any

import pytest
from lucid_validation.barrier.errors import ProblemInvalid
from lucid_validation.barrier.problem import parse_problem, sha256_of

Raw = dict[str, Any]
# One right problem of each kind, small enough to be seen through.
EXAMPLES: dict[str, Raw] = json.loads((Path(__file__).parent / "kinds.json").read_text())
BAND = EXAMPLES["band"]
ZEROING = EXAMPLES["zeroing_cbf"]
FINITE_HORIZON = EXAMPLES["finite_horizon"]
VECTOR = EXAMPLES["vector"]
K_INDUCTIVE = EXAMPLES["k_inductive"]
SUPERMARTINGALE = EXAMPLES["supermartingale"]
DIFFUSION = EXAMPLES["diffusion"]
HYBRID = EXAMPLES["hybrid"]


def changed(raw: Raw, **changes: Any) -> Raw:
    """Return the problem with fields replaced."""
    return {**raw, **changes}


def certified(raw: Raw, **changes: Any) -> Raw:
    """Return the problem with fields of its certificate replaced."""
    return {**raw, "certificate": {**raw["certificate"], **changes}}


@pytest.mark.parametrize("raw", EXAMPLES.values(), ids=EXAMPLES)
def test_the_examples_are_read_and_hashed_with_all_their_fields(raw: Raw) -> None:
    problem = parse_problem({"id": "x", "notes": "y", **raw})
    assert problem.sha256 == sha256_of(raw)
    kept = json.loads(problem.text)
    assert {key: kept[key] for key in raw if key != "certificate"} == {
        key: value for key, value in raw.items() if key != "certificate"
    }
    assert raw["certificate"].items() <= kept["certificate"].items()


def test_fields_of_other_kinds_leave_the_hash_of_a_problem_alone() -> None:
    plain = {**BAND, "flow_condition": "everywhere"}
    plain["certificate"] = {"type": "barrier", "expr": "x - 1"}
    empty = {**plain, "noise": None, "certificate": {**plain["certificate"], "k": None}}
    assert sha256_of(plain) == sha256_of(empty)
    assert "noise" not in parse_problem(empty).text


def _hybrid(part: str, index: int, **fields: Any) -> Raw:
    entries = [dict(entry) for entry in HYBRID[part]]
    entries[index].update(fields)
    return changed(HYBRID, **{part: entries})


def _noise(**law: Any) -> Raw:
    return changed(SUPERMARTINGALE, noise={"w": law})


WRONG: list[tuple[Raw, str, str]] = [
    (certified(BAND, band=None), "certificate.band", "MISSING"),
    (certified(BAND, band="0"), "certificate.band", "NOT_POSITIVE"),
    (certified(BAND, band="x"), "certificate.band", "NUMBER_EXPECTED"),
    (certified(BAND, k=2), "certificate.k", "FIELD_DOES_NOT_BELONG"),
    (changed(BAND, horizon="3"), "horizon", "FIELD_DOES_NOT_BELONG"),
    (changed(BAND, modes=[]), "modes", "FIELD_DOES_NOT_BELONG"),
    (changed(BAND, kind="discrete", flow_condition="vector"), "flow_condition", "UNKNOWN_VALUE"),
    (changed(ZEROING, inputs=None), "inputs", "MISSING"),
    (changed(ZEROING, inputs={"names": ["q"], "vertices": [["1"]]}), "inputs.names[0]",
     "UNKNOWN_NAME"),
    (changed(ZEROING, inputs={"names": [], "vertices": []}), "inputs.names", "EMPTY"),
    (changed(ZEROING, inputs={"names": ["u"], "vertices": []}), "inputs.vertices", "LIST_EXPECTED"),
    (changed(ZEROING, inputs={"names": ["u"], "vertices": [["1"]] * 65}), "inputs.vertices",
     "TOO_MANY"),
    (changed(ZEROING, inputs={"names": ["u"], "vertices": [["1"], ["1", "2"]]}),
     "inputs.vertices[1]", "WRONG_LENGTH"),
    (changed(ZEROING, inputs={"names": ["u"], "vertices": [["1"], ["x"]]}),
     "inputs.vertices[1][0]", "NUMBER_EXPECTED"),
    (changed(ZEROING, inputs={"names": ["u"], "vertices": [["1"]], "hull": 1}), "inputs.hull",
     "UNKNOWN_FIELD"),
    (changed(ZEROING, dynamics={"x": "u**2", "u": "0"}), "dynamics.x", "NOT_AFFINE_IN_INPUTS"),
    (changed(ZEROING, dynamics={"x": "sin(u)", "u": "0"}), "dynamics.x", "NOT_AFFINE_IN_INPUTS"),
    (changed(ZEROING, dynamics={"x": "u", "u": "1"}), "dynamics.u", "NOT_ZERO"),
    (changed(ZEROING, init={"and": ["u <= 0"]}), "init", "ONLY_IN_DYNAMICS"),
    (certified(ZEROING, expr="x - u"), "certificate.expr", "ONLY_IN_DYNAMICS"),
    (certified(ZEROING, **{"lambda": "-cos(u)"}), "certificate.lambda", "ONLY_IN_DYNAMICS"),
    (certified(ZEROING, **{"lambda": None}), "certificate.lambda", "MISSING"),
    (changed(FINITE_HORIZON, time="s"), "time", "UNKNOWN_NAME"),
    (changed(FINITE_HORIZON, time=3), "time", "UNKNOWN_NAME"),
    (changed(FINITE_HORIZON, time=None), "time", "MISSING"),
    (changed(FINITE_HORIZON, time="x", dynamics={"x": "2", "t": "1"}), "dynamics.x", "NOT_ONE"),
    (changed(FINITE_HORIZON, horizon="0"), "horizon", "NOT_POSITIVE"),
    (changed(FINITE_HORIZON, horizon=2), "horizon", "TEXT_EXPECTED"),
    (certified(VECTOR, matrix=[["-2", "1"], ["-1", "-2"]]), "certificate.matrix[1][0]",
     "NOT_METZLER"),
    (certified(VECTOR, matrix=[["-2", "1"]]), "certificate.matrix", "WRONG_LENGTH"),
    (certified(VECTOR, matrix=[["-2", "1"], ["1"]]), "certificate.matrix[1]", "WRONG_LENGTH"),
    (certified(VECTOR, matrix=[["-2", "x"], ["1", "1"]]), "certificate.matrix[0][1]",
     "NUMBER_EXPECTED"),
    (certified(VECTOR, exprs=[]), "certificate.exprs", "LIST_EXPECTED"),
    (certified(VECTOR, exprs=["x"] * 17), "certificate.exprs", "TOO_MANY"),
    (certified(VECTOR, exprs=["x", "q"]), "certificate.exprs[1]", "UNKNOWN_NAME"),
    (certified(K_INDUCTIVE, k=0), "certificate.k", "OUT_OF_RANGE"),
    (certified(K_INDUCTIVE, k=9), "certificate.k", "OUT_OF_RANGE"),
    (certified(K_INDUCTIVE, k="2"), "certificate.k", "INTEGER_EXPECTED"),
    (certified(K_INDUCTIVE, k=True), "certificate.k", "INTEGER_EXPECTED"),
    (_noise(distribution="cauchy"), "noise.w.distribution", "UNKNOWN_VALUE"),
    (_noise(distribution="normal", mean="0", variance="-1"), "noise.w.variance", "NEGATIVE"),
    (_noise(distribution="normal", mean="0", sigma="1"), "noise.w.sigma", "UNKNOWN_FIELD"),
    (_noise(distribution="uniform", low="1", high="1"), "noise.w.high", "OUT_OF_ORDER"),
    (_noise(distribution="finite", values=[["0", "1/2"], ["1", "1/3"]]), "noise.w.values",
     "PROBABILITIES"),
    (_noise(distribution="finite", values=[["0", "0"], ["1", "1"]]), "noise.w.values[0][1]",
     "NOT_POSITIVE"),
    (_noise(distribution="finite", values=[["0"]]), "noise.w.values[0]", "WRONG_LENGTH"),
    (changed(SUPERMARTINGALE, noise={}), "noise", "EMPTY"),
    (changed(SUPERMARTINGALE, noise={"v": {}}), "noise.v", "UNKNOWN_NAME"),
    (changed(SUPERMARTINGALE, parameters=["w"]), "noise.w", "IS_PARAMETER"),
    (changed(SUPERMARTINGALE, unsafe={"and": ["x + w >= 1"]}), "unsafe", "ONLY_IN_DYNAMICS"),
    (changed(SUPERMARTINGALE, horizon="1/2"), "horizon", "INTEGER_EXPECTED"),
    (changed(SUPERMARTINGALE, horizon=None), "certificate.drift", "NEEDS_HORIZON"),
    (certified(SUPERMARTINGALE, gamma="-1"), "certificate.gamma", "NEGATIVE"),
    (certified(SUPERMARTINGALE, gamma=None), "certificate.gamma", "MISSING"),
    (changed(DIFFUSION, diffusion=[]), "diffusion", "LIST_EXPECTED"),
    (changed(DIFFUSION, diffusion=[{"x": "1"}, {"z": "1"}]), "diffusion[1].z", "UNKNOWN_NAME"),
    (changed(DIFFUSION, diffusion=[{"x": "1 +"}]), "diffusion[0].x", "OPERAND_EXPECTED"),
    (changed(HYBRID, dynamics={"x": "1"}), "dynamics", "FIELD_DOES_NOT_BELONG"),
    (changed(HYBRID, modes=[]), "modes", "LIST_EXPECTED"),
    (_hybrid("modes", 1, name="on"), "modes[1].name", "DUPLICATE_NAME"),
    (_hybrid("modes", 1, dynamics={"x": "y"}), "modes[1].dynamics.x", "UNKNOWN_NAME"),
    (_hybrid("modes", 0, domain=["x"]), "modes[0].domain[0]", "RELATION_EXPECTED"),
    (_hybrid("modes", 0, guard="x >= 0"), "modes[0].guard", "UNKNOWN_FIELD"),
    (_hybrid("transitions", 0, to="nowhere"), "transitions[0].to", "UNKNOWN_NAME"),
    (_hybrid("transitions", 0, guard=None), "transitions[0].guard", "FORMULA_EXPECTED"),
    (_hybrid("transitions", 0, reset={"y": "1"}), "transitions[0].reset.y", "UNKNOWN_NAME"),
    (certified(HYBRID, exprs={"on": "x"}), "certificate.exprs.off", "MISSING"),
    (certified(HYBRID, exprs={"on": "x", "off": "x", "no": "x"}), "certificate.exprs.no",
     "UNKNOWN_NAME"),
    (changed(HYBRID, flow_condition="boundary_weak"), "flow_condition", "UNKNOWN_VALUE"),
    (changed(HYBRID, flow_condition="exponential"), "certificate.lambda", "MISSING"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "field", "code"), WRONG, ids=[f"{w[1]}-{w[2]}" for w in WRONG])
def test_what_is_wrong_is_named_by_its_path(raw: Raw, field: str, code: str) -> None:
    with pytest.raises(ProblemInvalid) as caught:
        parse_problem(raw)
    assert (caught.value.field, caught.value.code) == (field, code)
