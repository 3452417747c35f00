"""Messages and JSON problems say the same, and errors lead back to the field of the message."""

import pytest
from lucid.validation.v1 import problem_pb2 as problems
from lucid.validation.v1 import verdict_pb2
from lucid_validation.convert import FLOWS, message_path, problem_json, refusal_of
from lucid_validation.convert_verdict import canonical_of, verdict_message
from lucid_validation.errors import ExpressionUnreadable, LimitExceeded, ProblemMalformed
from lucid_validation.readings import KINDS, obligations_of, reading_of, statement_of
from lucid_validation.verdict_cache import may_reuse


def atom(text: str) -> problems.Formula:
    return problems.Formula(atom=text)


def every(*texts: str) -> problems.Formula:
    return problems.Formula(all=problems.FormulaList(formulas=[atom(t) for t in texts]))


def message(**certificate) -> problems.Problem:
    choice = problems.FormulaList(formulas=[atom("x >= 0")])
    exponential = {"kind": problems.CERTIFICATE_KIND_EXPONENTIAL, "barrier": "x - 1", "rate": "-1"}
    return problems.Problem(
        system=problems.System(
            variables=["x", "p"],
            parameters=["p"],
            dynamics={"x": "-p*x", "p": "0"},
            domain=[atom("p >= 1"), problems.Formula(any=choice)],
        ),
        initial=every("x == 0", "p <= 2"),
        unsafe=atom("x > 5"),
        certificate=problems.Certificate(**{**exponential, **certificate}),
    )


def test_a_message_becomes_the_problem_of_the_public_format():
    assert problem_json(message()) == {
        "kind": "continuous",
        "vars": ["x", "p"],
        "parameters": ["p"],
        "dynamics": {"x": "-p*x", "p": "0"},
        "domain": ["p >= 1", {"or": ["x >= 0"]}],
        "init": {"and": ["x == 0", "p <= 2"]},
        "unsafe": "x > 5",
        "certificate": {"type": "barrier", "expr": "x - 1", "lambda": "-1"},
        "flow_condition": "exponential",
    }


def test_cuts_become_an_invariant():
    kind = problems.CERTIFICATE_KIND_DIFFERENTIAL_CUTS
    found = problem_json(message(kind=kind, barrier="", rate="", cuts=[atom("x <= 1")]))
    assert found["certificate"] == {"type": "invariant", "cuts": ["x <= 1"]}
    assert found["flow_condition"] == "invariant"
    written = message(kind=kind, cuts=[atom("x <= 1")], formula=every("x <= 1"))
    assert problem_json(written)["certificate"]["formula"] == {"and": ["x <= 1"]}


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("certificate.expr", "problem.certificate.barrier"),
        ("certificate.cuts[1].and[0]", "problem.certificate.cuts[1].all.formulas[0]"),
        ("init.or[2].and[1]", "problem.initial.any.formulas[2].all.formulas[1]"),
        ("dynamics.x", 'problem.system.dynamics["x"]'),
        ("vars[3]", "problem.system.variables[3]"),
        ("kind", "problem.system.time_kind"),
        ("flow_condition", "problem.certificate.kind"),
        ("inputs.vertices[3]", "problem.system.inputs.vertices[3]"),
        ("inputs.vertices[3][1]", "problem.system.inputs.vertices[3].values[1]"),
        ("noise.w.variance", 'problem.system.noise["w"].normal.variance'),
        ("noise.w.high", 'problem.system.noise["w"].uniform.high'),
        ("noise.w.values", 'problem.system.noise["w"].finite.values'),
        ("noise.w.values[2][1]", 'problem.system.noise["w"].finite.values[2].probability'),
        ("noise.w", 'problem.system.noise["w"]'),
        ("diffusion[1].x", 'problem.system.diffusion[1].coefficients["x"]'),
        ("time", "problem.system.time"),
        ("horizon", "problem.system.horizon"),
        ("modes[1].dynamics.x", 'problem.system.modes[1].dynamics["x"]'),
        ("modes[1].init.and[0]", "problem.system.modes[1].initial.all.formulas[0]"),
        ("modes[1].unsafe", "problem.system.modes[1].unsafe"),
        ("transitions[0].from", "problem.system.transitions[0].source"),
        ("transitions[0].reset.x", 'problem.system.transitions[0].reset["x"]'),
        ("certificate.matrix[1][0]", "problem.certificate.matrix[1].entries[0]"),
        ("certificate.exprs[1]", "problem.certificate.barriers[1]"),
        ("certificate.exprs.on", 'problem.certificate.mode_barriers["on"]'),
        ("certificate.k", "problem.certificate.steps"),
        ("certificate.band", "problem.certificate.band"),
        ("$", "problem"),
    ],
)
def test_a_path_leads_back_to_the_field_of_the_message(field, path):
    assert message_path(field) == path


