"""What machines said, taken from a capture."""

from floor_sim.recording import Answer, is_kept, recordings
from protocols.sas.capture_reader import read_capture
from protocols.sas.polls import long_poll


def recorded(*lines, line="L1"):
    captures, problems = read_capture(["sas-capture 1", f"line: {line}", *lines])
    assert problems == []
    (recording,) = recordings(captures)
    return recording


def said(recording):
    return {
        answers.poll.hex(): [answer.data.hex() for answer in answers.recorded]
        for answers in recording.polls.values()
    }


CREDITS = "01 1A 00 01 00 00 1F A6"


def test_each_poll_has_its_answers_in_order():
    found = recorded(
        "0.0 host 81", "0.004 egm 00", "0.1 host 82", "0.104 egm 11", "0.2 host 80",
        "0.3 host 81", "0.305 egm 12", "0.4 host 01 1A", f"0.41 egm {CREDITS}",
        "0.5 host 00 7F 01 01 20 26 12 00 00 12 34",
    )  # fmt: skip
    assert said(found) == {
        "81": ["00", "12"], "82": ["11"], "011a": ["011a000100001fa6"]}  # fmt: skip
    assert found.find(b"\x81").recorded[1] == Answer(b"\x12", 0.005)
    assert (found.answers, found.addresses) == (4, [1, 2])
    assert found.find(b"\x83") is None


def test_silence_is_an_answer():
    found = recorded("0 host 85", "0.2 host 81", "0.3 egm 00", "0.4 host 80", "0.5 host 85")
    assert said(found) == {"85": [""], "81": ["00"]}
    assert found.addresses == [1]


def test_the_same_again_after_a_nack_is_one_answer():
    found = recorded(
        "0 host 81", "0.1 egm 11", "0.2 host 81", "0.3 egm 11", "0.35 host 81", "0.4 host 80",
        "0.5 host 81", "0.6 egm 11",
    )  # fmt: skip
    assert said(found) == {"81": ["11", "11"]}


def test_an_answer_that_comes_after_silence_is_another():
    found = recorded("0 host 81", "0.2 host 81", "0.3 egm 11", "0.4 host 80")
    assert said(found) == {"81": ["", "11"]}


def test_no_activity_again_is_another():
    found = recorded("0 host 81", "0.1 egm 00", "0.2 host 81", "0.3 egm 00")
    assert said(found) == {"81": ["00", "00"]}


def test_a_chirp_is_no_answer():
    found = recorded("ninth-bits: known", "0 host 81*", "0.1 egm 01*", "0.2 egm 11", "0.3 host 80*")
    assert said(found) == {"81": ["11"]}


def test_a_masked_answer_is_played_with_zeros_and_a_crc_that_fits():
    found = recorded(
        "0 host 01 3D", "0.1 egm 01 3D ** ** ** ** 00 00 01 23 45 ** **", "0.2 host 80"
    )
    (answer,) = found.find(b"\x01\x3d").recorded
    assert answer.data[:-2].hex() == "013d000000000000012345"
    assert answer.data[-2:] != bytes(2)
    assert found.unusable == 0


def test_an_answer_that_is_masked_for_damage_is_silence():
    found = recorded("0 host 01 3D", "0.1 egm 01 3D ** ** ** ** **", "0.2 host 01 11", "0.3 egm **",
                     "0.4 host 80")  # fmt: skip
    assert said(found) == {"013d": [""], "0111": [""]}
    assert found.unusable == 2


def test_any_poll_fits_one_whose_secret_is_masked():
    found = recorded("0 host 01 58 01 ** ** ** ** ** ** ** ** ** **", "0.1 egm 01 58 00 83 B4")
    poll = long_poll(1, 0x58, system_id=1, validation_number=1234567890123456)
    assert found.find(poll).recorded[0].data.hex() == "01580083b4"
    assert found.find(long_poll(1, 0x58, system_id=2, validation_number=1)) is None
    assert found.find(poll[:-1]) is None


def test_one_wire_that_carries_both_is_told_apart():
    found = recorded(
        "0 unknown 81", "0.005 unknown 11", "0.1 unknown 01 1A", f"0.105 unknown {CREDITS}"
    )
    assert said(found) == {"81": ["11"], "011a": ["011a000100001fa6"]}


def test_captures_of_one_line_follow_each_other():
    text = ["sas-capture 1", "line: L1", "0 host 81", "0.1 egm 11"]
    other = ["sas-capture 1", "line: L2", "0 host 81", "0.1 egm 13"]
    captures, _ = read_capture([*text, *other, *text])
    assert [(r.line, said(r)) for r in recordings(captures)] == [
        ("L1", {"81": ["11", "11"]}), ("L2", {"81": ["13"]})]  # fmt: skip


def test_what_a_machine_keeps_until_it_is_acknowledged():
    kept = ["11", "01", "01ff1114a4", "011a000100001fa6"]
    dropped = ["", "00", "1f", "0100", "01ff001ca5"]
    assert [is_kept(bytes.fromhex(text)) for text in (*kept, *dropped)] == [True] * 4 + [False] * 5
