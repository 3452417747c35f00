"""Whatever is done in whatever order, nothing is published without a proof of exactly it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from lucid_vendor.vendors.content import Phase, SeedType
from lucid_vendor.vendors.refusals import (
    Refusal,
    SeedInvalid,
    SeedNotCertified,
    SeedStateForbids,
)
from lucid_vendor.vendors.seed import (
    NEXT_STATES,
    SeedState,
    begin_validation,
    conclude_validation,
    decide_review,
    draft_seed,
    edit_seed,
    expire_seed,
    pause_seed,
    publish_seed,
    revoke_seed,
    submit_seed,
)
from lucid_vendor.vendors.verdict import Counterexample, VerdictRecord, VerdictStatus

PROVED = VerdictStatus.PROVED


def verdict_of(seed, now, status=PROVED, implies_safety=True, **changes):
    digest = seed.content.certified_digest
    return replace(
        VerdictRecord(status, implies_safety, digest, "0" * 64, now, reason="because"), **changes
    )


def test_a_seed_reaches_its_sleepers_only_by_every_step(content_of, domains, now):
    seed = draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    seed = begin_validation(submit_seed(seed, domains=domains, now=now), now)
    seed = conclude_validation(seed, verdict_of(seed, now), now)
    assert seed.state is SeedState.CERTIFIED
    seed = publish_seed(seed, now)
    assert publish_seed(pause_seed(seed, "repair", now), now).state is SeedState.PUBLISHED
    assert revoke_seed(seed, "withdrawn", now).state is SeedState.REVOKED


def test_a_refuted_seed_keeps_the_exact_point(content_of, domains, now):
    seed = draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    seed = begin_validation(submit_seed(seed, domains=domains, now=now), now)
    point = Counterexample("flow", (("a", "4/5"), ("h", "0"), ("g", "19/16")))
    verdict = verdict_of(seed, now, VerdictStatus.REFUTED, False, counterexample=point)
    seed = conclude_validation(seed, verdict, now)
    assert seed.state is SeedState.REJECTED
    assert "flow fails at a = 4/5, h = 0, g = 19/16" in seed.reason


@pytest.mark.parametrize(
    ("status", "implies", "state"),
    [
        (VerdictStatus.PROVED, True, SeedState.CERTIFIED),
        (VerdictStatus.PROVED, False, SeedState.REJECTED),
        (VerdictStatus.REFUTED, False, SeedState.REJECTED),
        (VerdictStatus.INVALID_INPUT, False, SeedState.REJECTED),
        (VerdictStatus.UNDECIDED, False, SeedState.NEEDS_REVIEW),
        (VerdictStatus.ERROR, False, SeedState.NEEDS_REVIEW),
        (VerdictStatus.QUARANTINED, True, SeedState.NEEDS_REVIEW),
    ],
)
def test_every_verdict_leads_to_its_state(content_of, domains, now, status, implies, state):
    seed = draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    seed = begin_validation(submit_seed(seed, domains=domains, now=now), now)
    concluded = conclude_validation(seed, verdict_of(seed, now, status, implies), now)
    assert concluded.state is state
    if state is SeedState.NEEDS_REVIEW:
        with pytest.raises(SeedNotCertified):
            decide_review(concluded, approved=True, comment="looks fine", now=now)
        assert submit_seed(concluded, domains=domains, now=now).verdict is None


def test_a_verdict_about_other_contents_is_refused(content_of, domains, now):
    seed = draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    seed = begin_validation(submit_seed(seed, domains=domains, now=now), now)
    with pytest.raises(SeedNotCertified, match="other contents"):
        conclude_validation(seed, verdict_of(seed, now, certified_digest="f" * 64), now)


def test_words_keep_the_draft_and_certified_parts_make_a_new_version(content_of, domains, now):
    seed = draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    assert edit_seed(seed, content_of(), domains=domains, now=now) is seed
    reworded = edit_seed(seed, content_of(title="Another title"), domains=domains, now=now)
    assert (reworded.version, reworded.revision) == (1, 2)
    for change in (
        {"phases": (Phase("only", 600.0, "0.3"),)},
        {"intensity_cap": "0.75"},
        {"carrier": None},
    ):
        assert edit_seed(seed, content_of(**change), domains=domains, now=now).version == 2


def test_an_edit_after_submission_is_a_new_draft_without_a_verdict(content_of, domains, now):
    seed = draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    seed = begin_validation(submit_seed(seed, domains=domains, now=now), now)
    seed = publish_seed(conclude_validation(seed, verdict_of(seed, now), now), now)
    edited = edit_seed(seed, content_of(title="Another title"), domains=domains, now=now)
    assert (edited.version, edited.state, edited.verdict) == (2, SeedState.DRAFT, None)
    with pytest.raises(SeedNotCertified):
        publish_seed(edited, now)


def test_a_finding_asks_a_person_even_with_a_proof(content_of, domains, now):
    seed = draft_seed(
        content_of(seed_type=SeedType.PRODUCT, offer=None),
        vendor_id="acme",
        seed_id="harbour",
        domains=domains,
        now=now,
    )
    seed = begin_validation(submit_seed(seed, domains=domains, now=now), now)
    seed = conclude_validation(seed, verdict_of(seed, now), now)
    assert seed.state is SeedState.NEEDS_REVIEW
    assert "without a named offer" in seed.reason
    approved = decide_review(seed, approved=True, comment="fine", now=now)
    assert approved.state is SeedState.CERTIFIED
    refused = decide_review(seed, approved=False, comment="", now=now)
    assert refused.state is SeedState.REJECTED


def test_forbidden_content_is_neither_drafted_nor_submitted(content_of, domains, now):
    with pytest.raises(SeedInvalid) as refused:
        draft_seed(
            content_of(disclosure=""),
            vendor_id="acme",
            seed_id="harbour",
            domains=domains,
            now=now,
        )
    assert refused.value.facts["rule"] == "DISCLOSURE_REQUIRED"
    seed = draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    with pytest.raises(SeedInvalid) as refused:
        submit_seed(seed, domains=("moved.example",), now=now)
    assert refused.value.facts["rule"] == "OFFER_DOMAIN_NOT_OWN"


def test_time_ends_a_published_seed_and_no_publishing_revives_it(content_of, domains, now):
    content = content_of(expires_at=now + timedelta(days=1))
    seed = draft_seed(content, vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    seed = begin_validation(submit_seed(seed, domains=domains, now=now), now)
    seed = publish_seed(conclude_validation(seed, verdict_of(seed, now), now), now)
    assert expire_seed(seed, now) is seed
    later = now + timedelta(days=1)
    assert expire_seed(seed, later).state is SeedState.EXPIRED
    with pytest.raises(SeedStateForbids, match="EXPIRED"):
        publish_seed(pause_seed(seed, "", now), later)


class SeedLife(RuleBasedStateMachine):
    """Random hands on one seed; a shadow records which contents were ever proved."""

    def __init__(self, content_of, domains, now):
        super().__init__()
        self.content_of, self.domains, self.now = content_of, domains, now
        self.seed = draft_seed(
            content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now
        )
        self.proved: set[str] = set()

    def attempt(self, act):
        before = self.seed
        self.now += timedelta(seconds=1)
        try:
            after = act()
        except Refusal:
            return
        if after.version == before.version and after.state is not before.state:
            assert after.state in NEXT_STATES[before.state]
            assert after.revision > before.revision
        self.seed = after

    @rule(title=st.sampled_from(["One", "Two"]), cap=st.sampled_from(["0.8", "0.75"]))
    def edit(self, title, cap):
        content = self.content_of(title=title, intensity_cap=cap)
        self.attempt(lambda: edit_seed(self.seed, content, domains=self.domains, now=self.now))

    @rule(narrative=st.sampled_from(["Hurry along the quay.", "A quiet quay."]))
    def retell(self, narrative):
        content = replace(self.seed.content, narrative=narrative)
        self.attempt(lambda: edit_seed(self.seed, content, domains=self.domains, now=self.now))

    @rule()
    def submit(self):
        self.attempt(lambda: submit_seed(self.seed, domains=self.domains, now=self.now))

    @rule()
    def begin(self):
        self.attempt(lambda: begin_validation(self.seed, self.now))

    @rule(
        status=st.sampled_from(list(VerdictStatus)),
        implies=st.booleans(),
        stale=st.booleans(),
    )
    def conclude(self, status, implies, stale):
        verdict = verdict_of(self.seed, self.now, status, implies)
        if stale:
            verdict = replace(verdict, certified_digest="f" * 64)
        before = self.seed
        self.attempt(lambda: conclude_validation(self.seed, verdict, self.now))
        if self.seed is not before and status is PROVED and implies:
            self.proved.add(verdict.certified_digest)

    @rule(approved=st.booleans())
    def review(self, approved):
        self.attempt(lambda: decide_review(self.seed, approved=approved, comment="", now=self.now))

    @rule()
    def publish(self):
        self.attempt(lambda: publish_seed(self.seed, self.now))

    @rule()
    def pause(self):
        self.attempt(lambda: pause_seed(self.seed, "", self.now))

    @rule()
    def revoke(self):
        self.attempt(lambda: revoke_seed(self.seed, "", self.now))

    @invariant()
    def published_means_proved(self):
        if self.seed.state in {SeedState.CERTIFIED, SeedState.PUBLISHED, SeedState.PAUSED}:
            assert self.seed.content.certified_digest in self.proved
            assert self.seed.verdict is not None
            assert self.seed.verdict.is_proof_of_safety


def test_no_order_of_actions_publishes_without_a_proof(content_of, domains, now):
    run_state_machine_as_test(
        lambda: SeedLife(content_of, domains, now),
        settings=settings(max_examples=60, stateful_step_count=25, deadline=None),
    )


def test_a_certified_seed_without_its_proof_is_not_published(content_of, domains, now):
    seed = draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    certified = replace(seed, state=SeedState.CERTIFIED)
    for status, implies, missing in (
        (VerdictStatus.UNDECIDED, True, "UNDECIDED"),
        (PROVED, False, "a theorem"),
    ):
        verdict = verdict_of(certified, now, status, implies)
        with pytest.raises(SeedNotCertified, match=missing):
            publish_seed(replace(certified, verdict=verdict), now)


@pytest.mark.parametrize(
    ("point", "said"),
    [
        (Counterexample("flow", (("a", "1/2"),), (("a", "3/4"),)), "between a = 1/2 and a = 3/4"),
        (Counterexample("init", (), (), "no point is told"), "fails: no point is told"),
    ],
)
def test_a_counterexample_is_told_in_exact_numbers(point, said):
    assert said in point.sentence()
