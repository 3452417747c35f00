"""The certificate of the composed problem, for this user's cap: from validation, or re-checked.

Whoever answers, the rule is one: PROVED, and the proof implies safety. When validation is down an
earlier proof of exactly this problem may be used, if the independent checker accepts its evidence
here and now.
"""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lucid.validation.v1 import verdict_pb2
from lucid.vendor.v1 import seed_pb2
from lucid_checker import check

from lucid_dream import basic_seed
from lucid_dream.convert import ModelNotUsable, problem_from_message, problem_to_message
from lucid_dream.outcomes import Outcome, done, refused
from lucid_dream.peers import PeerRefused, Peers, PeerUnavailable
from lucid_dream.saga.compose import compose, decimal_text
from lucid_dream.saga.guard import ModelNotMonitorable, guard_of
from lucid_dream.sessions import Stored


@dataclass(frozen=True, slots=True)
class Certificate:
    """A proof that was accepted: names of verdict and evidence, and where it came from."""

    verdict: str
    evidence: str
    source: str


class NotProved(Exception):
    """There is an answer, and it is not a proof of safety."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


async def certify_basic(stored: Stored) -> Outcome:
    """Certify the platform's own seed locally: no other service is asked."""
    cap = Fraction(stored.facts["cap"])
    seed = await asyncio.to_thread(basic_seed.certified_for, cap)
    if seed is None:
        return refused("CAP_TOO_LOW", "no bundled programme is certified for so low a cap")
    evidence = f"evidence/{hashlib.sha256(seed.evidence.encode()).hexdigest()}"
    text = decimal_text(seed.cap)

    def change(fresh: Stored) -> None:
        fresh.facts.update(problem=seed.problem, cap=text)
        fresh.message.effective_cap = text
        fresh.message.evidence = evidence
        fresh.seed.CopyFrom(seed.as_message())

    return done(f"bundled evidence checked here for cap {text}", change)


async def certify_seed(stored: Stored, peers: Peers) -> Outcome:
    """Certify a vendor's seed composed for this session's cap."""
    cap = min(Fraction(stored.facts["cap"]), _seed_cap(stored.seed))
    text = decimal_text(cap)
    try:
        problem = compose(problem_from_message(stored.seed.model), cap)
        guard_of(problem, cap=float(cap), horizon_s=1.0)
        certificate = await _prove(problem, peers)
    except (ModelNotUsable, ModelNotMonitorable) as error:
        return refused("MODEL_NOT_USABLE", str(error))
    except NotProved as error:
        return refused(error.reason, f"the seed's certificate at cap {text}: {error}")
    except PeerUnavailable as error:
        return refused("CERT_UNAVAILABLE", str(error))

    def change(fresh: Stored) -> None:
        fresh.facts.update(problem=problem, cap=text)
        fresh.message.effective_cap = text
        fresh.message.verdict = certificate.verdict
        fresh.message.evidence = certificate.evidence

    return done(f"PROVED for cap {text} ({certificate.source})", change)


async def _prove(problem: dict[str, Any], peers: Peers) -> Certificate:
    document = json.dumps(problem, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    key = f"dream/certificate/{hashlib.sha256(document.encode()).hexdigest()}"
    try:
        verdict = await peers.validate(problem_to_message(problem))
    except PeerRefused as error:
        raise NotProved(error.reason, str(error)) from error
    except PeerUnavailable:
        remembered = await _recheck(document, await peers.recall(key))
        if remembered is None:
            raise
        return remembered
    if verdict.status != verdict_pb2.VERDICT_STATUS_PROVED:
        status = verdict_pb2.VerdictStatus.Name(verdict.status).removeprefix("VERDICT_STATUS_")
        raise NotProved(f"CERT_{status}", verdict.reason or f"the certificate is {status}")
    if not verdict.safety.implies_safety:
        missing = ", ".join(verdict.safety.missing)
        raise NotProved("CERT_NOT_SAFETY", f"proved, but safety does not follow: {missing}")
    await _keep(key, verdict, peers)
    source = "validation's cache" if verdict.cached else "validation"
    return Certificate(verdict.name, verdict.evidence, source)


async def _keep(key: str, verdict: verdict_pb2.Verdict, peers: Peers) -> None:
    """Keep the evidence where it can be found without validation; failing to is nothing."""
    if await peers.recall(key) is not None:
        return
    try:
        evidence = await peers.evidence(verdict.evidence)
    except (PeerRefused, PeerUnavailable):
        return
    value = {"evidence": evidence.document, "name": verdict.evidence, "verdict": verdict.name}
    await peers.remember(key, value)


async def _recheck(document: str, found: dict[str, str] | None) -> Certificate | None:
    if found is None:
        return None
    report = await asyncio.to_thread(check, document, found["evidence"])
    if not report.accepted or not report.implies_safety:
        return None
    return Certificate(found["verdict"], found["name"], "an earlier proof, checked here again")


def _seed_cap(seed: seed_pb2.Seed) -> Fraction:
    return Fraction(seed.intensity_cap)
