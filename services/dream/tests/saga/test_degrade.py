"""What may be missing, and what may never be."""

from lucid_dream.saga.degrade import Capability, Consequence, may_degrade, on_unavailable
from lucid_dream.saga.history import Step


def test_only_what_adds_to_a_session_may_be_missing() -> None:
    assert {c for c in Capability if may_degrade(c)} == {
        Capability.CARRIER,
        Capability.CACHE,
        Capability.METRICS,
        Capability.VENDOR,
    }


def test_every_step_without_a_rule_fails_closed() -> None:
    lenient = {s for s in Step if on_unavailable(s) is not Consequence.REFUSE}
    assert lenient == {Step.RESERVE, Step.CARRIER, Step.SETTLE}
