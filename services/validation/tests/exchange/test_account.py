"""What people read says what was claimed, how it was shown, and what is missing, for every kind."""

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from lucid_validation.barrier.conditions import obligations
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.exchange.account import account_of
from lucid_validation.exchange.citations import THEOREM_WORKS, WORKS
from lucid_validation.exchange.latex import escaped, marked, mathematics, to_latex
from lucid_validation.exchange.proof_words import case_words, witness_words
from lucid_validation.exchange.summary import to_markdown
from matplotlib.mathtext import MathTextParser

ROOT = Path(__file__).resolve().parents[4]


def account(decided: Any) -> Any:
    problem = parse_problem(decided.raw)
    return account_of(decided.raw, problem, decided.evidence, decided.report)


def test_every_obligation_has_claim_source_verdict_and_reason(example: Any) -> None:
    text = to_markdown(account(example))
    for obligation in obligations(parse_problem(example.raw)):
        assert obligation.name in example.evidence["obligations"]
        verdict = example.evidence["obligations"][obligation.name]["verdict"]
        _, _, rest = text.partition(f"## Obligation {obligation.name}: {verdict}\n")
        section = rest.split("\n## ")[0]
        assert obligation.theorem in section
        assert f"[{obligation.citation}]" in section
        assert ("- Proof: " if verdict == "PROVED" else "- Counterexample: ") in section
    assert parse_problem(example.raw).sha256 in text
    assert "The independent checker: accepted" in text
    assert "a proof of type" not in text
    for text_of in example.raw["dynamics"] or {}:
        assert text_of in text


def test_safety_names_its_theorem_or_what_is_missing(example: Any) -> None:
    text = to_markdown(account(example)).partition("## Safety")[2]
    if example.report.implies_safety:
        assert f"by the theorem {example.report.theorem}" in text
    elif example.report.probability_bound is not None:
        assert f"at most {example.report.probability_bound}" in text
        assert "not implied" in text
    else:
        assert "No safety is claimed" in text
        assert example.report.reasons[0].split(":")[0] in text


def test_the_document_is_balanced_and_every_formula_can_be_set(example: Any) -> None:
    document = to_latex(account(example))
    assert document.startswith("\\documentclass")
    assert document.rstrip().endswith("\\end{document}")
    assert document.count("\\begin{itemize}") == document.count("\\end{itemize}")
    plain = re.sub(r"\\[\\{}$&%#_]", "", document)
    assert plain.count("{") == plain.count("}")
    assert plain.count("$") % 2 == 0
    assert not re.search(r"[&#%`~^_]", re.sub(r"\$[^$]*\$", "", plain))
    parser = MathTextParser("agg")
    formulas = set(re.findall(r"\$[^$]+\$", document))
    assert formulas
    for formula in formulas:
        parser.parse(formula)


def test_a_bounded_domain_is_said_face_by_face(decided: Callable[..., Any], disc: Any) -> None:
    text = to_markdown(account(decided(disc | {"domain": ["x <= 1/3"]})))
    assert "Missing: DOMAIN_CAN_BE_LEFT" in text
    kept = decided(disc | {"domain": ["y <= 3", "y >= -3"], "dynamics": {"x": "-x", "y": "-y"}})
    text = to_markdown(account(kept))
    assert "Runs start inside of bound 1 of the domain" in text
    assert "Bound 2 of the domain is kept" in text


def test_a_counterexample_comes_with_the_value_of_every_constraint(
    decided: Callable[..., Any], disc: Any
) -> None:
    disc["certificate"]["expr"] = "x**2 + y**2 - 1/8"
    found = decided(disc)
    witness = found.evidence["obligations"]["init"]["witness"]
    assert witness["type"] == "point"
    (init, *_) = obligations(parse_problem(disc))
    x, y = (Fraction(witness["values"][name]) for name in "xy")
    said = witness_words(witness, init.cases[0])  # type: ignore[union-attr]
    assert said[0].startswith(f"It fails at `x = {x}`, `y = {y}`")
    assert said[1].startswith(f"g1 is {Fraction(1, 4) - x * x - y * y}")
    assert said[2].startswith(f"g2 is {x * x + y * y - Fraction(1, 8)}")


