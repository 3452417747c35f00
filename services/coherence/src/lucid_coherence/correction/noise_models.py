"""Noise on codes: which models there are, what they apply to, and their circuits.

Code capacity: one round of independent Pauli noise on the data qubits, read out perfectly.
Phenomenological: each round flips data qubits and measurement results. Circuit level: Stim's four
knobs on its own memory circuits [Gidney2021].
"""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

import stim

from lucid_coherence.correction.codes import Code
from lucid_coherence.correction.exact import PauliChannel
from lucid_coherence.correction.violations import CombinationUnsupported, ParameterOutOfRange

ROUNDS_MAX: Final = 100
DEPOLARIZATION_MAX: Final = 0.75
"""Beyond this, depolarising one qubit mixes more than completely, and no weight describes it."""


class NoiseModel(Enum):
    """What goes wrong."""

    BIT_FLIP = "X with probability p on each data qubit, once"
    PHASE_FLIP = "Z with probability p on each data qubit, once"
    DEPOLARIZING = "X, Y or Z with probability p / 3 each on each data qubit, once"
    AMPLITUDE_DAMPING_TWIRLED = (
        "the Pauli twirl of amplitude damping with probability p on each data qubit, once: an "
        "approximation, which keeps no coherence of the damping"
    )
    PHENOMENOLOGICAL = (
        "each round, the data qubits are depolarised and the measurement results flipped"
    )
    CIRCUIT_LEVEL = "every gate, idling round, measurement and reset fails"


CODE_CAPACITY: Final = (
    NoiseModel.BIT_FLIP,
    NoiseModel.PHASE_FLIP,
    NoiseModel.DEPOLARIZING,
    NoiseModel.AMPLITUDE_DAMPING_TWIRLED,
)
Basis = Literal["X", "Z"]


@dataclass(frozen=True, slots=True)
class Knobs:
    """Stim's four probabilities, each 0..1."""

    after_clifford_depolarization: float
    before_round_data_depolarization: float
    before_measure_flip_probability: float
    after_reset_flip_probability: float


@dataclass(frozen=True, slots=True)
class Experiment:
    """A code under noise. `error_rate` is p, `knobs` replaces it for circuit-level noise only."""

    code: Code
    noise: NoiseModel
    error_rate: float
    rounds: int
    basis: Basis
    knobs: Knobs | None = None


def noise_models_for(code: Code) -> tuple[NoiseModel, ...]:
    """Return the models that apply: circuits over several rounds exist for two families."""
    several = (NoiseModel.PHENOMENOLOGICAL, NoiseModel.CIRCUIT_LEVEL)
    return CODE_CAPACITY + (several if code.family in {"repetition", "surface"} else ())


def pauli_channel(noise: NoiseModel, p: float) -> PauliChannel:
    """Return the channel of a code-capacity model.

    The twirl of amplitude damping with probability p has X and Y with p / 4 each and Z with
    (1 - p / 2 - sqrt(1 - p)) / 2. [Silva2008]
    """
    if noise is NoiseModel.BIT_FLIP:
        return PauliChannel(p, 0, 0)
    if noise is NoiseModel.PHASE_FLIP:
        return PauliChannel(0, 0, p)
    if noise is NoiseModel.DEPOLARIZING:
        return PauliChannel(p / 3, p / 3, p / 3)
    # (1 - sqrt(1 - p))**2 / 4 is the same number without cancellation.
    return PauliChannel(p / 4, p / 4, (p / (1 + math.sqrt(1 - p))) ** 2 / 4)


