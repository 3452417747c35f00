"""VendorService and CommerceService: they translate and decide nothing."""

from typing import Any, Final

from lucid.vendor.v1 import (
    commerce_service_pb2,
    commerce_service_pb2_grpc,
    vendor_pb2,
    vendor_service_pb2,
    vendor_service_pb2_grpc,
)
from lucid_rpc.page_token import next_token, page_of
from lucid_runtime.clock import Clock
from lucid_runtime.identifiers import RandomBytes, opaque_id

from lucid_vendor import book_desk, convert, records, vendor_desk
from lucid_vendor.requests import answer_once
from lucid_vendor.store import Store
from lucid_vendor.vendors.api_keys import SECRET_BYTES, ApiKey, key_text, secret_digest

PAGE_SIZE: Final = 50
PAGE_SIZE_MAX: Final = 500
_VENDORS: Final = "lucid.vendor.v1.VendorService"
_COMMERCE: Final = "lucid.vendor.v1.CommerceService"


class VendorServicer(vendor_service_pb2_grpc.VendorServiceServicer):
    """Registers vendors and their keys."""

    def __init__(
        self, store: Store, clock: Clock, pepper: bytes, random_bytes: RandomBytes
    ) -> None:
        self._store = store
        self._clock = clock
        self._pepper = pepper
        self._random_bytes = random_bytes

    async def CreateVendor(self, request: Any, _context: Any) -> vendor_pb2.Vendor:
        """Register a vendor."""
        vendor_id = request.vendor_id or opaque_id(self._random_bytes, "v")
        application = convert.application_from_message(request.vendor)
        now = self._clock.now()
        return await answer_once(
            self._store,
            f"{_VENDORS}/CreateVendor",
            request,
            vendor_pb2.Vendor,
            lambda c: convert.vendor_to_message(
                vendor_desk.create_vendor(c, vendor_id, application, now)
            ),
        )

    async def GetVendor(self, request: Any, _context: Any) -> vendor_pb2.Vendor:
        """Return one vendor."""
        vendor_id = convert.vendor_id_of(request.name)
        vendor = await self._store.read(lambda c: vendor_desk.get_vendor(c, vendor_id))
        return convert.vendor_to_message(vendor)

    async def ListVendors(
        self, request: Any, _context: Any
    ) -> vendor_service_pb2.ListVendorsResponse:
        """Return a page of vendors, by id."""
        page = page_of(request, default=PAGE_SIZE, maximum=PAGE_SIZE_MAX)
        found = await self._store.read(lambda c: records.list_vendors(c, page.after, page.size + 1))
        shown, more = found[: page.size], len(found) > page.size
        return vendor_service_pb2.ListVendorsResponse(
            vendors=map(convert.vendor_to_message, shown),
            next_page_token=next_token(request, shown[-1].vendor_id) if more else "",
        )

    async def UpdateVendor(self, request: Any, _context: Any) -> vendor_pb2.Vendor:
        """Change what a vendor states about itself."""
        vendor_id = convert.vendor_id_of(request.vendor.name, "vendor.name")
        change, now = convert.vendor_change(request), self._clock.now()
        return await answer_once(
            self._store,
            f"{_VENDORS}/UpdateVendor",
            request,
            vendor_pb2.Vendor,
            lambda c: convert.vendor_to_message(
                vendor_desk.update_vendor(c, vendor_id, request.vendor.etag, change, now)
            ),
        )

    async def CreateApiKey(self, request: Any, _context: Any) -> vendor_pb2.ApiKey:
        """Make a key; only the call that makes it carries the secret, which is stored nowhere."""
        vendor_id = convert.vendor_id_of(request.parent, "parent")
        key, secret = self._new_key(vendor_id, request.api_key.display_name)
        now = self._clock.now()
        answer = await answer_once(
            self._store,
            f"{_VENDORS}/CreateApiKey",
            request,
            vendor_pb2.ApiKey,
            lambda c: convert.key_to_message(vendor_desk.create_key(c, vendor_id, key, now)),
        )
        if answer.name == key.name:
            answer.secret = key_text(key.key_id, secret)
        return answer

    async def ListApiKeys(
        self, request: Any, _context: Any
    ) -> vendor_service_pb2.ListApiKeysResponse:
        """Return a page of a vendor's keys, revoked ones included, without secrets."""
        vendor_id = convert.vendor_id_of(request.parent, "parent")
        page = page_of(request, default=PAGE_SIZE, maximum=PAGE_SIZE_MAX)
        found = await self._store.read(
            lambda c: vendor_desk.list_keys(c, vendor_id, page.after, page.size + 1)
        )
        shown, more = found[: page.size], len(found) > page.size
        return vendor_service_pb2.ListApiKeysResponse(
            api_keys=map(convert.key_to_message, shown),
            next_page_token=next_token(request, shown[-1].key_id) if more else "",
        )

    async def RevokeApiKey(self, request: Any, _context: Any) -> vendor_pb2.ApiKey:
        """Revoke a key."""
        vendor_id, key_id = convert.key_ids_of(request.name)
        now = self._clock.now()
        return await answer_once(
            self._store,
            f"{_VENDORS}/RevokeApiKey",
            request,
            vendor_pb2.ApiKey,
            lambda c: convert.key_to_message(vendor_desk.revoke_key(c, vendor_id, key_id, now)),
        )

    def _new_key(self, vendor_id: str, display_name: str) -> tuple[ApiKey, bytes]:
        secret = self._random_bytes(SECRET_BYTES)
        key_id = self._random_bytes(6).hex()
        digest = secret_digest(self._pepper, secret)
        return ApiKey(vendor_id, key_id, digest, display_name, self._clock.now()), secret


