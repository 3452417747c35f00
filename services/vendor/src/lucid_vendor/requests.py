"""One request, one transaction, one answer: what every mutating method has in common."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from google.protobuf.message import Message
from lucid_rpc.authorization import current_principal
from lucid_rpc.rejections import FieldsInvalid
from lucid_rpc.request_id import parse_request_id, request_hash
from lucid_rpc.status import FieldViolation
from lucid_store.idempotency import hash_of
from sqlalchemy import Connection

from lucid_vendor.store import Store
from lucid_vendor.vendors.refusals import FieldInvalid

Answer = TypeVar("Answer", bound=Message)
Result = TypeVar("Result")


async def answer_once(
    store: Store,
    method: str,
    request: Any,
    answer: type[Answer],
    work: Callable[[Connection], Answer],
) -> Answer:
    """Return the message that `work` makes; the same request id gets the first one again.

    Raises:
        RequestIdInvalid, RequestIdReused, FieldsInvalid, and whatever `work` refuses.
    """
    request_id = parse_request_id(request.request_id) if request.request_id else ""
    # Whoever asks is part of the request: nobody is shown another's answer.
    asked = hash_of(current_principal().name, request_hash(request))
    raw = await checked(
        store.once(method, request_id, asked, lambda c: work(c).SerializeToString())
    )
    message: Answer = answer.FromString(raw)
    return message


async def checked(pending: Awaitable[Result]) -> Result:
    """Return the result; a field that the domain refuses is told like one the protos refuse."""
    try:
        return await pending
    except FieldInvalid as error:
        raise FieldsInvalid([FieldViolation(error.field, error.sentence)]) from error
