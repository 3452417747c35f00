import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_store.engine import reading, writing
from lucid_store.faults import StoreBusy, StoreUnavailable
from lucid_store.outbox import (
    Delivery,
    DeliveryLimits,
    Event,
    backoff_s,
    enqueue,
    first_time,
    forget_delivered,
    pending,
)
from sqlalchemy import Engine

OWNER = "lucid_sample"
START = datetime(2026, 1, 1, tzinfo=UTC)


class Consumer:
    """Notes what arrives; refuses the subjects in `broken`."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.broken: set[str] = set()
        self.arrived = asyncio.Event()

    async def __call__(self, event: Event) -> None:
        if event.subject in self.broken:
            raise ConnectionError
        self.seen.append(event.event_id)
        self.arrived.set()


class Time:
    now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def consumer() -> Consumer:
    return Consumer()


@pytest.fixture
def delivery(engine: Engine, consumer: Consumer, time: Time) -> Delivery:
    return Delivery(engine, OWNER, consumer, time)


def put(engine: Engine, *ids: str, subject: str = "seeds/a", owner: str = OWNER) -> None:
    with writing(engine) as connection:
        for event_id in ids:
            enqueue(connection, owner, Event(event_id, "seed.published", subject, b"\x00x"), START)


def left(engine: Engine) -> int:
    with reading(engine) as connection:
        return pending(connection, OWNER)


async def test_an_event_of_a_transaction_that_failed_is_never_told(
    engine: Engine, delivery: Delivery, consumer: Consumer
):
    def write_and_fail() -> None:
        with writing(engine) as connection:
            enqueue(connection, OWNER, Event("1", "t", "s", b""), START)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert await delivery.deliver_due() == 0
    assert consumer.seen == []


async def test_events_are_told_once_and_in_order(
    engine: Engine, delivery: Delivery, consumer: Consumer
):
    put(engine, "1", "2", "3")
    assert await delivery.deliver_due() == 3
    assert await delivery.deliver_due() == 0
    assert consumer.seen == ["1", "2", "3"]
    assert left(engine) == 0


async def test_a_failed_event_holds_back_its_subject_and_no_other(
    engine: Engine, delivery: Delivery, consumer: Consumer, time: Time
):
    put(engine, "1", "2", subject="seeds/a")
    put(engine, "3", subject="seeds/b")
    consumer.broken = {"seeds/a"}
    await delivery.deliver_due()
    await delivery.deliver_due()
    assert consumer.seen == ["3"]
    consumer.broken = set()
    time.forward(1)
    await delivery.deliver_due()
    assert consumer.seen == ["3", "1", "2"]


async def test_an_event_whose_deliverer_died_is_due_again(
    engine: Engine, consumer: Consumer, time: Time
):
    put(engine, "1")
    limits = DeliveryLimits()

    async def die(_event: Event) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Delivery(engine, OWNER, die, time, limits).deliver_due()
    survivor = Delivery(engine, OWNER, consumer, time, limits)
    assert await survivor.deliver_due() == 0
    time.forward(limits.claim_s)
    assert await survivor.deliver_due() == 1


async def test_two_deliverers_do_not_tell_the_same_event(
    engine: Engine, consumer: Consumer, time: Time
):
    put(engine, *map(str, range(20)))
    both = [Delivery(engine, OWNER, consumer, time) for _ in range(2)]
    await asyncio.gather(*(delivery.deliver_due() for delivery in both))
    assert consumer.seen == [str(number) for number in range(20)]


async def test_an_owner_is_not_given_anothers_events(
    engine: Engine, delivery: Delivery, consumer: Consumer
):
    put(engine, "1", owner="lucid_other")
    assert await delivery.deliver_due() == 0


async def test_the_loop_tells_an_event_when_it_is_woken_and_stops_when_told(
    engine: Engine, consumer: Consumer, time: Time
):
    delivery = Delivery(engine, OWNER, consumer, time, DeliveryLimits(poll_s=60))
    stop = asyncio.Event()
    running = asyncio.create_task(delivery.run(stop))
    put(engine, "1")
    delivery.wake()
    async with asyncio.timeout(10):
        await consumer.arrived.wait()
        stop.set()
        await running
    assert left(engine) == 0


async def test_the_loop_outlives_a_store_that_cannot_be_read(
    engine: Engine, consumer: Consumer, time: Time, monkeypatch: pytest.MonkeyPatch
):
    delivery = Delivery(engine, OWNER, consumer, time, DeliveryLimits(poll_s=0.001))
    failures = iter([StoreBusy, StoreUnavailable])
    deliver_due = delivery.deliver_due

    async def fail_first() -> int:
        for failure in failures:
            raise failure
        return await deliver_due()

    monkeypatch.setattr(delivery, "deliver_due", fail_first)
    put(engine, "1")
    stop = asyncio.Event()
    running = asyncio.create_task(delivery.run(stop))
    async with asyncio.timeout(10):
        await consumer.arrived.wait()
        stop.set()
        await running
    assert consumer.seen == ["1"]


async def test_a_consumer_that_hangs_has_failed(engine: Engine, time: Time):
    async def hang(_event: Event) -> None:
        await asyncio.Event().wait()

    put(engine, "1")
    limits = DeliveryLimits(attempt_s=0.01)
    assert await Delivery(engine, OWNER, hang, time, limits).deliver_due() == 0
    assert left(engine) == 1


def test_a_consumer_acts_once_per_event(engine: Engine):
    with writing(engine) as connection:
        assert first_time(connection, "dream", "1")
        assert first_time(connection, "cache", "1")
        assert not first_time(connection, "dream", "1")


async def test_delivered_events_are_forgotten_by_age(
    engine: Engine, delivery: Delivery, time: Time
):
    put(engine, "1")
    await delivery.deliver_due()
    put(engine, "2")
    with writing(engine) as connection:
        assert forget_delivered(connection, OWNER, START) == 0
        assert forget_delivered(connection, OWNER, START + timedelta(days=1)) == 1
    assert left(engine) == 1


@given(st.integers(1, 10_000))
def test_waits_grow_and_are_bounded(attempts: int):
    limits = DeliveryLimits()
    assert backoff_s(attempts, limits) <= backoff_s(attempts + 1, limits) <= limits.backoff_max_s
