from collections.abc import Callable

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from lucid_store.engine import reading, writing
from lucid_store.paging import Order, is_after, page_of
from sqlalchemy import Connection, Engine

SEEDS = sa.Table(
    "seeds",
    sa.MetaData(),
    sa.Column("made", sa.Integer, nullable=False),
    sa.Column("name", sa.String(10), primary_key=True),
)
ORDER = Order((SEEDS.c.made, SEEDS.c.name))
NEWEST = Order((SEEDS.c.made, SEEDS.c.name), is_descending=True)


def names(connection: Connection, order: Order, size: int, between: Callable[[], None]) -> list:
    found, key = [], None
    while True:
        page = page_of(connection, sa.select(SEEDS), order, size=size, after=key)
        found += [row.name for row in page.rows]
        key = page.next_key
        if key is None:
            return found
        between()


@pytest.fixture
def seeds(empty_engine: Engine) -> Engine:
    with writing(empty_engine) as connection:
        SEEDS.create(connection)
        rows = [{"made": number // 3, "name": f"s{number:02}"} for number in range(10)]
        connection.execute(sa.insert(SEEDS), rows)
    return empty_engine


@pytest.mark.parametrize("size", [1, 2, 3, 9, 10, 11])
def test_pages_together_are_the_whole_list_in_order(seeds: Engine, size: int):
    with reading(seeds) as connection:
        found = names(connection, ORDER, size, lambda: None)
        assert found == sorted(found)
        assert len(found) == 10
        assert names(connection, NEWEST, size, lambda: None) == found[::-1]


def test_rows_that_go_between_two_pages_move_no_other(seeds: Engine):
    with writing(seeds) as connection:

        def remove_first() -> None:
            connection.execute(sa.delete(SEEDS).where(SEEDS.c.name == "s00"))

        assert names(connection, ORDER, 2, remove_first) == [f"s{n:02}" for n in range(10)]


def test_a_key_of_another_order_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        is_after(ORDER, (1,))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), unique=True),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_after_means_greater_as_a_tuple(rows: list[tuple[int, int]], key: tuple[int, int]):
    engine = sa.create_engine("sqlite://")
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))
    with engine.begin() as connection:
        table.create(connection)
        if rows:
            connection.execute(sa.insert(table), [{"a": a, "b": b} for a, b in rows])
        query = sa.select(table).where(is_after(Order((table.c.a, table.c.b)), key))
        assert {tuple(row) for row in connection.execute(query)} == {r for r in rows if r > key}
    engine.dispose()