def check_experiment(experiment: Experiment) -> None:
    """Refuse what has no meaning, before anything is built.

    Raises:
        CombinationUnsupported: the noise model does not apply to the code.
        ParameterOutOfRange: a probability outside 0..1 or rounds outside 1..ROUNDS_MAX.
    """
    code, noise = experiment.code, experiment.noise
    if noise not in noise_models_for(code):
        raise CombinationUnsupported(
            f"There is no {noise.name} circuit of the code {code.name}.",
            field="noise",
            code=code.name,
            noise=noise.name,
        )
    several = noise not in CODE_CAPACITY
    uses_rate = experiment.knobs is None
    most = DEPOLARIZATION_MAX if several and uses_rate else 1.0
    require_probability(experiment.error_rate, "error_rate", most)
    if experiment.knobs is not None:
        if noise is not NoiseModel.CIRCUIT_LEVEL:
            raise CombinationUnsupported(
                f"The four probabilities belong to circuit-level noise, not to {noise.name}.",
                field="circuit_noise",
                code=code.name,
                noise=noise.name,
            )
        for name in Knobs.__slots__:
            most = DEPOLARIZATION_MAX if name.endswith("depolarization") else 1.0
            require_probability(getattr(experiment.knobs, name), f"circuit_noise.{name}", most)
    rounds_max = ROUNDS_MAX if several else 1
    if not 1 <= experiment.rounds <= rounds_max:
        raise ParameterOutOfRange(
            f"{noise.name} takes 1 to {rounds_max} rounds, not {experiment.rounds}.",
            field="rounds",
            value=experiment.rounds,
            maximum=rounds_max,
        )
    if code.family == "repetition" and several and experiment.basis != "Z":
        raise CombinationUnsupported(
            "A repetition code keeps only the Z basis in memory.",
            field="basis",
            code=code.name,
            noise=noise.name,
        )


def is_certain(experiment: Experiment) -> bool:
    """Say whether some error happens with probability 1."""
    knobs = experiment.knobs
    given = [getattr(knobs, name) for name in Knobs.__slots__] if knobs else []
    return 1 in {experiment.error_rate, *given}


def require_probability(value: float, field: str, most: float) -> None:
    """Refuse what is not a number in 0..most."""
    if not 0 <= value <= most:
        raise ParameterOutOfRange(
            f"{field} is a probability, 0 to {most:g} here, not {value}.",
            field=field,
            value=value,
            maximum=most,
        )


def circuit_of(experiment: Experiment) -> stim.Circuit:
    """Return the circuit; its detectors are the syndrome bits, in order.

    At code capacity detector i is stabiliser i, observable 0 says whether logical X is flipped and
    observable 1 logical Z; otherwise they are those of Stim's memory circuits.
    """
    if experiment.noise in CODE_CAPACITY:
        channel = pauli_channel(experiment.noise, experiment.error_rate)
        return _code_capacity_circuit(experiment.code, channel)
    task = (
        f"surface_code:rotated_memory_{experiment.basis.lower()}"
        if experiment.code.family == "surface"
        else "repetition_code:memory"
    )
    distance = max(experiment.code.distance, experiment.code.distance_bit_flip)
    return stim.Circuit.generated(
        task, distance=distance, rounds=experiment.rounds, **_knobs_of(experiment)
    )


def _knobs_of(experiment: Experiment) -> dict[str, float]:
    p = experiment.error_rate
    if experiment.noise is NoiseModel.PHENOMENOLOGICAL:
        return {"before_round_data_depolarization": p, "before_measure_flip_probability": p}
    knobs = experiment.knobs or Knobs(p, p, p, p)
    return {name: getattr(knobs, name) for name in Knobs.__slots__}


def _code_capacity_circuit(code: Code, channel: PauliChannel) -> stim.Circuit:
    """Return: measure everything, noise, measure everything again; detectors compare.

    Both logical operators are measured at once, which works because each is extended by one Pauli
    of a further noiseless qubit, so that the extensions commute.
    """
    extended = [f"{code.logical_x}X", f"{code.logical_z}Z"]
    operators = [*(f"{s}I" for s in code.stabilisers), *extended]
    measure = "MPP " + " ".join(_product(operator) for operator in operators)
    qubits = " ".join(map(str, range(code.n)))
    count = len(operators)
    compare = [
        f"{head} rec[{index - count}] rec[{index - 2 * count}]"
        for index, head in enumerate(
            ["DETECTOR"] * code.syndrome_bits + ["OBSERVABLE_INCLUDE(0)", "OBSERVABLE_INCLUDE(1)"]
        )
    ]
    noise = f"PAULI_CHANNEL_1({channel.x!r},{channel.y!r},{channel.z!r}) {qubits}"
    return stim.Circuit("\n".join([measure, noise, measure, *compare]))


def _product(pauli: str) -> str:
    return "*".join(f"{letter}{i}" for i, letter in enumerate(pauli) if letter != "I")
