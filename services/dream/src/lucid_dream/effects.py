"""The saga's steps as effects: what each one asks of whom, under which key.

A step may run twice (a crash after its effect, before its record), so every effect is keyed by
session and step and its callee dedupes it. What a step means for the session is data: an Outcome.
"""

import uuid
from collections.abc import Awaitable, Callable
from fractions import Fraction

from lucid.coherence.v1 import evolution_pb2
from lucid.vendor.v1 import commerce_service_pb2 as commerce
from lucid.vendor.v1 import seed_pb2
from lucid_runtime.clock import Clock

from lucid_dream import people
from lucid_dream.certify import certify_basic, certify_seed
from lucid_dream.convert import inputs_from_message, mode_to_message
from lucid_dream.outcomes import Outcome, degraded, done, refused
from lucid_dream.peers import PeerRefused, Peers, PeerUnavailable
from lucid_dream.saga.compose import decimal_text
from lucid_dream.saga.consent import age_reason, age_years, check_consent, need_for
from lucid_dream.saga.degrade import Capability
from lucid_dream.saga.history import Direction, Result, Step
from lucid_dream.saga.readiness import Verdict, assess
from lucid_dream.saga.states import Mode
from lucid_dream.saga.steps import idempotency_key
from lucid_dream.sessions import Stored
from lucid_dream.store import Store

CURRENCY = "EUR"
_GONE = frozenset(
    {"CARRIER_NOT_FOUND", "RESERVATION_NOT_FOUND", "SEED_NOT_FOUND", "ENTRY_NOT_FOUND"}
)
"""A compensation that finds nothing to undo has succeeded."""

Effect = Callable[[Stored, str], Awaitable[Outcome]]


def carrier_id_of(session_id: str) -> str:
    """Return the id of a session's carrier: the same on every attempt."""
    return f"carrier-{uuid.uuid5(uuid.NAMESPACE_OID, session_id).hex}"


def vendor_of(stored: Stored) -> str:
    """Return the name of the vendor whose seed the session asks for."""
    return "/".join(stored.message.seed.split("/")[:2])


