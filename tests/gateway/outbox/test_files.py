"""One owner, folders that survive, and damaged files put aside, each under a name of its own."""

import os

import pytest

from gateway.outbox import files
from gateway.outbox.types import OpenError, OutboxLockedError


def test_a_second_owner_is_refused_at_once_and_told_who_the_first_is(tmp_path):
    path = tmp_path / "outbox.db"
    first = files.Ownership(path)
    with pytest.raises(OutboxLockedError, match=f"in use by process {os.getpid()}: .*run folder"):
        files.Ownership(path)
    first.release()
    files.Ownership(path).release()


def test_a_shorter_process_number_leaves_nothing_of_a_longer_one(tmp_path):
    (tmp_path / "outbox.db.lock").write_text("99999999999\n")
    owner = files.Ownership(tmp_path / "outbox.db")
    assert (tmp_path / "outbox.db.lock").read_text() == f"{os.getpid()}\n"
    owner.release()


def test_folders_are_made_for_their_owner_only(tmp_path):
    files.make_folder(tmp_path / "run" / "gateway")
    assert (tmp_path / "run" / "gateway").stat().st_mode & 0o777 == 0o700
    files.make_folder(tmp_path / "run" / "gateway")


def test_a_folder_that_cannot_be_made_says_what_to_check(tmp_path):
    (tmp_path / "run").write_text("a file in the way")
    with pytest.raises(OpenError, match="Check that the folder exists"):
        files.make_folder(tmp_path / "run" / "gateway")


def test_a_database_is_set_aside_with_its_log_and_never_over_another(tmp_path):
    path = tmp_path / "outbox.db"
    stamp_ns = 1_790_000_000 * 10**9
    asides = []
    for number in range(3):
        path.write_text(f"broken {number}")
        (tmp_path / "outbox.db-wal").write_text(f"log {number}")
        asides.append(files.set_aside(path, stamp_ns))
    assert asides[0].name == "outbox.db.broken-20260921T141320Z"
    assert [aside.read_text() for aside in asides] == ["broken 0", "broken 1", "broken 2"]
    assert (tmp_path / (asides[2].name + "-wal")).read_text() == "log 2"
    assert not path.exists()


def test_a_file_that_took_the_place_of_another_is_told_apart(tmp_path):
    path = tmp_path / "outbox.db"
    assert files.identity(path) is None
    path.write_text("one")
    one = files.identity(path)
    (tmp_path / "other").write_text("two")
    (tmp_path / "other").rename(path)
    assert files.identity(path) != one
