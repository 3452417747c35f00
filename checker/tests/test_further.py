"""The further kinds and forms of evidence: what is true is accepted."""

import pytest
from further import ALL, texts
from lucid_checker import check


@pytest.mark.parametrize("name", ALL)
def test_evidence_of_a_further_kind_written_by_hand_is_accepted(name):
    report = check(*texts(name))
    assert report.accepted, report.reasons


@pytest.mark.parametrize(
    ("name", "bound"), [("chance", "7/20"), ("finite", "7/20"), ("diffusion", "3/8")]
)
def test_a_supermartingale_bounds_a_probability_and_implies_no_safety(name, bound):
    report = check(*texts(name))
    assert report.probability_bound == bound
    assert not report.implies_safety
    assert report.reasons[0].startswith("PROBABILISTIC")
