import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from lucid_validation.barrier.methods.evidence import CaseProof, Witness
from lucid_validation.barrier.obligation_work import Answer
from lucid_validation.side_by_side import SideBySide


def answers(answer: Answer) -> Callable[[], Answer]:
    return lambda: answer


def sleeps() -> Answer:
    time.sleep(60)
    return None


def dies() -> Answer:
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def test_every_answer_comes_back_with_its_number() -> None:
    proof, witness = CaseProof({"type": "empty"}), Witness({"type": "point"})
    attempts = [answers(proof), answers(None), answers(witness)]
    found = dict(SideBySide(2)(attempts, lambda _: True))
    assert found == {0: proof, 1: None, 2: witness}


def test_a_large_answer_is_read_whole() -> None:
    proof = CaseProof({"tree": list(range(300_000))})
    assert list(SideBySide(1)([answers(proof)], lambda _: True)) == [(0, proof)]


def test_an_attempt_that_dies_is_no_answer() -> None:
    proof = CaseProof({})
    assert dict(SideBySide(2)([dies, answers(proof)], lambda _: True)) == {0: None, 1: proof}


def test_a_rival_is_dead_within_50_ms_of_the_first_answer(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def notes_and_sleeps() -> Answer:
        note.write_text(str(os.getpid()))
        return sleeps()

    def waits_for_the_note() -> Answer:
        while not note.exists() or not note.read_text():
            time.sleep(0.001)
        return CaseProof({})

    decided: list[int] = []
    race = SideBySide(2)([notes_and_sleeps, waits_for_the_note], lambda _: not decided)
    number, _ = next(race)
    decided.append(number)
    since = time.monotonic()
    assert list(race) == []
    latency = time.monotonic() - since
    assert decided == [1]
    assert not Path(f"/proc/{note.read_text()}").exists()
    # 50 ms is the promise; a loaded machine may schedule late, hence the generous factor.
    assert latency < 0.5


def test_an_attempt_that_nobody_wants_never_starts(tmp_path: Path) -> None:
    touched = tmp_path / "touched"

    def touches() -> Answer:
        touched.touch()
        return None

    assert list(SideBySide(1)([touches], lambda _: False)) == []
    assert not touched.exists()


def test_closing_the_race_early_kills_what_still_runs(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def notes_and_sleeps() -> Answer:
        note.write_text(str(os.getpid()))
        return sleeps()

    race = SideBySide(2)([answers(None), notes_and_sleeps], lambda _: True)
    next(race)
    while not note.exists() or not note.read_text():
        time.sleep(0.001)
    race.close()
    assert not Path(f"/proc/{note.read_text()}").exists()
