"""What a disk says, told to an operator."""

import sqlite3
from pathlib import Path

import pytest

from gateway.outbox.trouble import ADVICE, is_broken, words


def sqlite_error(code, text):
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize("code", ADVICE)
def test_every_code_names_the_file_and_says_what_to_do(code):
    told = words(Path("/run/outbox.db"), sqlite_error(code | 3 << 8, "as SQLite says"))
    assert told == f"outbox /run/outbox.db: {ADVICE[code]} [as SQLite says]"


def test_an_unknown_code_is_told_in_sqlites_words():
    assert words(Path("o.db"), sqlite_error(99, "strange")) == "outbox o.db: strange"


def test_a_damaged_file_is_told_from_a_busy_one():
    assert is_broken(sqlite_error(sqlite3.SQLITE_CORRUPT, "malformed"))
    assert is_broken(sqlite_error(sqlite3.SQLITE_NOTADB, "file is not a database"))
    assert not is_broken(sqlite_error(sqlite3.SQLITE_BUSY, "database is locked"))
