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
from lucid_vendor.vendors.ethics import Finding, require_permitted
from lucid_vendor.vendors.refusals import SeedNotCertified, SeedStateForbids
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

    @property
    def etag(self) -> str:
        """Changes with every change of the newest version."""
        return f"{self.version}-{self.revision}"


@dataclass(frozen=True, slots=True)
class SeedEvent:
    """Something that happened to a seed; `sequence` rises by one from 1."""

    sequence: int
    version: int
    state: SeedState
    message: str
    occurred_at: datetime


def draft_seed(
    content: Content, *, vendor_id: str, seed_id: str, domains: tuple[str, ...], now: datetime
) -> Seed:
    """Return version 1 in DRAFT; `domains` are the vendor's own.

    Raises:
        SeedInvalid: naming the field of the content and the rule that it breaks.
    """
    require_permitted(check_content(content), domains)
    return Seed(vendor_id, seed_id, 1, S.DRAFT, content, now, now)


def edit_seed(seed: Seed, content: Content, *, domains: tuple[str, ...], now: datetime) -> Seed:
    """Return the seed with new contents: the same draft, or the next version as a draft.

    A draft keeps its number while only its words change; certified parts (model, cap, phases,
    carrier) and every edit after DRAFT make a new version. Equal contents change nothing.

    Raises:
        SeedInvalid: naming the field of the content and the rule that it breaks.
        SeedStateForbids: when the seed was revoked.
    """
    require_permitted(check_content(content), domains)
    if seed.state is S.REVOKED:
        raise SeedStateForbids(seed.name, seed.state, S.DRAFT, "every other state")
    if content == seed.content:
        return seed
    is_certified_part = content.certified_digest != seed.content.certified_digest
    if seed.state is S.DRAFT and not is_certified_part:
        return replace(seed, content=content, updated_at=now, revision=seed.revision + 1)
    return Seed(
        seed.vendor_id, seed.seed_id, seed.version + 1, S.DRAFT, content, seed.created_at, now
    )


def submit_seed(seed: Seed, *, domains: tuple[str, ...], now: datetime) -> Seed:
    """Hand a draft in: ethics rules that forbid refuse here, the others are kept with the seed.

    A version whose verdict was open (NEEDS_REVIEW, not proved) can be submitted again.

    Raises:
        SeedStateForbids: not a draft.
        SeedInvalid: a rule of the policy forbids the content.
    """
    again = seed.state is S.NEEDS_REVIEW and not _is_proved(seed)
    if seed.state is not S.DRAFT and not again:
        raise SeedStateForbids(
            seed.name, seed.state, S.SUBMITTED, "DRAFT, or NEEDS_REVIEW without a proof"
        )
    findings = require_permitted(seed.content, domains)
    return replace(_move(seed, S.SUBMITTED, "", now), findings=findings, verdict=None)


def begin_validation(seed: Seed, now: datetime) -> Seed:
    """SUBMITTED -> VALIDATING: the promise that a verdict will be fetched."""
    return _move(seed, S.VALIDATING, "", now)


def conclude_validation(seed: Seed, verdict: VerdictRecord, now: datetime) -> Seed:
    """Take in a verdict about exactly this version.

    REFUTED, INVALID_INPUT and a proof that does not imply safety reject. Whatever leaves the
    question open (UNDECIDED, ERROR, QUARANTINED) and any ethics finding ask a person.

    Raises:
        SeedStateForbids: the seed is not VALIDATING.
        SeedNotCertified: the verdict is about other contents.
    """
    if verdict.certified_digest != seed.content.certified_digest:
        raise _uncertified(seed, verdict, "the verdict is about other contents")
    state, reason = _outcome(seed, verdict)
    if seed.state is not S.VALIDATING:
        raise SeedStateForbids(seed.name, seed.state, state, S.VALIDATING)
    return replace(_move(seed, state, reason, now), verdict=verdict)


def decide_review(seed: Seed, *, approved: bool, comment: str, now: datetime) -> Seed:
    """Decide a seed that waits for a person; approval never replaces a proof.

    Raises:
        SeedStateForbids: the seed is not NEEDS_REVIEW.
        SeedNotCertified: approved, but without a proof for exactly this version.
    """
    to = S.CERTIFIED if approved else S.REJECTED
    if seed.state is not S.NEEDS_REVIEW:
        raise SeedStateForbids(seed.name, seed.state, to, S.NEEDS_REVIEW)
    if approved:
        require_proof(seed)
    return _move(seed, to, comment, now)


