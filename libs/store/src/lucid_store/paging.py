"""Pages that stay right while rows come and go: each begins after the last key of the one before.

An offset would skip or repeat rows when others are inserted or deleted between two pages, and gets
slower with each page. A key costs one index lookup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row, Select


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: its columns are not null, and together no two rows share them."""

    columns: tuple[sa.ColumnElement[Any], ...]
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the key to continue after them; no key means that there are no more."""

    rows: tuple[Row[Any], ...]
    next_key: tuple[Any, ...] | None


def page_of(
    connection: Connection,
    query: Select[Any],
    order: Order,
    *,
    size: int,
    after: Sequence[Any] | None = None,
) -> Page:
    """Return at most `size` (>= 1) rows of `query` that come after the key `after`.

    `query` selects the columns of `order`, unordered and unlimited. A key holds their values.
    """
    if after is not None:
        query = query.where(is_after(order, after))
    directed = [column.desc() if order.is_descending else column for column in order.columns]
    rows = connection.execute(query.order_by(*directed).limit(size + 1)).all()
    shown = tuple(rows[:size])
    if len(rows) <= size:
        return Page(shown, None)
    last = shown[-1]._mapping
    return Page(shown, tuple(last[column] for column in order.columns))


def is_after(order: Order, key: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a row comes after `key`: lexicographic, column by column.

    Raises:
        ValueError: The key has another number of values than the order has columns.
    """
    alternatives = []
    for place, (column, value) in enumerate(zip(order.columns, key, strict=True)):
        equal = [c == v for c, v in zip(order.columns[:place], key[:place], strict=True)]
        beyond = column < value if order.is_descending else column > value
        alternatives.append(sa.and_(*equal, beyond))
    return sa.or_(*alternatives)
