"""The process that samples and decodes for one call at a time; it may be killed at any moment.

It speaks as `decoding_frames` says, and leaves when its standard input closes.
"""

import math
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, Final

from google.protobuf.message import Message
from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import correction_pb2 as pb

from lucid_coherence.answers import correction as answers
from lucid_coherence.correction.problems import RowDecoder
from lucid_coherence.correction.violations import CorrectionRefused
from lucid_coherence.decoding_frames import (
    HEADER,
    MEMORY_BYTES_MAX,
    TIME_LEFT,
    out_of_memory,
    refusal_to_json,
)

SILENCE_S_MAX: Final = 40


class Conversation:
    """Answers frames until the input ends; keeps the decoder of the last problem."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source = source
        self._target = target
        self._decoder: RowDecoder | None = None

    def run(self) -> None:
        """Answer every frame."""
        while header := self._source.read(HEADER.size):
            kind, length = HEADER.unpack(header)
            payload = self._source.read(length)
            _must_speak_within(SILENCE_S_MAX)
            try:
                for message in self._answers(kind, payload):
                    self._write(b"M", message.SerializeToString())
            except CorrectionRefused as error:
                self._write(b"X", refusal_to_json(error))
            except MemoryError:
                self._write(b"X", refusal_to_json(out_of_memory()))
            if kind == b"E":
                self._write(b"D", b"")
            _must_speak_within(0)

    def _answers(self, kind: bytes, payload: bytes) -> Iterator[Message]:
        if kind == b"E":
            (left_s,) = TIME_LEFT.unpack_from(payload)
            request = service.EstimateLogicalErrorRateRequest.FromString(payload[TIME_LEFT.size :])
            yield from answers.estimate_rate(request, None if math.isnan(left_s) else left_s)
        elif kind == b"P":
            self._decoder, ready = answers.ready_decoder(pb.DecodingProblem.FromString(payload))
            yield ready
        elif self._decoder is not None:
            yield answers.decode_chunk(self._decoder, pb.SyndromeChunk.FromString(payload))

    def _write(self, kind: bytes, payload: bytes) -> None:
        self._target.write(HEADER.pack(kind, len(payload)))
        self._target.write(payload)
        self._target.flush()
        _must_speak_within(SILENCE_S_MAX)


def _must_speak_within(seconds: int) -> None:
    """Let the kernel end this process unless it speaks in time; 0 means no limit.

    The parent kills it sooner. This holds when the parent is gone: no code of ours runs during a
    match, but the signal's default action needs none.
    """
    signal.alarm(seconds)


def main() -> int:
    """Serve the parent."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    with suppress(BrokenPipeError, KeyboardInterrupt):
        Conversation(sys.stdin.buffer, sys.stdout.buffer).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
