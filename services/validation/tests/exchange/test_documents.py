"""Problem files keep their mathematics and hash; what cannot be read is named by its field."""

from typing import Any

import pytest
from lucid_validation.barrier.problem import sha256_of
from lucid_validation.exchange.documents import bundle, canonical_problem, parsed, read_document
from lucid_validation.exchange.errors import ExchangeInvalid


def test_a_canonical_problem_has_the_hash_and_no_labels(corpus: list[dict[str, Any]]) -> None:
    for entry in corpus[::9]:
        clean = canonical_problem(entry)
        assert sha256_of(clean) == sha256_of(entry)
        assert canonical_problem(clean) == clean
        assert not {"expected", "conditions", "witnesses", "notes", "dim"} & clean.keys()


@pytest.mark.parametrize("kind", ["continuous", "discrete"])
def test_a_problem_without_certificate_is_validated_too(disc: dict[str, Any], kind: str) -> None:
    clean = canonical_problem(disc | {"certificate": None, "flow_condition": None, "kind": kind})
    assert clean["certificate"] is None
    with pytest.raises(ExchangeInvalid, match=r"dynamics\.x"):
        canonical_problem(disc | {"certificate": None, "dynamics": {"x": "z", "y": "x"}})


@pytest.mark.parametrize(
    "raw", [3, [], None, {"problem": 3, "evidence": {}}, {"problem": {}, "evidence": 1}]
)
def test_what_is_no_document_is_refused(raw: Any) -> None:
    with pytest.raises(ExchangeInvalid):
        read_document(raw)


def test_a_bundle_is_taken_apart_and_put_together(disc: dict[str, Any]) -> None:
    assert read_document(disc) == (disc, None)
    both = bundle(disc, {"format": "lucid-evidence/1"})
    assert read_document(both) == (disc, {"format": "lucid-evidence/1"})
    assert parsed(disc).variables == ("x", "y")
