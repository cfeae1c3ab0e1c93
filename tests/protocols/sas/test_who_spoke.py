"""Guesses of who said it, where nothing tells."""

import pytest

from protocols.sas.capture import BY_WAKEUP, Burst, Speaker
from protocols.sas.crc import with_crc
from protocols.sas.who_spoke import who_spoke

HOST, EGM, UNKNOWN = Speaker


def burst(text, speaker=UNKNOWN, bits=None, *, crc=False):
    data = bytes.fromhex(text)
    data = with_crc(data) if crc else data
    return Burst(0, speaker, data, bits or (None,) * len(data))


def test_who_is_told_is_believed():
    assert who_spoke(burst("81", EGM)) == (EGM, "")
    assert who_spoke(Burst(0, HOST, b"\x81", (None,), why="so it is")) == (HOST, "so it is")


@pytest.mark.parametrize(
    ("text", "bits", "who"),
    [("81", (True,), HOST), ("81", (False,), EGM), ("011A", (True, False), HOST),
     ("11", (True,), EGM)],
)  # fmt: skip
def test_the_ninth_bit_settles_it(text, bits, who):
    assert who_spoke(burst(text, UNKNOWN, bits)) == (who, BY_WAKEUP)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("81", HOST), ("80", HOST), ("11", EGM), ("00", EGM),
        ("011A", HOST), ("0100", EGM), ("01FF", EGM), ("01C3", HOST),
    ],
)  # fmt: skip
def test_short_ones_are_guessed(text, who):
    found, why = who_spoke(burst(text))
    assert found is who
    assert why.startswith("guessed: ")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("0101", HOST),              # only an order
        ("011A00010000", EGM),       # only an answer
        ("010900020101", HOST),      # enable a game
        ("01B0060111" + "00001234", EGM),
        ("01B0020111", HOST),
        ("01B003010901", EGM),       # ACK in B0
        ("01B003010004", EGM),       # an error in B0
        ("012F07000000" + "70000000", EGM),
        ("012F0300000C", HOST),
        ("01710420FF0000", EGM),     # damaged both ways
        ("01C312345678", HOST),      # nobody knows it
        ("0021" + "1234", HOST),
        ("FF7B", HOST),
    ],
)  # fmt: skip
def test_frames_are_guessed_by_what_they_can_be(text, who):
    found, why = who_spoke(burst(text, crc=True))
    assert (found, why.startswith("guessed: ")) == (who, True)


def test_what_both_may_send_is_guessed_by_the_poll_before():
    both = burst("014C010000020000", crc=True)
    assert who_spoke(both)[0] is HOST
    assert who_spoke(both, both.data)[0] is EGM
    assert who_spoke(both, b"\x01\x1a")[0] is HOST


@pytest.mark.parametrize(("first", "who"), [("FF", HOST), ("00", EGM), ("80", EGM)])
def test_what_a_host_puts_into_a_poll_is_known(first, who):
    assert who_spoke(burst("017202" + first + "00", crc=True))[0] is (
        HOST if first == "80" else who
    )
    assert who_spoke(burst("017301" + first, crc=True))[0] is who