def test_a_split_tree_is_said_with_its_size_and_depth(disc: Any) -> None:
    ring = parse_problem(disc).ring
    proof = {
        "type": "split",
        "box": {"x": ["0", "1"], "y": ["-1/3", "1"]},
        "bounds": {},
        "form": "bernstein",
        "tree": [0, {"constraint": 1}, 1, {"constraint": 1}, {"combination": [[0, "1"], [1, "2"]]}],
    }
    (said,) = case_words([proof], ring)
    assert "x in [0, 1], y in [-1/3, 1]" in said
    assert "3 parts, 2 cuts deep" in said
    assert "g2 on 2 of them, a combination with positive multipliers on 1 of them" in said


def test_a_sum_of_squares_is_said_with_its_gram_sizes(disc: Any) -> None:
    gram = {"basis": [[0, 0], [1, 0], [0, 1]], "matrix": []}
    proof = {
        "type": "positivstellensatz",
        "strict": {"coefficient": "1", "factors": [1]},
        "terms": [{"factors": [0], "gram": gram}, {"factors": [0, 0], "coefficient": "2"}],
        "ideal": [],
    }
    (said,) = case_words([proof], parse_problem(disc).ring)
    assert "1 sum of squares (Gram matrices 3x3)" in said
    assert "1 product of constraints" in said
    assert "the positive g2" in said
    assert "uses g1, g2" in said


def test_without_evidence_nothing_is_called_decided(disc: Any) -> None:
    text = to_markdown(account_of(disc, parse_problem(disc)))
    assert "nothing above is decided" in text
    assert "PROVED" not in text
    assert "Claim: B <= 0 on every initial state" in text


def test_evidence_of_another_problem_is_said_to_prove_nothing(
    decided: Callable[..., Any], disc: Any
) -> None:
    found = decided(disc)
    other = disc | {"init": {"and": ["x**2 + y**2 <= 1/5"]}}
    text = to_markdown(account_of(other, parse_problem(other), found.evidence))
    assert "names another problem" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x1**2/(y + 1)", r"$\frac{x_{1}^{2}}{y + 1}$"),
        ("-x*2*theta_1", r"$-x \cdot 2 \, \theta_{1}$"),
        ("x' = sqrt(speed)", r"$\dot{x} = \sqrt{\mathit{speed}}$"),
        ("x+ = abs(y)", r"$x^{+} = |y|$"),
        ("a - (b - c) >= 1/3", r"$a - (b - c) \geq \frac{1}{3}$"),
        ("not ) readable", r"\texttt{not ) readable}"),
    ],
)
def test_mathematics_is_set_as_it_is_meant(text: str, expected: str) -> None:
    assert mathematics(text) == expected


def test_plain_text_cannot_become_a_command() -> None:
    assert escaped(r"\input{a_b} 50% & ~ ^ #1 $x$ <= <") == (
        r"\textbackslash{}input\{a\_b\} 50\% \& \textasciitilde{} \textasciicircum{} \#1 "
        r"\$x\$ \ensuremath{\leq} \ensuremath{<}"
    )
    assert marked("a`b") == "a`b"


def test_the_works_are_those_of_the_bibliography() -> None:
    entries = (ROOT / "docs/references.bib").read_text()
    plain = re.sub(r"[{}]", "", entries.replace('{\\"U}', "Ü").replace('{\\"o}', "ö"))
    for key, work in WORKS.items():
        _, _, entry = plain.partition(f"{key},")
        entry = entry.split("\n@")[0]
        authors, _, rest = work.partition(": ")
        title, _, year = rest.rpartition(", ")
        assert key.endswith(year)
        assert title in entry, key
        for author in authors.split(", "):
            assert author in entry, key
    assert set(THEOREM_WORKS.values()) <= set(WORKS)