class CommerceServicer(commerce_service_pb2_grpc.CommerceServiceServicer):
    """Keeps the ledger, exactly once by event."""

    def __init__(self, store: Store, clock: Clock, random_bytes: RandomBytes) -> None:
        self._store = store
        self._clock = clock
        self._random_bytes = random_bytes

    async def RecordEntry(self, request: Any, _context: Any) -> commerce_service_pb2.LedgerEntry:
        """Record a settlement."""
        entry = convert.entry_from_request(
            request, entry_id=opaque_id(self._random_bytes, "e"), now=self._clock.now()
        )
        return await answer_once(
            self._store,
            f"{_COMMERCE}/RecordEntry",
            request,
            commerce_service_pb2.LedgerEntry,
            lambda c: convert.entry_to_message(book_desk.record_entry(c, entry)),
        )

    async def ReverseEntry(self, request: Any, _context: Any) -> commerce_service_pb2.LedgerEntry:
        """Reverse a settlement by an opposite entry."""
        vendor_id = convert.vendor_id_of(request.vendor, "vendor")
        entry_id, now = opaque_id(self._random_bytes, "e"), self._clock.now()
        return await answer_once(
            self._store,
            f"{_COMMERCE}/ReverseEntry",
            request,
            commerce_service_pb2.LedgerEntry,
            lambda c: convert.entry_to_message(
                book_desk.reverse_entry(
                    c,
                    vendor_id=vendor_id,
                    event_id=request.event_id,
                    entry_id=entry_id,
                    memo=request.reason,
                    now=now,
                )
            ),
        )

    async def ListEntries(
        self, request: Any, _context: Any
    ) -> commerce_service_pb2.ListEntriesResponse:
        """Return a page of a vendor's entries, oldest first, reversals included."""
        vendor_id = convert.vendor_id_of(request.parent, "parent")
        page = page_of(request, default=PAGE_SIZE, maximum=PAGE_SIZE_MAX)
        found = await self._store.read(
            lambda c: book_desk.list_entries(c, vendor_id, page.after, page.size + 1)
        )
        shown, more = found[: page.size], len(found) > page.size
        return commerce_service_pb2.ListEntriesResponse(
            entries=map(convert.entry_to_message, shown),
            next_page_token=next_token(request, shown[-1].entry.event_id) if more else "",
        )
