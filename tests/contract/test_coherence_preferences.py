"""RankSeeds and UpdatePreference over loopback gRPC: answers, refusals, limits."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
from lucid.coherence.v1 import coherence_service_pb2 as pb2
from lucid.coherence.v1 import coherence_service_pb2_grpc
from lucid.coherence.v1 import state_pb2 as states
from lucid.validation.v1 import validation_service_pb2_grpc
from lucid_coherence.errors import DOMAIN
from lucid_coherence.server import definition
from lucid_coherence.settings import Settings
from lucid_coherence.store import Store
from lucid_rpc.channel import connect
from lucid_rpc.status import Failure, failure_of
from lucid_testkit.ports import free_address
from lucid_testkit.servers import serving, silent_telemetry
from lucid_validation import server as validation_server
from lucid_validation.settings import Settings as ValidationSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")
H = float(np.sqrt(0.5))
PLUS = np.full((2, 2), 0.5)
MIXED = np.eye(2) / 2
CALM = np.diag([1.0, 0.0])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    folder = tmp_path_factory.mktemp("preferences")
    settings = ValidationSettings(data_dir=str(folder), cache=free_address(), workers_max=1)
    service = await validation_server.build(settings, silent_telemetry("validation"))
    store = Store.open(f"sqlite:///{folder}/coherence.sqlite")
    async with serving(service) as validation:
        channel = connect(validation.address, service="validation", caller="coherence")
        asked = validation_service_pb2_grpc.ValidationServiceStub(channel)
        async with serving(definition(store, asked, Settings(), channel=channel)) as served:
            yield coherence_service_pb2_grpc.CoherenceServiceStub(served.channel)


def batch(*matrices: Any, dims: tuple[int, ...] = (2,)) -> states.StateBatch:
    data = np.array(matrices, dtype="<c16").tobytes()
    return states.StateBatch(count=len(matrices), dims=dims, data=data)


def matrices(message: states.StateBatch) -> Any:
    d = int(np.prod(message.dims))
    return np.frombuffer(message.data, dtype="<c16").reshape(message.count, d, d)


def seed(name: str, *amplitudes: complex) -> pb2.SeedFeature:
    numbers = np.array(amplitudes, dtype=np.complex128).view(np.float64).tolist()
    return pb2.SeedFeature(seed=name, amplitudes=numbers)


SEEDS = [seed("wild", 0, 1), seed("calm", 1, 0), seed("both", H, H), seed("neither", H, -H)]


def liked(name: str, **fields: Any) -> pb2.SeedFeedback:
    return pb2.SeedFeedback(seed=name, liked=True, **fields)


async def refused(call: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return failure_of(caught.value)


async def test_rank_seeds_ranks_for_many_users_at_once(stub: Any) -> None:
    request = pb2.RankSeedsRequest(preferences=batch(PLUS, MIXED), seeds=SEEDS)
    plus, mixed = (await stub.RankSeeds(request)).rankings
    assert [one.seed for one in plus.ranked] == ["both", "calm", "wild", "neither"]
    assert [one.rank for one in plus.ranked] == [1, 2, 2, 4]
    assert [one.tied for one in plus.ranked] == [False, True, True, False]
    assert [one.classical_rank for one in plus.ranked] == [1] * 4
    assert [one.probability for one in plus.ranked] == pytest.approx([1, 0.5, 0.5, 0])
    assert plus.undecidedness.relative_entropy_of_coherence_bits == pytest.approx(1)
    assert plus.undecidedness.c_l1_normalized == pytest.approx(1)
    assert [one.seed for one in mixed.ranked] == sorted(one.seed for one in SEEDS)
    assert all(one.tied for one in mixed.ranked)
    assert mixed.undecidedness.c_l1 == 0
    assert mixed.undecidedness.ignorance_bits == pytest.approx(1)


async def test_rank_seeds_starts_from_nothing_known_and_answers_the_top(stub: Any) -> None:
    request = pb2.RankSeedsRequest(maximally_mixed=2, seeds=SEEDS, top=1)
    (ranking,) = (await stub.RankSeeds(request)).rankings
    assert [(one.seed, one.tied) for one in ranking.ranked] == [("both", True)]


async def test_the_largest_answers_fit_in_a_message(stub: Any) -> None:
    """10 000 ranked seeds with the longest names, and updates of 4096 states."""
    names = [f"{number:0256d}" for number in range(1000)]
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(1000, 2)) + 1j * rng.normal(size=(1000, 2))
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    crowd = [seed(name, *row) for name, row in zip(names, rows, strict=True)]
    ten = await stub.RankSeeds(pb2.RankSeedsRequest(preferences=batch(*[PLUS] * 10), seeds=crowd))
    assert sum(len(one.ranked) for one in ten.rankings) == 10_000
    asked = [liked("calm", sharpness=0.5)] * 12
    request = pb2.UpdatePreferenceRequest(
        preferences=batch(*[PLUS] * 4096), seeds=SEEDS, feedbacks=asked
    )
    answer = await stub.UpdatePreference(request)
    assert len(answer.updates) == 4096
    assert len(answer.updates[-1].probabilities) == 12


async def test_update_preference_learns_and_shows_that_order_matters(stub: Any) -> None:
    request = pb2.UpdatePreferenceRequest(
        maximally_mixed=2, seeds=SEEDS, feedbacks=[liked("calm"), liked("both")]
    )
    answer = await stub.UpdatePreference(request)
    np.testing.assert_allclose(matrices(answer.preferences), [PLUS], atol=1e-15)
    (found,) = answer.updates
    assert list(found.probabilities) == pytest.approx([0.5, 0.5])
    assert list(found.classical_probabilities) == pytest.approx([0.5, 0.5])
    assert found.before.ignorance_bits == pytest.approx(1)
    assert found.after.c_l1 == pytest.approx(1)
    effect = found.order_effect
    assert not effect.commutes
    assert (effect.probability, effect.reversed_probability) == pytest.approx((0.25, 0.25))
    assert effect.trace_distance == pytest.approx(H)


async def test_update_preference_knows_whose_feedback_it_is(stub: Any) -> None:
    request = pb2.UpdatePreferenceRequest(
        preferences=batch(MIXED, MIXED),
        seeds=SEEDS,
        feedbacks=[liked("calm", state_index=1), liked("both", state_index=0, sharpness=0.5)],
    )
    answer = await stub.UpdatePreference(request)
    first, second = matrices(answer.preferences)
    np.testing.assert_allclose(first, 0.5 * MIXED + 0.5 * PLUS, atol=1e-15)
    np.testing.assert_allclose(second, CALM, atol=1e-15)
    assert [list(one.probabilities) for one in answer.updates] == [[0.5], [0.5]]
    assert not any(one.HasField("order_effect") for one in answer.updates)


async def test_feedback_without_probability_is_refused_with_its_size(stub: Any) -> None:
    request = pb2.UpdatePreferenceRequest(
        preferences=batch(MIXED, CALM), seeds=SEEDS, feedbacks=[liked("wild")]
    )
    failure = await refused(stub.UpdatePreference(request))
    assert (failure.domain, failure.reason) == (DOMAIN, "FEEDBACK_IMPOSSIBLE")
    assert failure.code is grpc.StatusCode.FAILED_PRECONDITION
    assert failure.precondition is not None
    assert failure.precondition.subject == "preferences"
    expected = {"state": "1", "feedback": "0", "seed": "wild", "minimum": "1e-09"}
    assert expected.items() <= failure.metadata.items()
    assert float(failure.metadata["probability"]) < 1e-15


@pytest.mark.parametrize(
    ("wrong", "check", "field", "fact"),
    [
        (seed("s", 0.5, 0), "NORM", "seeds[1].amplitudes", {"value": "0.5"}),
        (seed("s", float("nan"), 0), "NORM", "seeds[1].amplitudes", {"value": "nan"}),
        (seed("s", 1), "NUMBER_COUNT", "seeds[1].amplitudes", {"value": "2", "expected": "4"}),
        (seed("wild", 1, 0), "NAME_UNIQUE", "seeds[1].seed", {"seed": "wild"}),
    ],
)
async def test_a_seed_that_is_no_unit_vector_is_refused_by_name(
    stub: Any, wrong: pb2.SeedFeature, check: str, field: str, fact: dict[str, str]
) -> None:
    request = pb2.RankSeedsRequest(maximally_mixed=2, seeds=[SEEDS[0], wrong])
    failure = await refused(stub.RankSeeds(request))
    assert (failure.domain, failure.reason) == (DOMAIN, "SEED_FEATURE_INVALID")
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert ({"check": check} | fact).items() <= failure.metadata.items()
    assert [one.field for one in failure.field_violations] == [field]


async def test_feedback_about_nothing_is_refused(stub: Any) -> None:
    for said, check in (
        (liked("nobody"), "SEED_KNOWN"),
        (liked("wild", state_index=1), "STATE_KNOWN"),
    ):
        request = pb2.UpdatePreferenceRequest(maximally_mixed=2, seeds=SEEDS, feedbacks=[said])
        failure = await refused(stub.UpdatePreference(request))
        assert (failure.reason, failure.metadata["check"]) == ("SEED_FEATURE_INVALID", check)


async def test_preferences_are_physical_and_within_the_limits(stub: Any) -> None:
    async def reason(**fields: Any) -> tuple[str, str]:
        request = pb2.RankSeedsRequest(**({"seeds": SEEDS} | fields))
        failure = await refused(stub.RankSeeds(request))
        return failure.reason, failure.metadata.get("limit", failure.metadata.get("check", ""))

    overfull = batch(np.diag([1.2, -0.2]))
    assert await reason(preferences=overfull) == ("STATE_NOT_PHYSICAL", "min_eigenvalue")
    nan = batch(np.full((2, 2), np.nan))
    assert await reason(preferences=nan) == ("STATE_LAYOUT_INVALID", "FINITE")
    short = states.StateBatch(count=1, dims=[2], data=bytes(63))
    assert await reason(preferences=short) == ("STATE_LAYOUT_INVALID", "DATA_LENGTH")
    huge = states.StateBatch(count=65536, dims=[2**31, 2**31], data=bytes(64))
    assert await reason(preferences=huge) == ("LIMIT_EXCEEDED", "dimension_max")
    wide = batch(np.eye(128) / 128, dims=(128,))
    assert await reason(preferences=wide) == ("LIMIT_EXCEEDED", "features_max")
    many = batch(*[MIXED] * 4097)
    assert await reason(preferences=many) == ("LIMIT_EXCEEDED", "states_max")
    crowd = batch(*[MIXED] * 4096)
    assert await reason(preferences=crowd) == ("LIMIT_EXCEEDED", "ranked_max")
    assert await reason(maximally_mixed=2**32 - 1) == ("LIMIT_EXCEEDED", "features_max")
    assert await reason(maximally_mixed=1) == ("SEED_FEATURE_INVALID", "FEATURE_COUNT")
    for nothing in ({}, {"seeds": [], "maximally_mixed": 2}):
        assert (await reason(**nothing))[0] == "FIELDS_INVALID"
