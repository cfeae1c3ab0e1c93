"""The short form of ``run_fuzz.py``: it runs, it finds nothing, and it would find something."""

import runpy
from collections import Counter
from pathlib import Path

import pytest

FRAMES = 40_000
SEED = 20_260_101


@pytest.fixture(scope="module")
def fuzz():
    return runpy.run_path(str(Path(__file__).with_name("run_fuzz.py")))


@pytest.fixture(scope="module")
def counts(fuzz):
    return fuzz["run"](FRAMES, SEED)


def test_no_spoiled_frame_is_taken_for_a_good_one(fuzz, counts):
    assert counts["flipped"] == counts["burst"] == FRAMES // 4
    assert counts["flipped: undetected"] == counts["burst: undetected"] == 0
    assert fuzz["verdict"](counts) == []


def test_noise_raises_nothing_but_wire_errors(counts):
    assert counts["stream"] == FRAMES // 4
    assert 0 < counts["stream: refused"] < counts["stream"]


def test_answers_without_a_crc_are_counted_apart(counts):
    assert counts["without a CRC"] == 2 * (FRAMES // 400)
    assert counts["without a CRC: taken for another answer"] > 0


def test_the_same_seed_gives_the_same_frames(fuzz):
    assert fuzz["run"](2_000, 7) == fuzz["run"](2_000, 7)


@pytest.mark.parametrize(
    "wrong", [{"flipped: undetected": 1}, {"burst: undetected": 2}, {"random: taken": 500}]
)
def test_what_gets_through_is_told(fuzz, wrong):
    assert fuzz["verdict"](Counter({"random": 1_000_000, "random: taken": 15})) == []
    assert len(fuzz["verdict"](Counter({"random": 1_000_000, "random: taken": 15} | wrong))) == 1


def test_without_the_check_of_the_crc_the_fuzz_would_fail(fuzz, monkeypatch):
    monkeypatch.setattr("protocols.sas.reader.crc_ok", lambda frame: len(frame) >= 4)
    counts = fuzz["run"](2_000, SEED)
    assert counts["flipped: undetected"] > 100
    assert len(fuzz["verdict"](counts)) == 3
