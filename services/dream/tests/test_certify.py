"""A certificate is a proof that implies safety, from validation or checked again here; or a no."""

import json
from fractions import Fraction
from typing import Any, cast

import pytest
from lucid.dream.v1 import session_pb2
from lucid.validation.v1 import problem_pb2, verdict_pb2
from lucid.vendor.v1 import seed_pb2
from lucid_dream.basic_seed import _levels
from lucid_dream.certify import certify_seed
from lucid_dream.convert import problem_to_message
from lucid_dream.outcomes import Outcome
from lucid_dream.peers import PeerRefused, Peers, PeerUnavailable
from lucid_dream.saga.history import Result
from lucid_dream.sessions import Stored

LEVEL = _levels()[-1]
PROVED = verdict_pb2.Verdict(
    name="verdicts/v",
    evidence="evidence/e",
    status="VERDICT_STATUS_PROVED",
    safety=verdict_pb2.SafetyClaim(implies_safety=True),
)


class ScriptedPeers:
    """Validation and the cache as a test wants them; the cache remembers, as the real one does."""

    def __init__(self, answer: verdict_pb2.Verdict | Exception) -> None:
        self.answer = answer
        self.remembered: dict[str, dict[str, str]] = {}

    async def validate(self, problem: problem_pb2.Problem) -> verdict_pb2.Verdict:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def evidence(self, name: str) -> verdict_pb2.Evidence:
        return verdict_pb2.Evidence(name=name, document=LEVEL.evidence_text)

    async def remember(self, key: str, value: dict[str, str]) -> None:
        self.remembered[key] = value

    async def recall(self, key: str) -> dict[str, str] | None:
        return self.remembered.get(key)


def stored() -> Stored:
    seed = seed_pb2.Seed(model=problem_to_message(LEVEL.problem), intensity_cap="0.8")
    return Stored("s1", "u1", session_pb2.Session(), seed, {"cap": "1.0", "mode": "FULL"})


async def certify(peers: ScriptedPeers) -> tuple[Outcome, Stored]:
    session = stored()
    outcome = await certify_seed(session, cast("Peers", peers))
    outcome.change(session)
    return outcome, session


async def test_a_proof_of_safety_is_accepted_for_the_least_cap() -> None:
    outcome, session = await certify(ScriptedPeers(PROVED))
    assert outcome.result is Result.DONE
    assert session.message.effective_cap == "0.8"
    assert session.message.verdict == "verdicts/v"


async def test_with_validation_down_an_earlier_proof_is_checked_again_and_used() -> None:
    peers = ScriptedPeers(PROVED)
    await certify(peers)
    peers.answer = PeerUnavailable("validation", "UNAVAILABLE")
    outcome, session = await certify(peers)
    assert outcome.result is Result.DONE
    assert "checked here again" in outcome.detail
    assert session.message.evidence == "evidence/e"


@pytest.mark.parametrize("kept", ["nothing", "forged", "another"])
async def test_with_validation_down_nothing_less_than_accepted_evidence_will_do(kept: str) -> None:
    peers = ScriptedPeers(PROVED)
    await certify(peers)
    peers.answer = PeerUnavailable("validation", "UNAVAILABLE")
    for value in peers.remembered.values():
        document: dict[str, Any] = json.loads(value["evidence"])
        document["obligations"].pop("flow")
        other = _levels()[0].evidence_text
        value["evidence"] = json.dumps(document) if kept == "forged" else other
    if kept == "nothing":
        peers.remembered.clear()
    outcome, session = await certify(peers)
    assert (outcome.result, outcome.reason) == (Result.REFUSED, "CERT_UNAVAILABLE")
    assert not session.message.evidence


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "VERDICT_STATUS_REFUTED"}, "CERT_REFUTED"),
        ({"status": "VERDICT_STATUS_UNDECIDED"}, "CERT_UNDECIDED"),
        ({"status": "VERDICT_STATUS_QUARANTINED"}, "CERT_QUARANTINED"),
        ({"safety": verdict_pb2.SafetyClaim(missing=["REGULARITY"])}, "CERT_NOT_SAFETY"),
    ],
)
async def test_every_other_answer_is_a_no(change: dict[str, Any], reason: str) -> None:
    fields = {"status": PROVED.status, "safety": PROVED.safety} | change
    outcome, _ = await certify(ScriptedPeers(verdict_pb2.Verdict(**fields)))
    assert (outcome.result, outcome.reason) == (Result.REFUSED, reason)


async def test_a_problem_that_validation_cannot_read_is_a_no() -> None:
    refusal = PeerRefused("validation", "EXPRESSION_INVALID", "no")
    outcome, _ = await certify(ScriptedPeers(refusal))
    assert outcome.reason == "EXPRESSION_INVALID"


async def test_a_model_without_a_barrier_to_watch_is_a_no() -> None:
    session = stored()
    session.seed.model.certificate.kind = problem_pb2.CERTIFICATE_KIND_DIFFERENTIAL_CUTS
    outcome = await certify_seed(session, cast("Peers", ScriptedPeers(PROVED)))
    assert outcome.reason == "MODEL_NOT_USABLE"
    assert Fraction(session.facts["cap"]) == 1