def publish_seed(seed: Seed, now: datetime) -> Seed:
    """CERTIFIED or PAUSED -> PUBLISHED, with a proof for exactly this version.

    Raises:
        SeedNotCertified: no proof of safety for these contents, whatever the state.
        SeedStateForbids: another state, or past its expiry.
    """
    require_proof(seed)
    if is_past_expiry(seed, now):
        raise SeedStateForbids(seed.name, S.EXPIRED, S.PUBLISHED, "a version still valid")
    return replace(_move(seed, S.PUBLISHED, "", now), published_at=seed.published_at or now)


def pause_seed(seed: Seed, reason: str, now: datetime) -> Seed:
    """PUBLISHED -> PAUSED; no new session starts with it."""
    return _move(seed, S.PAUSED, reason, now)


def revoke_seed(seed: Seed, reason: str, now: datetime) -> Seed:
    """Withdraw a version for good; from every state but REVOKED."""
    return _move(seed, S.REVOKED, reason, now)


def expire_seed(seed: Seed, now: datetime) -> Seed:
    """Return the seed as EXPIRED when its time is over, else unchanged."""
    if seed.state in {S.CERTIFIED, S.PUBLISHED, S.PAUSED} and is_past_expiry(seed, now):
        return _move(seed, S.EXPIRED, "the expiry of the seed has passed", now)
    return seed


def is_past_expiry(seed: Seed, now: datetime) -> bool:
    """Whether the seed's own expiry, if it has one, lies behind `now`."""
    return seed.content.expires_at is not None and now >= seed.content.expires_at


def require_proof(seed: Seed) -> VerdictRecord:
    """Return the proof for exactly this version.

    Raises:
        SeedNotCertified: saying what is missing.
    """
    verdict = seed.verdict
    if verdict is None:
        raise _uncertified(seed, verdict, "it has no verdict yet, submit it")
    if verdict.certified_digest != seed.content.certified_digest:
        raise _uncertified(seed, verdict, "its verdict is about other contents, submit it again")
    if verdict.status is not VerdictStatus.PROVED:
        raise _uncertified(seed, verdict, f"its verdict is {verdict.status}")
    if not verdict.implies_safety:
        raise _uncertified(seed, verdict, f"safety does not follow ({_gaps(verdict)})")
    return verdict


def _outcome(seed: Seed, verdict: VerdictRecord) -> tuple[SeedState, str]:
    if verdict.status is VerdictStatus.REFUTED:
        point = verdict.counterexample.sentence() if verdict.counterexample else verdict.reason
        return S.REJECTED, f"The certificate is refuted: {point}"
    if verdict.status is VerdictStatus.INVALID_INPUT:
        return S.REJECTED, f"The model cannot be read: {verdict.reason}"
    if verdict.status is not VerdictStatus.PROVED:
        return S.NEEDS_REVIEW, f"The verdict is {verdict.status}: {verdict.reason}"
    if not verdict.implies_safety:
        return S.REJECTED, f"Proved, but safety does not follow: {_gaps(verdict)}."
    if seed.findings:
        return S.NEEDS_REVIEW, " ".join(f"{f.field}: {f.reason}" for f in seed.findings)
    return S.CERTIFIED, "Proved for exactly this version, and the proof implies safety."


def _gaps(verdict: VerdictRecord) -> str:
    return "missing " + (", ".join(verdict.missing) or "a theorem")


def _is_proved(seed: Seed) -> bool:
    return seed.verdict is not None and seed.verdict.is_proof_of_safety


def _uncertified(seed: Seed, verdict: VerdictRecord | None, missing: str) -> SeedNotCertified:
    status = "NONE" if verdict is None else verdict.status
    return SeedNotCertified(seed.name, seed.version, status, missing)


def _move(seed: Seed, to: SeedState, reason: str, now: datetime) -> Seed:
    if to not in NEXT_STATES[seed.state]:
        allowed = " or ".join(state for state in S if to in NEXT_STATES[state])
        raise SeedStateForbids(seed.name, seed.state, to, allowed)
    return replace(seed, state=to, reason=reason, updated_at=now, revision=seed.revision + 1)
