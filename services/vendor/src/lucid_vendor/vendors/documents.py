"""Contents, findings and verdicts as plain JSON objects and back, for stores and for hashes.

`…_to_document` and `…_from_document` are inverses; a document holds only text, numbers, lists and
objects. Times are ISO 8601 in UTC.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from lucid_vendor.vendors.content import (
    Carrier,
    Content,
    Offer,
    Phase,
    SeedType,
    SessionType,
)
from lucid_vendor.vendors.ethics import Finding, Severity
from lucid_vendor.vendors.model import Model
from lucid_vendor.vendors.verdict import Counterexample, VerdictRecord, VerdictStatus

Document = dict[str, Any]


def content_to_document(content: Content) -> Document:
    """Return everything a vendor wrote."""
    document = asdict(content)
    document["model"] = content.model.text
    document["expires_at"] = _time_to_text(content.expires_at)
    return document


def content_from_document(document: Document) -> Content:
    """Return the contents again; the document is trusted, it was written by this module."""
    return Content(
        title=document["title"],
        narrative=document["narrative"],
        seed_type=SeedType(document["seed_type"]),
        session_types=tuple(SessionType(text) for text in document["session_types"]),
        phases=tuple(Phase(**phase) for phase in document["phases"]),
        model=Model(document["model"]),
        intensity_cap=document["intensity_cap"],
        disclosure=document["disclosure"],
        min_age=document["min_age"],
        offer=None if document["offer"] is None else Offer(**document["offer"]),
        carrier=None if document["carrier"] is None else Carrier(**document["carrier"]),
        expires_at=_time_from_text(document["expires_at"]),
    )


def findings_to_document(findings: tuple[Finding, ...]) -> list[Document]:
    """Return what the ethics policy found."""
    return [asdict(finding) for finding in findings]


def findings_from_document(document: list[Document]) -> tuple[Finding, ...]:
    """Return the findings again."""
    return tuple(
        Finding(**{**finding, "severity": Severity(finding["severity"])}) for finding in document
    )


def verdict_to_document(verdict: VerdictRecord | None) -> Document | None:
    """Return a verdict, or None when there is none yet."""
    if verdict is None:
        return None
    document = asdict(verdict)
    document["decided_at"] = _time_to_text(verdict.decided_at)
    return document


def verdict_from_document(document: Document | None) -> VerdictRecord | None:
    """Return the verdict again."""
    if document is None:
        return None
    return VerdictRecord(
        **{
            **document,
            "status": VerdictStatus(document["status"]),
            "decided_at": datetime.fromisoformat(document["decided_at"]),
            "missing": tuple(document["missing"]),
            "counterexample": _counterexample(document["counterexample"]),
        }
    )


def _counterexample(document: Document | None) -> Counterexample | None:
    if document is None:
        return None
    return Counterexample(
        obligation=document["obligation"],
        values=tuple((name, value) for name, value in document["values"]),
        end=tuple((name, value) for name, value in document["end"]),
        explanation=document["explanation"],
    )


def _time_to_text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time_from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
