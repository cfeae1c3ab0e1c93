"""What follows from one message after the other: answers, implied ACK and NACK, what is wrong."""

import pytest

from protocols.sas.capture import Burst, Speaker
from protocols.sas.crc import with_crc
from protocols.sas.explain import Conversation, explain

HOST, EGM, UNKNOWN = Speaker


def hear(*messages, captured=True):
    conversation = Conversation(captured=captured)
    out = []
    for speaker, text in messages:
        data = bytes.fromhex(text)
        out.append(conversation.hear(Burst(0, speaker, data, (None,) * len(data))))
    return out


def with_bits(text, bits, speaker=UNKNOWN):
    return Conversation().hear(Burst(0, speaker, bytes.fromhex(text), bits))


CREDITS = "011A000100001FA6"


def test_another_poll_acknowledges_a_report():
    *_, last = hear((HOST, "81"), (EGM, "11"), (HOST, "011A"))
    assert last.concludes == (
        "EGM 1 concludes that its report (slot door opened) arrived (implied ACK), and forgets it"
    )


@pytest.mark.parametrize("poll", ["80", "82", "0219", "004C0100000200000FC7"])
def test_a_poll_to_somebody_else_acknowledges_too(poll):
    *_, last = hear((HOST, "81"), (EGM, "11"), (HOST, poll))
    assert "EGM 1 concludes that its report (slot door opened) arrived" in last.concludes


def test_the_same_general_poll_asks_for_the_same_again():
    *_, again, repeated, after = hear(
        (HOST, "81"), (EGM, "11"), (HOST, "81"), (EGM, "11"), (HOST, "80")
    )
    assert "did not arrive (implied NACK)" in again.concludes
    assert "not a second event" in repeated.notes[-1]
    assert "arrived (implied ACK)" in after.concludes


def test_the_same_command_asks_for_the_answer_again():
    first = "016F080000000005000C00BEBD"
    answer = "016F17000000000400452040050004000020620C000400010000A6E1"
    other = with_crc(bytes.fromhex("016F0400000000")).hex()
    *_, last = hear((HOST, first), (EGM, answer), (HOST, other))
    assert "its answer to poll 6F did not arrive (implied NACK)" in last.concludes
    *_, twin = hear((HOST, first), (EGM, answer), (HOST, other.replace("6f", "af")))
    assert twin.concludes == "", "its CRC is wrong: nothing follows from it"


def test_in_b0_another_denomination_is_another_poll():
    reply = with_crc(bytes.fromhex("01B006011100001234")).hex()
    poll = "01B0020111B0C7"
    other = with_crc(bytes.fromhex("01B0020211")).hex()
    assert "(implied NACK)" in hear((HOST, poll), (EGM, reply), (HOST, poll))[-1].concludes
    assert "(implied ACK)" in hear((HOST, poll), (EGM, reply), (HOST, other))[-1].concludes


@pytest.mark.parametrize("answer", ["00", "1F", "0100", "81"])
def test_what_an_egm_does_not_keep_needs_no_acknowledgement(answer):
    poll = "81" if len(answer) == 2 and answer != "81" else "011A"
    *_, last = hear((HOST, poll), (EGM, answer), (HOST, "80"))
    assert last.concludes == ""


def test_a_poll_by_itself_says_what_it_means_to_egms():
    assert explain(b"\x80").concludes == "whatever an EGM said last has arrived (implied ACK)"
    assert "if EGM 1 answered a general poll last" in explain(b"\x81").concludes
    assert "if EGM 1 answered poll 1A last" in explain(b"\x01\x1a").concludes
    assert "the EGM keeps it until" in explain(bytes.fromhex(CREDITS)).concludes


def test_the_same_byte_is_a_report_or_a_nack_by_what_was_asked():
    report = hear((HOST, "81"), (EGM, "81"))[1]
    refusal = hear((HOST, "010E01" + "0000"), (EGM, "81"))[1]
    assert (report.kind, report.name, report.address) == ("exception", "hopper_low", 1)
    assert (refusal.kind, refusal.meaning) == ("nack", "EGM 1 refuses the message (NACK)")
    assert hear((HOST, "01015108"), (EGM, "01"))[1].kind == "ack"
    assert hear((HOST, "91"), (EGM, "11"))[1].name == "slot_door_opened"


def test_an_answer_to_another_poll_is_told_with_a_warning():
    wrong = hear((HOST, "0111"), (EGM, CREDITS))[1]
    assert wrong.errors == ("an answer to poll 1A, not to 11",)
    assert (wrong.kind, wrong.fields[0].value) == ("answer", 10000)
    picked = hear((HOST, "0111"), (EGM, CREDITS), captured=False)[1]
    assert picked.errors == ()
    assert picked.notes[0] == "it does not answer the poll before it"


def test_a_real_time_event_may_answer_any_poll():
    event = hear((HOST, "011A"), (EGM, "01FF1114A4"))[1]
    assert (event.kind, event.errors) == ("real-time event", ())


def test_what_nobody_asked_for_is_told_in_a_capture():
    assert hear((EGM, "11"))[0].errors == ("nobody asked for it",)
    assert hear((EGM, "11"), captured=False)[0].errors == ()


