"""Any number of rows goes in by few statements."""

import sqlite3

import pytest

from gateway.outbox.statements import Insert, write_counters


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE pair (name INTEGER PRIMARY KEY, body TEXT)")
    connection.execute("CREATE TABLE counter (kind, name, value, PRIMARY KEY (kind, name))")
    yield connection
    connection.close()


@pytest.mark.parametrize("count", [0, 1, 3, 4, 63, 64, 65, 200])
def test_every_row_goes_in_once_and_in_order(connection, count):
    rows = [(number, f"body {number}") for number in range(count)]
    Insert("pair", 2).run(connection, rows)
    assert connection.execute("SELECT * FROM pair ORDER BY name").fetchall() == rows


def test_a_hundred_rows_take_four_statements(connection):
    statements = []
    connection.set_trace_callback(statements.append)
    Insert("pair", 2).run(connection, [(number, "x") for number in range(100)])
    assert len(statements) == 1 + 2 + 1  # 64, 16, 16, 4


def test_a_row_that_is_there_already_is_replaced_only_where_that_is_said(connection):
    connection.execute("INSERT INTO pair VALUES (1, 'old')")
    with pytest.raises(sqlite3.IntegrityError):
        Insert("pair", 2).run(connection, [(1, "new")])
    Insert("pair", 2, "ON CONFLICT DO UPDATE SET body = excluded.body").run(
        connection, [(1, "new")]
    )
    assert connection.execute("SELECT body FROM pair").fetchall() == [("new",)]


def test_counters_keep_big_numbers_exactly(connection):
    write_counters(connection, [("poll", "L1", 2**62), ("family", "door", 1)])
    write_counters(connection, [("poll", "L1", 2**62 + 1)])
    write_counters(connection, [])
    stored = connection.execute("SELECT * FROM counter ORDER BY kind").fetchall()
    assert stored == [("family", "door", 1), ("poll", "L1", 2**62 + 1)]
