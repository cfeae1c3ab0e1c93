"""One demo in a folder, and nobody else's files."""

import fcntl

import pytest

from gateway.demo.folder import MARK, FolderError, demo_folder

SOCKET = "gateway/status.sock"


def test_a_folder_is_made_and_marked(tmp_path):
    with demo_folder(tmp_path / "run" / "demo", SOCKET) as folder:
        assert [entry.name for entry in folder.iterdir()] == [MARK]
        assert folder.stat().st_mode & 0o777 == 0o700


def test_what_an_earlier_demo_left_is_cleaned_away(tmp_path):
    with demo_folder(tmp_path / "demo", SOCKET) as folder:
        (folder / "nats" / "store").mkdir(parents=True)
        (folder / "ledger.jsonl").write_text("old")
        (folder / "outside").symlink_to(tmp_path)
    with demo_folder(tmp_path / "demo", SOCKET) as folder:
        assert [entry.name for entry in folder.iterdir()] == [MARK]
    assert tmp_path.is_dir()


def test_a_second_demo_in_the_same_folder_is_refused_and_deletes_nothing(tmp_path):
    with demo_folder(tmp_path / "demo", SOCKET) as folder:
        (folder / "ledger.jsonl").write_text("mine")
        with (
            pytest.raises(FolderError, match="another demo is running"),
            demo_folder(tmp_path / "demo", SOCKET),
        ):
            pass
        assert (folder / "ledger.jsonl").read_text() == "mine"


def test_the_lock_is_free_after_the_demo(tmp_path):
    with demo_folder(tmp_path / "demo", SOCKET) as folder:
        mark = (folder / MARK).open("r+")
        with mark, pytest.raises(BlockingIOError):
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (folder / MARK).open("r+") as mark:
        assert fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB) is None


def test_somebody_elses_files_are_not_touched(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderError, match="no demo made"), demo_folder(tmp_path, SOCKET):
        pass
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert not (tmp_path / MARK).exists()


def test_a_path_too_long_for_a_socket_is_told_before_anything_starts(tmp_path):
    with (
        pytest.raises(FolderError, match="shorter --run-folder"),
        demo_folder(tmp_path / ("x" * 100), SOCKET),
    ):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(FolderError, match="choose another --run-folder"),
        demo_folder(tmp_path / "file" / "demo", SOCKET),
    ):
        pass