def test_silence_is_told_at_the_next_poll():
    *_, last = hear((HOST, "011D"), (HOST, "80"))
    assert "EGM 1 did not answer poll 1D before: not supported" in last.notes[-1]
    *_, last = hear((HOST, "85"), (HOST, "80"))
    assert "EGM 5 did not answer the general poll" in last.notes[-1]
    assert hear((HOST, "85"), (HOST, "80"), captured=False)[1].notes == ()


def test_ninth_bits_that_are_wrong_are_told():
    assert with_bits("81", (True,)).errors == ()
    assert "no EGM listens" in with_bits("81", (False,), HOST).errors[0]
    assert "a new message begins" in with_bits("011A", (True, True), HOST).errors[0]
    assert "only on a chirp" in with_bits("011A", (True, False), EGM).errors[-1]


def test_a_ninth_bit_tells_who_spoke_without_a_guess():
    poll = with_bits("011A", (True, False))
    answer = with_bits(CREDITS, (False,) * 8)
    chirp = with_bits("11", (True,))
    assert (poll.speaker, poll.guessed, poll.why) == (HOST, False, "by its ninth bit")
    assert (answer.speaker, answer.guessed) == (EGM, False)
    assert (chirp.kind, chirp.address, chirp.speaker) == ("chirp", 17, EGM)


def test_a_wrong_crc_is_told_with_the_right_one():
    found = explain(bytes.fromhex("0111000012340000"))
    assert found.crc_ok is False
    assert found.crc.found == b"\x00\x00"
    assert with_crc(bytes.fromhex("011100001234"))[-2:] == found.crc.expected
    assert found.errors == ("the CRC does not fit",)
    assert "do not trust" in found.notes[-1]
    assert found.fields[0].value == 1234


def test_a_lone_byte_is_told_with_what_else_it_may_be():
    found = explain(b"\x11")
    assert (found.speaker, found.guessed, found.name) == (EGM, True, "slot_door_opened")
    assert found.notes == ("after a long poll it would be the ACK of EGM 17",)
    assert explain(b"\x81", EGM).notes == ("after a long poll it would be the NACK of EGM 1",)
    assert explain(b"\xd4", EGM).meaning == "an EGM reports: exception D4"


@pytest.mark.parametrize(
    ("text", "speaker", "crc_ok", "error"),
    [
        ("01", HOST, None, "an address alone is no poll"),
        ("0101", HOST, False, "needs data or a CRC"),
        ("0111", HOST, None, None),
        ("01C3", HOST, None, None),
        ("0165", HOST, None, None),
        ("0100", EGM, None, None),
        ("0111", EGM, False, "cut short"),
        ("01FF", EGM, False, "cut short"),
        ("8181", EGM, False, "cut short"),
        ("808182", HOST, False, "80 is no address"),
        ("000000", EGM, True, "00 is no address"),
    ],
)
def test_what_is_short_is_judged_by_what_it_lacks(text, speaker, crc_ok, error):
    found = explain(bytes.fromhex(text), speaker)
    assert found.crc_ok is crc_ok
    if error is None:
        assert found.errors == ()
    else:
        assert error in found.errors[0]


def test_a_masked_answer_is_read_and_its_crc_left_open():
    data = bytes.fromhex("013d00000000" + "0000012345" + "0000")
    found = Conversation().hear(Burst(0, EGM, data, (None,) * 13, (2, 3, 4, 5, 11, 12)))
    assert (found.kind, found.crc_ok, found.errors) == ("answer", None, ())
    assert [field.value for field in found.fields] == ["**", 12345]
    assert found.hidden == (2, 3, 4, 5, 11, 12)


def test_an_answer_that_is_masked_for_damage_is_not_read():
    data = bytes.fromhex("013d") + bytes(11)
    found = Conversation().hear(Burst(0, EGM, data, (None,) * 13, tuple(range(2, 13))))
    assert (found.kind, found.fields) == ("not understood", ())
    assert found.errors


def test_a_damaged_secret_is_not_shown():
    number = "12345678"
    found = explain(bytes.fromhex("013d" + number + "0000012345" + "0000"))
    assert found.crc_ok is False
    assert found.crc is None
    assert found.fields == ()
    assert set(range(2, 13)) <= set(found.hidden)


def test_the_crc_of_a_secret_is_not_shown_either():
    found = explain(with_crc(bytes.fromhex("013d12345678" + "0000012345")))
    assert (found.crc_ok, found.crc) == (True, None)
    assert found.hidden == (2, 3, 4, 5, 11, 12)


def test_an_uncertain_layout_is_told_as_such():
    found = explain(with_crc(bytes.fromhex("01B600")), HOST)
    (note,) = found.notes
    assert note == "how poll B6 is laid out rests on one weak source, or sources that conflict"


def test_a_layout_that_is_not_usual_is_told_as_such():
    found = explain(bytes.fromhex("015316000130310000000532000000202020202020000095006589"))
    assert found.notes == ("this layout is not the usual one, but real machines send it",)


def test_a_signature_and_a_b0_error_are_told():
    signature = hear((HOST, "81"), (EGM, with_crc(bytes.fromhex("01211234")).hex()))[1]
    assert (signature.kind, signature.fields[0].value) == ("signature", "3412")
    error = hear((HOST, "01B0020111B0C7"), (EGM, with_crc(bytes.fromhex("01B003010004")).hex()))[1]
    assert error.meaning.endswith("denomination not supported")
    assert [field.value for field in error.fields] == ["01", "00", "04"]
