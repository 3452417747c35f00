"""ConsentService: users register, grant, revoke; each change is one transaction with its events."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime
from typing import Any

from lucid.dream.v1 import consent_pb2
from lucid.dream.v1 import consent_service_pb2 as api
from lucid.dream.v1.consent_service_pb2_grpc import ConsentServiceServicer
from lucid_rpc.authorization import current_principal
from lucid_rpc.page_token import next_token, page_of
from lucid_rpc.request_id import parse_request_id, request_hash
from lucid_runtime.clock import Clock
from lucid_runtime.identifiers import RandomBytes, opaque_id
from lucid_store.idempotency import hash_of, once
from sqlalchemy import Connection

from lucid_dream import people, sessions
from lucid_dream.convert import consent_from_message, consent_to_message, parse_cap, timestamp
from lucid_dream.convert import zone_of as zone_of_name
from lucid_dream.following import follow
from lucid_dream.journal import Bell, append_audit, append_event
from lucid_dream.people import User
from lucid_dream.refusals import DateOfBirthInvalid, UserNotAdult
from lucid_dream.saga.compose import decimal_text
from lucid_dream.saga.consent import (
    ADULT_AGE_YEARS,
    age_reason,
    check_consent,
    check_grant,
    need_for,
)
from lucid_dream.store import Store

SERVICE = "lucid.dream.v1.ConsentService"
CAP_DEFAULT = "0.8"
PAGE_MAX = 500

Nudge = Callable[[str, str], Awaitable[None]]
"""Tells a session that it has to stop: (session id, reason)."""

_LOG = logging.getLogger(__name__)


def user_id_of(name: str) -> str:
    """Return the id in `users/{user}` or in a name below it."""
    return name.split("/")[1]


def key_of(request: Any) -> tuple[str, bytes]:
    """Return (request id, hash of the request); the id is empty when there is none."""
    request_id = parse_request_id(request.request_id) if request.request_id else ""
    return request_id, hash_of(request_hash(request), current_principal().name)


class ConsentServicer(ConsentServiceServicer):
    """Serves users and consents."""

    def __init__(
        self, store: Store, clock: Clock, random: RandomBytes, bell: Bell, nudge: Nudge
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._bell = bell
        self._nudge = nudge

    async def RegisterUser(
        self, request: api.RegisterUserRequest, _context: Any
    ) -> consent_pb2.User:
        """Register an adult."""
        now = self._clock.now()
        user, cap_text = user_from_request(request, self._random, now)

        def produce(connection: Connection) -> bytes:
            people.add_user(connection, user, cap_text)
            _audit(connection, now, "RegisterUser", user.name, user.attestation)
            return user_to_message(user).SerializeToString()

        return consent_pb2.User.FromString(await self._once("RegisterUser", request, produce))

    async def GetUser(self, request: api.GetUserRequest, _context: Any) -> consent_pb2.User:
        """Return one user."""
        user = await self._store.read(lambda c: people.get_user(c, user_id_of(request.name)))
        return user_to_message(user)

    async def GrantConsent(
        self, request: api.GrantConsentRequest, _context: Any
    ) -> consent_pb2.Consent:
        """Record a consent."""
        now = self._clock.now()
        user_id = user_id_of(request.parent)
        asked = consent_from_message(request.consent, opaque_id(self._random, "c"), now)
        check_grant(asked, now)

        def produce(connection: Connection) -> bytes:
            granted = people.grant(connection, user_id, asked)
            message = consent_to_message(user_id, granted)
            _tell(connection, user_id, message)
            _audit(connection, now, "GrantConsent", message.name, granted.level.name)
            return message.SerializeToString()

        answer = await self._once("GrantConsent", request, produce)
        self._bell.ring(request.parent)
        return consent_pb2.Consent.FromString(answer)

    async def RevokeConsent(
        self, request: api.RevokeConsentRequest, _context: Any
    ) -> consent_pb2.Consent:
        """Revoke a consent; sessions that it carried stop."""
        now = self._clock.now()
        _, user_id, _, consent_id = request.name.split("/")
        stopped: list[str] = []

        def produce(connection: Connection) -> bytes:
            revoked = people.revoke(connection, user_id, consent_id, now)
            message = consent_to_message(user_id, revoked)
            _tell(connection, user_id, message)
            _audit(connection, now, "RevokeConsent", message.name, f"epoch {revoked.epoch}")
            stopped.extend(_stop_uncovered(connection, user_id, now))
            return message.SerializeToString()

        answer = await self._once("RevokeConsent", request, produce)
        self._bell.ring(f"users/{user_id}")
        for session_id in stopped:
            await self._nudge(session_id, "CONSENT_REVOKED")
        return consent_pb2.Consent.FromString(answer)

    async def ListConsents(
        self, request: api.ListConsentsRequest, _context: Any
    ) -> api.ListConsentsResponse:
        """List consents, revoked ones included, the oldest first."""
        page = page_of(request, maximum=PAGE_MAX)
        user_id = user_id_of(request.parent)

        def work(connection: Connection) -> list[consent_pb2.Consent]:
            people.get_user(connection, user_id)
            held = people.consents_of(connection, user_id)
            return [consent_to_message(user_id, consent) for consent in held]

        held = await self._store.read(work)
        start = int(page.after or 0)
        end = start + page.size
        token = next_token(request, str(end)) if end < len(held) else ""
        return api.ListConsentsResponse(consents=held[start:end], next_page_token=token)

    async def WatchConsents(
        self, request: api.WatchConsentsRequest, _context: Any
    ) -> AsyncIterator[api.WatchConsentsResponse]:
        """Follow consents from an epoch on."""
        await self._store.read(lambda c: people.get_user(c, user_id_of(request.parent)))
        async for epoch, payload in follow(
            self._store, self._bell, request.parent, request.after_epoch
        ):
            if payload is None:
                yield api.WatchConsentsResponse(heartbeat=True)
            else:
                consent = consent_pb2.Consent.FromString(payload)
                yield api.WatchConsentsResponse(epoch=epoch, consent=consent)

    async def _once(
        self, method: str, request: Any, produce: Callable[[Connection], bytes]
    ) -> bytes:
        request_id, digest = key_of(request)
        return await self._store.write(
            lambda c: once(c, f"{SERVICE}/{method}", request_id, digest, lambda: produce(c))
        )


def user_from_request(
    request: api.RegisterUserRequest, random: RandomBytes, now: datetime
) -> tuple[User, str]:
    """Return the user that somebody asks to register, and the exact text of the cap.

    Raises:
        DateOfBirthInvalid, UserNotAdult, TimeZoneUnknown, CapNotUsable.
    """
    asked = request.user
    try:
        born = date.fromisoformat(asked.date_of_birth)
    except ValueError:
        raise DateOfBirthInvalid from None
    attested = asked.attestation != consent_pb2.AGE_ATTESTATION_UNSPECIFIED
    reason = age_reason(born, attested, now.date())
    if reason == "DATE_OF_BIRTH_IMPLAUSIBLE":
        raise DateOfBirthInvalid
    if reason is not None:
        raise UserNotAdult(ADULT_AGE_YEARS)
    zone_of_name(asked.time_zone)
    cap = parse_cap(asked.intensity_cap or CAP_DEFAULT, "user.intensity_cap")
    user = User(
        id=request.user_id or opaque_id(random, "u"),
        born=born,
        attestation=consent_pb2.AgeAttestation.Name(asked.attestation),
        time_zone=asked.time_zone,
        cap=cap,
        epoch=0,
        created_at=now,
    )
    return user, decimal_text(cap)


def user_to_message(user: User) -> consent_pb2.User:
    """Return a user as a message."""
    return consent_pb2.User(
        name=user.name,
        date_of_birth=user.born.isoformat(),
        attestation=user.attestation,
        time_zone=user.time_zone,
        intensity_cap=decimal_text(user.cap),
        consent_epoch=user.epoch,
        create_time=timestamp(user.created_at),
    )


def _stop_uncovered(connection: Connection, user_id: str, now: datetime) -> list[str]:
    """Stop the user's sessions that no live consent covers any more; return their ids."""
    held = people.consents_of(connection, user_id)
    stopped = []
    for stored in sessions.active_of(connection, user_id):
        full = stored.facts["mode"] == "FULL"
        vendor = "/".join(stored.message.seed.split("/")[:2]) if full else None
        if not check_consent(held, need_for(vendor), now).allowed:
            sessions.stop(connection, stored.id, "CONSENT_REVOKED", f"users/{user_id}", now)
            stopped.append(stored.id)
    return stopped


def _tell(connection: Connection, user_id: str, message: consent_pb2.Consent) -> None:
    append_event(
        connection, f"users/{user_id}", f"epoch/{message.epoch}", message.SerializeToString()
    )


def _audit(connection: Connection, now: datetime, action: str, name: str, result: str) -> None:
    append_audit(
        connection,
        at=now,
        actor=current_actor(),
        action=action,
        object_=name,
        result=result,
    )


def current_actor() -> str:
    """Return who asks, for the audit chain."""
    return current_principal().name
