"""Pages of a list: sizes and opaque tokens, bound to the request that they continue ([AIP158]).

A token says where the next page starts and which request it belongs to. It is no authorisation:
whoever makes one up gets at most a page that they could have asked for.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any, Final

from lucid_rpc.rejections import PageSizeInvalid, PageTokenInvalid

SIZE_DEFAULT: Final = 50
SIZE_MAX: Final = 1000

_BINDING_BYTES: Final = 16
_UNBOUND_FIELDS: Final = ("page_token", "page_size")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for.

    `size` is in 1..maximum. `after` is the position that `next_token` was given for the page
    before; empty for the first page.
    """

    size: int
    after: str


def page_of(request: Any, *, default: int = SIZE_DEFAULT, maximum: int = SIZE_MAX) -> Page:
    """Return the page that a List request asks for.

    A size of 0 means `default`, one above `maximum` means `maximum`.

    Raises:
        PageSizeInvalid: the size is negative.
        PageTokenInvalid: the token is not one of ours or belongs to other arguments.
    """
    if request.page_size < 0:
        raise PageSizeInvalid(request.page_size)
    size = min(request.page_size or default, maximum)
    return Page(size, _position(request) if request.page_token else "")


def next_token(request: Any, position: str) -> str:
    """Return the token of the page that follows `position`, for requests with these arguments.

    The page size may change from page to page; every other argument must stay.
    """
    token = _binding(request) + position.encode("utf-8")
    return base64.urlsafe_b64encode(token).decode("ascii").rstrip("=")


def _position(request: Any) -> str:
    text = request.page_token
    try:
        token = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        position = token[_BINDING_BYTES:].decode("utf-8")
    except (binascii.Error, ValueError):
        why = "is not one that this service made"
        raise PageTokenInvalid(why) from None
    if token[:_BINDING_BYTES] != _binding(request) or not position:
        why = "belongs to a request with other arguments"
        raise PageTokenInvalid(why)
    return position


def _binding(request: Any) -> bytes:
    """Return a digest of the type and of the arguments that must not change."""
    bound = type(request)()
    bound.CopyFrom(request)
    for name in _UNBOUND_FIELDS:
        bound.ClearField(name)
    digest = hashlib.sha256(request.DESCRIPTOR.full_name.encode("ascii"))
    digest.update(bound.SerializeToString(deterministic=True))
    return digest.digest()[:_BINDING_BYTES]
