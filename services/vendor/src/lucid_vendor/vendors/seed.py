"""A seed version and its states: from draft to published, never without a proof.

    DRAFT -> SUBMITTED -> VALIDATING -> REJECTED | NEEDS_REVIEW | CERTIFIED
    CERTIFIED -> PUBLISHED <-> PAUSED;  PUBLISHED | PAUSED -> EXPIRED | REVOKED

Contents are frozen once a version leaves DRAFT: an edit makes the next version, in DRAFT. So a
verdict, a review and a reservation always speak about contents that cannot move under them.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lucid_vendor.vendors.content import Content, check_content
from lucid_vendor.vendors.ethics import Finding, Severity, review_content
from lucid_vendor.vendors.refusals import EthicsRefused, NotProved, StateConflict
from lucid_vendor.vendors.verdict import VerdictRecord, VerdictStatus


class SeedState(StrEnum):
    """Where a version is on its way."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    VALIDATING = "VALIDATING"
    REJECTED = "REJECTED"
    NEEDS_REVIEW = "NEEDS_REVIEW"
    CERTIFIED = "CERTIFIED"
    PUBLISHED = "PUBLISHED"
    PAUSED = "PAUSED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


S = SeedState
NEXT_STATES: dict[SeedState, frozenset[SeedState]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.REVOKED}),
    S.SUBMITTED: frozenset({S.VALIDATING, S.REVOKED}),
    S.VALIDATING: frozenset({S.REJECTED, S.NEEDS_REVIEW, S.CERTIFIED, S.REVOKED}),
    S.REJECTED: frozenset({S.REVOKED}),
    S.NEEDS_REVIEW: frozenset({S.SUBMITTED, S.REJECTED, S.CERTIFIED, S.REVOKED}),
    S.CERTIFIED: frozenset({S.PUBLISHED, S.EXPIRED, S.REVOKED}),
    S.PUBLISHED: frozenset({S.PAUSED, S.EXPIRED, S.REVOKED}),
    S.PAUSED: frozenset({S.PUBLISHED, S.EXPIRED, S.REVOKED}),
    S.EXPIRED: frozenset({S.REVOKED}),
    S.REVOKED: frozenset(),
}
TERMINAL = frozenset({S.REJECTED, S.EXPIRED, S.REVOKED})


@dataclass(frozen=True, slots=True)
class Seed:
    """One version of a seed. `revision` counts changes of this version and is its etag."""

    vendor_id: str
    seed_id: str
    version: int
    state: SeedState
    content: Content
    created_at: datetime
    updated_at: datetime
    revision: int = 1
    findings: tuple[Finding, ...] = ()
    verdict: VerdictRecord | None = None
    reason: str = ""
    published_at: datetime | None = None

    @property
    def name(self) -> str:
        """The resource name, the same for all versions."""
        return f"vendors/{self.vendor_id}/seeds/{self.seed_id}"


def draft_seed(content: Content, *, vendor_id: str, seed_id: str, now: datetime) -> Seed:
    """Return version 1 in DRAFT.

    Raises:
        InvalidArgument: naming the field of the content that is wrong.
    """
    return Seed(vendor_id, seed_id, 1, S.DRAFT, check_content(content), now, now)


def edit_seed(seed: Seed, content: Content, now: datetime) -> Seed:
    """Return the seed with new contents: the same draft, or the next version as a draft.

    A draft keeps its number while only its words change; certified parts (model, phases, cap,
    duration, carrier) and every edit after DRAFT make a new version. Equal contents change nothing.

    Raises:
        InvalidArgument: naming the field of the content that is wrong.
        StateConflict: when the seed was revoked.
    """
    check_content(content)
    if seed.state is S.REVOKED:
        raise StateConflict(seed.name, seed.state, "edited", "anything but REVOKED")
    if content == seed.content:
        return seed
    certified = content.certified_digest != seed.content.certified_digest
    if seed.state is S.DRAFT and not certified:
        return _advance(seed, now, content=content)
    return Seed(
        seed.vendor_id, seed.seed_id, seed.version + 1, S.DRAFT, content, seed.created_at, now
    )


def submit_seed(seed: Seed, now: datetime) -> Seed:
    """Hand a draft in: ethics rules that forbid refuse here, the rest is kept with the seed.

    A version whose verdict was open (NEEDS_REVIEW, not proved) can be submitted again.

    Raises:
        StateConflict: not a draft.
        EthicsRefused: a rule of the policy forbids the content.
    """
    again = seed.state is S.NEEDS_REVIEW and not _is_proved(seed)
    if seed.state is not S.DRAFT and not again:
        raise StateConflict(
            seed.name, seed.state, "submitted", "DRAFT, or NEEDS_REVIEW without a verdict"
        )
    findings = review_content(seed.content)
    for finding in findings:
        if finding.severity is Severity.FORBIDDEN:
            raise EthicsRefused(seed.name, finding.rule, finding.field, finding.reason)
    return _move(seed, S.SUBMITTED, now, findings=findings, verdict=None, reason="")


def begin_validation(seed: Seed, now: datetime) -> Seed:
    """SUBMITTED -> VALIDATING: the promise that a verdict will be fetched."""
    _require(seed, {S.SUBMITTED}, "validated")
    return _move(seed, S.VALIDATING, now)


