"""The account of a problem and its evidence as Markdown that also reads as plain text."""

from __future__ import annotations

from .account import Account


def to_markdown(account: Account) -> str:
    """Return the account; mathematics stands between backticks."""
    lines = [f"# {account.title}", ""]
    if account.verdict:
        lines += [f"**{account.verdict}**", ""]
    for section in account.sections:
        lines += [f"## {section.title}", ""]
        lines += [f"- {line}" for line in section.lines]
        lines.append("")
    return "\n".join(lines)
