"""The catalogue of codes, answered; apart from sampling, so that no simulator is loaded for it."""

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import correction_pb2 as pb

from lucid_coherence.correction.bits import bytes_for
from lucid_coherence.correction.codes import Code, catalogue
from lucid_coherence.correction.decoders import DecoderKind, decoders_for
from lucid_coherence.correction.lookup import can_tabulate
from lucid_coherence.correction.noise_models import noise_models_for


def list_codes(_request: service.ListCodesRequest) -> service.ListCodesResponse:
    """Answer ListCodes."""
    return service.ListCodesResponse(codes=[_code_to_message(c) for c in catalogue().values()])


def _code_to_message(code: Code) -> pb.Code:
    return pb.Code(
        code=code.name,
        physical_qubits=code.n,
        logical_qubits=1,
        distance=code.distance,
        distance_bit_flip=code.distance_bit_flip,
        distance_phase_flip=code.distance_phase_flip,
        stabilizers=code.stabilisers,
        logical_x=code.logical_x,
        logical_z=code.logical_z,
        noise_models=[f"CODE_NOISE_{noise.name}" for noise in noise_models_for(code)],
        decoders=[decoder_name(kind) for kind in decoders_for(code)],
        syndrome_bits=code.syndrome_bits,
        syndrome_bytes=bytes_for(code.syndrome_bits),
        correction_bytes=bytes_for(2 * code.n),
        exact=can_tabulate(code),
    )


def decoder_name(kind: DecoderKind) -> str:
    """Return a decoder as the protos name it."""
    return f"DECODER_{kind.name}"