def test_refusals_are_told_apart():
    at = {"field": "certificate.expr", "reason": "BAD_CHARACTER"}
    unreadable = refusal_of({**at, "message": "at character 7: this has no meaning"})
    assert isinstance(unreadable, ExpressionUnreadable)
    assert unreadable.position == "7"
    large = refusal_of(
        {**at, "reason": "TOO_DEEP", "message": "at character 1: (limit 9, found 10)"}
    )
    assert isinstance(large, LimitExceeded)
    assert (large.maximum, large.value) == ("9", "10")
    other = refusal_of({"field": "vars[0]", "reason": "BAD_NAME", "message": "a name is expected"})
    assert type(other) is ProblemMalformed


def test_a_formula_without_form_is_refused_with_its_path():
    broken = message()
    broken.initial.all.formulas[1].Clear()
    with pytest.raises(ProblemMalformed, match=r"problem\.initial\.all\.formulas\[1\]"):
        problem_json(broken)


def decided(status: str, seconds: float) -> verdict_pb2.Verdict:
    problem = message()
    done = {"verdict": "PROVED", "implies_safety": True, "safety": {"theorem": "exponential"}}
    entry = {"name": "init", "verdict": status, "method": "algebra", "seconds": seconds}
    digest = canonical_of(problem_json(problem))[1]
    return verdict_message(problem, digest, done, [entry], None)


def test_the_name_of_a_verdict_is_its_content_and_not_how_long_it_took():
    assert decided("PROVED", 0.1).name == decided("PROVED", 0.2).name
    assert decided("PROVED", 0.1).name != decided("UNDECIDED", 0.1).name


def test_every_kind_that_is_decided_has_a_reading_and_statements():
    names = {
        problems.CertificateKind.Name(kind).removeprefix("CERTIFICATE_KIND_") for kind in FLOWS
    }
    assert names == set(KINDS)
    for name in names:
        assert reading_of(name)
        own = {
            "DIFFERENTIAL_CUTS": ("init", "unsafe", "cut2"),
            "VECTOR": ("init", "unsafe", "flow3"),
            "SUPERMARTINGALE": ("init", "unsafe", "nonnegative", "flow"),
            "HYBRID": ("init.on", "unsafe.off", "flow.flow1", "jump12"),
        }.get(name, ("init", "unsafe", "flow"))
        assert all(statement_of(name, o) for o in own)
        assert len(obligations_of(name)) == len(own)
    assert "not sound" in reading_of("WEAK_LEVEL_SET")


def test_which_verdicts_are_reused():
    def of(status):
        return verdict_pb2.Verdict(status=status)

    for status in (verdict_pb2.VERDICT_STATUS_PROVED, verdict_pb2.VERDICT_STATUS_REFUTED):
        assert may_reuse(of(status), 1.0, 100.0)
    undecided = of(verdict_pb2.VERDICT_STATUS_UNDECIDED)
    assert may_reuse(undecided, 2.0, 2.0)
    assert not may_reuse(undecided, 2.0, 2.1)
    for status in (verdict_pb2.VERDICT_STATUS_QUARANTINED, verdict_pb2.VERDICT_STATUS_ERROR):
        assert not may_reuse(of(status), 2.0, 1.0)