class Effects:
    """Performs steps and compensations, all but the run itself."""

    def __init__(self, store: Store, peers: Peers, clock: Clock) -> None:
        self._store = store
        self._peers = peers
        self._clock = clock
        self._table: dict[tuple[Direction, Step], Effect] = {
            (Direction.DO, Step.OPEN): self._open,
            (Direction.DO, Step.CONSENT): self._consent,
            (Direction.DO, Step.READINESS): self._readiness,
            (Direction.DO, Step.RESERVE): self._reserve,
            (Direction.DO, Step.CERTIFY): self._certify,
            (Direction.DO, Step.CARRIER): self._carrier,
            (Direction.DO, Step.SCHEDULE): self._schedule,
            (Direction.DO, Step.SETTLE): self._settle,
            (Direction.UNDO, Step.RESERVE): self._release,
            (Direction.UNDO, Step.CARRIER): self._discard,
            (Direction.UNDO, Step.SCHEDULE): self._unschedule,
            (Direction.UNDO, Step.SETTLE): self._reverse,
        }

    async def perform(
        self, stored: Stored, mode: Mode, direction: Direction, step: Step
    ) -> Outcome:
        """Perform one action; a peer's no or silence becomes an outcome."""
        if mode is Mode.BASIC and (direction, step) == (Direction.DO, Step.CERTIFY):
            return await certify_basic(stored)
        key = idempotency_key(stored.id, step, direction)
        try:
            return await self._table[direction, step](stored, key)
        except PeerUnavailable as error:
            return self._unavailable(step, error)
        except PeerRefused as error:
            if direction is Direction.UNDO and error.reason in _GONE:
                return done("there was nothing to undo")
            return refused(error.reason, str(error))

    def _unavailable(self, step: Step, error: PeerUnavailable) -> Outcome:
        lost = {Step.RESERVE: Capability.VENDOR, Step.CARRIER: Capability.CARRIER}
        detail, reason = str(error), f"{error.peer.upper()}_UNAVAILABLE"
        if step not in lost:
            return Outcome(Result.UNAVAILABLE, reason, detail)
        note = degraded(lost[step], reason)

        def change(stored: Stored) -> None:
            note(stored)
            if step is Step.RESERVE:
                stored.message.mode = mode_to_message(Mode.BASIC)

        return Outcome(Result.UNAVAILABLE, reason, detail, change)

    async def _open(self, stored: Stored, _key: str) -> Outcome:
        return done(f"asked for by {stored.message.user}")

    async def _consent(self, stored: Stored, _key: str) -> Outcome:
        now = self._clock.now()
        user, consents = await self._store.read(
            lambda c: (people.get_user(c, stored.user_id), people.consents_of(c, stored.user_id))
        )
        young = age_reason(user.born, bool(user.attestation), now.date())
        if young is not None:
            return refused(young, "sessions are for adults")
        vendor = vendor_of(stored) if stored.facts["mode"] == Mode.FULL else None
        decision = check_consent(consents, need_for(vendor), now)
        if not decision.allowed:
            return refused(decision.reason, "no live consent covers this session")

        def change(fresh: Stored) -> None:
            fresh.message.consent_epoch = user.epoch

        return done(f"epoch {user.epoch}", change)

    async def _readiness(self, stored: Stored, _key: str) -> Outcome:
        user = await self._store.read(lambda c: people.get_user(c, stored.user_id))
        now = self._clock.now()
        asked = stored.message.intensity_cap
        readiness = assess(
            inputs_from_message(stored.message.readiness_inputs, user.time_zone, now),
            wanted=min(user.cap, Fraction(asked)) if asked else user.cap,
            seed_cap=Fraction(1),
            now=now,
        )
        reasons = ", ".join(readiness.reasons)
        if readiness.verdict is Verdict.BLOCK:
            return refused(readiness.reasons[0], reasons)
        if readiness.verdict is Verdict.DEFER:
            until = readiness.until or now
            return Outcome(
                Result.DEFERRED,
                readiness.reasons[0],
                reasons,
                lambda fresh: fresh.message.retry_time.FromDatetime(until),
            )
        cap = decimal_text(readiness.cap)

        def change(fresh: Stored) -> None:
            fresh.facts["cap"] = cap
            fresh.message.effective_cap = cap

        return done(f"cap {cap}" + (f", lowered by {reasons}" if reasons else ""), change)

    async def _reserve(self, stored: Stored, key: str) -> Outcome:
        answer = await self._peers.reserve_seed(stored.message.seed, stored.name, key)
        user = await self._store.read(lambda c: people.get_user(c, stored.user_id))
        seed = answer.seed

        def change(fresh: Stored) -> None:
            fresh.seed.CopyFrom(seed)

        # The reservation has taken place; a seed that does not fit is refused one step later,
        # so that the reservation is known to the history and is undone.
        misfit = ""
        offered = {int(each) for each in seed.session_types}
        if offered and int(stored.message.session_type) not in offered:
            misfit = "SESSION_TYPE_NOT_OFFERED"
        if age_years(user.born, self._clock.now().date()) < seed.min_age:
            misfit = "UNDER_SEED_MIN_AGE"

        def change_and_note(fresh: Stored) -> None:
            change(fresh)
            fresh.facts["misfit"] = misfit

        return done(f"version {answer.reservation.version}", change_and_note)

    async def _certify(self, stored: Stored, _key: str) -> Outcome:
        misfit = stored.facts.get("misfit")
        if misfit:
            return refused(misfit, "the seed is not meant for this session")
        return await certify_seed(stored, self._peers)

    async def _carrier(self, stored: Stored, key: str) -> Outcome:
        if not stored.seed.HasField("carrier"):
            return done("the seed declares no carrier")
        declared = stored.seed.carrier
        carrier = evolution_pb2.Carrier(
            system=declared.system,
            theta=declared.theta,
            initial_coherence=declared.initial_coherence,
            session=stored.name,
        )
        horizon = str(stored.message.duration.seconds)
        try:
            made = await self._peers.create_carrier(carrier_id_of(stored.id), carrier, horizon, key)
        except PeerRefused as error:
            return done(f"without a carrier: {error}", degraded(Capability.CARRIER, error.reason))

        def change(fresh: Stored) -> None:
            fresh.message.carrier = made.name

        certified = made.certified_horizon.horizon_s
        return done(f"certified for {certified} s, {horizon} s are needed", change)

    async def _schedule(self, _stored: Stored, _key: str) -> Outcome:
        return done("waits for the user")

    async def _settle(self, stored: Stored, key: str) -> Outcome:
        vendor = vendor_of(stored)
        request = commerce.RecordEntryRequest(
            vendor=vendor,
            event_id=f"{stored.name}/settlement",
            session=stored.name,
            seed=stored.message.seed,
            debit_account=f"{vendor}/commission",
            credit_account="platform/commission",
            amount_minor=0,
            currency=_currency(stored.seed),
            memo="session delivered; commission is due on conversions only",
        )
        entry = await self._peers.record_entry(request, key)
        return done(entry)

    async def _release(self, stored: Stored, key: str) -> Outcome:
        await self._peers.release_seed(stored.message.seed, stored.name, key)
        return done("the reservation is released")

    async def _discard(self, stored: Stored, key: str) -> Outcome:
        if stored.seed.title and not stored.seed.HasField("carrier"):
            return done("there was no carrier")
        await self._peers.delete_carrier(f"carriers/{carrier_id_of(stored.id)}", key)
        return done("the carrier is discarded")

    async def _unschedule(self, _stored: Stored, _key: str) -> Outcome:
        return done("no longer waits")

    async def _reverse(self, stored: Stored, key: str) -> Outcome:
        await self._peers.reverse_entry(vendor_of(stored), f"{stored.name}/settlement", key)
        return done("the entry is reversed")


def _currency(seed: seed_pb2.Seed) -> str:
    return seed.offer.currency if seed.HasField("offer") else CURRENCY
