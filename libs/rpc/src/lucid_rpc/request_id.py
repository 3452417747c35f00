"""Request ids: what makes a mutation safe to send twice ([AIP155])."""

import hashlib
import re
from typing import Any, Final

from lucid_rpc.rejections import RequestIdInvalid

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parse_request_id(text: str) -> str:
    """Return a request id in lower case; raises `RequestIdInvalid` unless it is a UUID."""
    lowered = text.lower()
    if not _UUID.fullmatch(lowered):
        raise RequestIdInvalid(text[:64])
    return lowered


def request_hash(request: Any) -> str:
    """Return the SHA-256 (hexadecimal) of a request without its id.

    Two requests with one id must have one hash; otherwise the id was reused for something else.
    Deterministic for one version of the protos.
    """
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("request_id")
    digest = hashlib.sha256(request.DESCRIPTOR.full_name.encode("ascii"))
    digest.update(bare.SerializeToString(deterministic=True))
    return digest.hexdigest()