def conclude_validation(seed: Seed, verdict: VerdictRecord, now: datetime) -> Seed:
    """Take in a verdict about exactly this version.

    REFUTED, INVALID_INPUT and a proof that does not imply safety reject. Whatever leaves the
    question open (UNDECIDED, ERROR, QUARANTINED) and any ethics finding ask a person.

    Raises:
        StateConflict: the seed is not VALIDATING.
        NotProved: the verdict is about other contents.
    """
    _require(seed, {S.VALIDATING}, "given a verdict")
    if verdict.certified_digest != seed.content.certified_digest:
        raise NotProved(seed.name, "the verdict is about other contents")
    state, reason = _outcome(seed, verdict)
    return _move(seed, state, now, verdict=verdict, reason=reason)


def decide_review(seed: Seed, *, approved: bool, comment: str, now: datetime) -> Seed:
    """Decide a seed that waits for a person; approval never replaces a proof.

    Raises:
        StateConflict: the seed is not NEEDS_REVIEW.
        NotProved: approved, but without a proof for exactly this version.
    """
    _require(seed, {S.NEEDS_REVIEW}, "reviewed")
    if approved:
        require_proof(seed)
        return _move(seed, S.CERTIFIED, now, reason=comment)
    return _move(seed, S.REJECTED, now, reason=comment or "refused by a reviewer")


def publish_seed(seed: Seed, now: datetime) -> Seed:
    """CERTIFIED or PAUSED -> PUBLISHED, with a proof for exactly this version.

    Raises:
        StateConflict: another state, or past its expiry.
        NotProved: no proof of safety for these contents.
    """
    if seed.state not in {S.CERTIFIED, S.PAUSED}:
        # A draft without a proof should hear about the proof, not about states.
        if not _is_proved(seed):
            require_proof(seed)
        _require(seed, {S.CERTIFIED, S.PAUSED}, "published")
    require_proof(seed)
    if is_past_expiry(seed, now):
        raise StateConflict(seed.name, "past its expiry", "published", "still valid")
    return _move(seed, S.PUBLISHED, now, reason="", published_at=seed.published_at or now)


def pause_seed(seed: Seed, reason: str, now: datetime) -> Seed:
    """PUBLISHED -> PAUSED; no new session starts with it."""
    _require(seed, {S.PUBLISHED}, "paused")
    return _move(seed, S.PAUSED, now, reason=reason)


def revoke_seed(seed: Seed, reason: str, now: datetime) -> Seed:
    """Withdraw a version for good; from every state but REVOKED."""
    _require(seed, set(S) - {S.REVOKED}, "revoked")
    return _move(seed, S.REVOKED, now, reason=reason)


def expire_seed(seed: Seed, now: datetime) -> Seed:
    """Return the seed as EXPIRED when its time is over, else unchanged."""
    if seed.state in {S.CERTIFIED, S.PUBLISHED, S.PAUSED} and is_past_expiry(seed, now):
        return _move(seed, S.EXPIRED, now, reason="the expiry of the seed has passed")
    return seed


def is_past_expiry(seed: Seed, now: datetime) -> bool:
    """Whether the seed's own expiry, if it has one, lies behind `now`."""
    return seed.content.expires_at is not None and now >= seed.content.expires_at


def require_proof(seed: Seed) -> VerdictRecord:
    """Return the proof for exactly this version.

    Raises:
        NotProved: saying what is missing.
    """
    verdict = seed.verdict
    if verdict is None:
        raise NotProved(seed.name, "it has no verdict yet, submit it")
    if verdict.certified_digest != seed.content.certified_digest:
        raise NotProved(seed.name, "its verdict is about other contents, submit it again")
    if verdict.status is not VerdictStatus.PROVED:
        raise NotProved(seed.name, f"its verdict is {verdict.status}")
    if not verdict.implies_safety:
        gaps = ", ".join(verdict.missing) or "a theorem"
        raise NotProved(seed.name, f"its proof does not imply safety ({gaps})")
    return verdict


def _outcome(seed: Seed, verdict: VerdictRecord) -> tuple[SeedState, str]:
    if verdict.status is VerdictStatus.REFUTED:
        points = "; ".join(example.sentence() for example in verdict.counterexamples)
        return S.REJECTED, f"refuted: {points or verdict.reason}"
    if verdict.status is VerdictStatus.INVALID_INPUT:
        return S.REJECTED, f"the model cannot be read: {verdict.reason}"
    if verdict.status is not VerdictStatus.PROVED:
        return S.NEEDS_REVIEW, f"{verdict.status.lower()}: {verdict.reason or 'nothing is claimed'}"
    if not verdict.implies_safety:
        gaps = ", ".join(verdict.missing) or "a theorem"
        return S.REJECTED, f"proved, but safety does not follow: missing {gaps}"
    if seed.findings:
        return S.NEEDS_REVIEW, "; ".join(finding.reason for finding in seed.findings)
    return S.CERTIFIED, ""


def _is_proved(seed: Seed) -> bool:
    return seed.verdict is not None and seed.verdict.is_proof_of_safety


def _require(seed: Seed, states: set[SeedState], action: str) -> None:
    if seed.state not in states:
        allowed = " or ".join(state for state in S if state in states)
        raise StateConflict(seed.name, seed.state, action, allowed)


def _move(seed: Seed, to: SeedState, now: datetime, **changes: object) -> Seed:
    if to not in NEXT_STATES[seed.state]:
        raise StateConflict(seed.name, seed.state, f"made {to}", "another state")
    return _advance(seed, now, state=to, **changes)


def _advance(seed: Seed, now: datetime, **changes: object) -> Seed:
    return replace(seed, updated_at=now, revision=seed.revision + 1, **changes)  # type: ignore[arg-type]
