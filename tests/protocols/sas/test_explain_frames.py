"""What is said of frames that nobody here wrote, of every row of every table, and of any bytes.

The frames from outside are in ``vectors/frames.json``; the facts that must be told of each stand
here, written by hand from what their finders say.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.capture import Burst, Speaker
from protocols.sas.explain import Conversation, explain
from protocols.sas.polls import general_poll
from protocols.sas.secrets import SECRET_SPANS

HERE = Path(__file__).parent / "vectors"
FRAMES, REQUESTS, REPLIES, EVENTS, METERS = (
    json.loads((HERE / f"{name}.json").read_text())
    for name in ("frames", "requests", "replies", "exceptions", "meters")
)

GAME = "coin in, coin out, jackpot and games played of a game"
SEED = "set the id that validation numbers are made from"
ASKS_7B = "validation features; a mask of zero asks only; mask 0000 (none)"

FACTS = {  # hex: who, address, facts that the summary must tell
    "01B0020111B0C7": ("host", 1, "for one denomination: coin in", "0.01 a credit"),
    "01B00201122BF5": ("host", 1, "for one denomination: coin out", "0.01 a credit"),
    "01520000E02A": ("host", 1, GAME, "game 0 (the whole machine"),
    "01520002F209": ("host", 1, GAME, "game 2"),
    "015200054D7D": ("host", 1, GAME, "game 5"),
    "01520006D64F": ("host", 1, GAME, "game 6"),
    "015200075F5E": ("host", 1, GAME, "game 7"),
    "01520008A8A6": ("host", 1, GAME, "game 8"),
    "0152000921B7": ("host", 1, GAME, "game 9"),
    "01520010613A": ("host", 1, GAME, "game 10"),
    "01520014457C": ("host", 1, GAME, "game 14"),
    "FF7B0800000000000000008B9D": ("host", None, "address FF, which no EGM can have", "mask 0000"),
    "017B0800000000000000008718": ("host", 1, "asks EGM 1", ASKS_7B, "cashable_expiry 0 days"),
    "027B08000000000000000034E6": ("host", 2, "asks EGM 2", ASKS_7B),
    "7F7B080000000000000000900F": ("host", 127, "asks EGM 127", ASKS_7B),
    "004C0100000200000FC7": ("host", 0, "orders all EGMs", SEED, "validation_id **"),
    "014C020000FEFFFFE293": ("host", 1, "orders EGM 1", SEED, "sequence **"),
    "034CFFFFFFFEFFFF795D": ("host", 3, "orders EGM 3", SEED),
    "044CFEFFFFFFFFFF809F": ("host", 4, "orders EGM 4", SEED),
    "7F4C0000000100008B15": ("host", 127, "orders EGM 127", SEED),
    "0157000000004750836D": ("egm", 1, "cash-out that waits", "cashable", "4750 cents (47.50)"),
    "012E9000C616": ("host", 1, "hold the next game back", "delay 144 100 ms (14.4 s)"),
    "012E00009B0F": ("host", 1, "hold the next game back", "delay 0 100 ms (0 s)"),
    "0172020087782D": (
        "egm", 1, "AFT transfer", "buffer_position 0", "transfer_status 87 (cannot transfer now"),
    "01720200C0C31B": ("egm", 1, "AFT transfer", "transfer_status C0 (not compatible"),
    "017202FF000F22": ("host", 1, "asks EGM 1: AFT transfer", "FF (interrogate)", "index 0"),
    "017201800BB4": ("host", 1, "orders EGM 1: AFT transfer", "transfer_code 80 (cancel)"),
    "0172482A00FF80000000110000000000000000000000077A000000043336393207122020021501000000000000"
    "09000000000012682423090000000000001917400900000000000000000060CD": (
        "egm", 1, "buffer_position 42 (2A hex)", "transfer_status 00 (full transfer done)",
        "transfer_type 80 (in-house, EGM to host)", "cashable_cents 1100 cents (11.00)",
        "asset 122", "transaction_id 3692", "(2020-07-12)", "(02:15:01)",
        "cashable_total 12682423 cents", "restricted_total 191740 cents",
        "nonrestricted_total 0 cents (18 digits"),
    "017301FFA765": ("host", 1, "asks EGM 1: AFT registration", "FF (read)"),
    "01742301000000FF03019E460000010200000000000000000000000002989800000000000000ABCF": (
        "egm", 1, "AFT lock and status", "asset 1", "FF (not locked)", "(to EGM, from EGM)",
        "cashable_cents 10200 cents (102.00)", "transfer_limit_cents 2989800 cents (29,898.00)"),
    "0174232C010000FF8003B2650000000442000000829000000000009999991268011720200030B21D": (
        "egm", 1, "asset 300", "available_transfers 80 (lock after transfer)",
        "restricted_cents 8290 cents (82.90)", "99,999,912.68", "(2020-01-17)"),
    "01742301000000FF0001B1640000010000000000000000000000000000100000000000000000D566": (
        "egm", 1, "asset 1", "available_transfers 00 (none)", "cashable_cents 10000 cents (100.00)",
        "transfer_limit_cents 100000 cents (1,000.00)"),
    "012F380000A00111268840B80110878556020000225003078998591E00633200002985346501939867770B13250000"
    "A20006629350BA000574954046C5": (
        "egm", 1, "up to ten meters", "in_house_cashable_to_egm_cents 111268840 cents",
        "jackpot 2250 credits", "hand_paid_cancelled_credits 7899859 credits",
        "coin_in 29853465 credits", "coin_out 93986777 credits",
        "bills_accepted_credits 13250000 credits", "in_house_restricted_to_host_cents 5749540"),
    "012F380000A00093798040B80102856689020086000003511418191E00000000003145353001588194490B73973000"
    "A20006611150BA0006573250FB23": ("egm", 1, "jackpot 860000 credits", "coin_in 31453530"),
    "01015108": ("host", 1, "orders EGM 1: lock the game out of play"),
    "0104FC5F": ("host", 1, "orders EGM 1: all sounds on"),
    "010A82B6": ("host", 1, "orders EGM 1: enter maintenance mode"),
    "010B0BA7": ("host", 1, "orders EGM 1: leave maintenance mode"),
    "016600596B": ("egm", 1, "old electronic funds transfer", "transaction 0"),
    "01690600000001002165": ("host", 1, "transfer of credits to the EGM", "transaction 6",
                             "amount 100"),
    "01690400123456785F13": ("host", 1, "transfer of credits to the EGM", "transaction 4",
                             "amount 12345678"),
    "00019400E124": ("egm", 1, "reset a handpay from afar", "handpay was reset"),
    "011A00000000C3FC": ("egm", 1, "credits on the machine now", "current_credits 0 credits"),
    "011A000100001FA6": ("egm", 1, "current_credits 10000 credits"),
    "0110000000006BB0": ("egm", 1, "cancelled_credits 0 credits"),
    "011200000000E3A6": ("egm", 1, "coin_out 0 credits"),
    "011300000000A7AD": ("egm", 1, "total_drop 0 credits"),
    "0114000000007B9D": ("egm", 1, "jackpot 0 credits"),
    "011600000000F38B": ("egm", 1, "games_won 0 count"),
    "01460000000091FE": ("egm", 1, "bills_accepted_credits 0 credits"),
    "012000000000BA64": ("egm", 1, "bills_total_value 0 currency units"),
    "013100000000BEDB": ("egm", 1, "$1 bills", "bills_1 0 count"),
    "01190045204000861480004130780063449400002062D5CE": (
        "egm", 1, "coin_in 452040 credits", "coin_out 861480 credits", "total_drop 413078 credits",
        "jackpot 634494 credits", "games_played 2062 count"),
    "011C004520400086148000413078006344940000206200000000" + "00000000000000006633": (
        "egm", 1, "games_played 2062 count", "slot_door_openings 0", "power_resets 0"),
    "011E" + "00" * 24 + "22B0": ("egm", 1, "bills_1 0", "bills_20 0", "bills_100 0"),
    "016F080000000005000C00BEBD": (
        "host", 1, "asks EGM 1: meters by two-byte code", "coin_in, games_played, current_credits"),
    "016F17000000000400452040050004000020620C000400010000A6E1": (
        "egm", 1, "coin_in 452040 credits (meter 00", "games_played 2062 count (meter 05",
        "current_credits 10000 credits (meter 0C"),
    "012D0000FFE0": ("host", 1, "asks EGM 1: hand-paid cancelled credits of a game", "game 0"),
    "015500016CB7": ("egm", 1, "the player has selected", "game 1"),
    "01540936303230303030303170CD": ("egm", 1, "version 602", "serial 000001"),
    "01560502000100027CD0": ("egm", 1, "games that are enabled", "games 1 2"),
    "015316000130310000000532000000202020202020000095006589": (
        "egm", 1, "game 1", "game_id 01", "denomination_code 05 (0.50 a credit)", "max_bet 50"),
    "01530001B561": ("host", 1, "asks EGM 1", "game 1"),
    "01A000006C13": ("host", 1, "asks EGM 1: what a game or the machine supports", "game 0"),
    "017E00000043FF": ("egm", 1, "date and time of the machine"),
    "0173FF088F": ("egm", 1, "AFT registration"),
    "011A03A6": ("host", 1, "credits on the machine now"),
    "04C301E6": ("host", 4, "which no table knows", "C3"),
    "05D401F7": ("host", 5, "which no table knows", "D4"),
}  # fmt: skip

EVENT_FACTS = {
    "00": "no activity", "1F": "waiting for player input", "3B": "low backup battery",
    "88": "reel stopped", "1A": "cashbox door closed", "72": "change lamp off",
    "6F": "game locked", "82": "attendant menu entered", "29": "bill acceptor hardware failure",
    "14": "drop door closed", "71": "change lamp on", "70": "exception buffer overflow",
    "7B": "bill validator totals reset", "12": "slot door closed", "69": "AFT transfer complete",
    "1D": "belly door opened", "86": "out of service", "11": "slot door opened",
}  # fmt: skip

WRONG = {  # hex of what is no valid frame: what is told to be wrong with it
    "FF7B0800000000000000008B9D": "FF is no address",
    "017E00000043FF": "cut short: 7 of 11 bytes",
    "0173FF088F": "255 data bytes, not 1 to 29",
    "011A03A6": "poll 1A is two bytes, without a CRC",
    "04C301E6": "the CRC does not fit",
    "05D401F7": "the CRC does not fit",
}


def of(text, speaker=Speaker.UNKNOWN):
    return explain(bytes.fromhex(text), speaker)


def by_hex(row):
    return row["hex"][:24]


def test_every_frame_from_outside_has_its_facts_here():
    events = {f"01FF{code}" for code in EVENT_FACTS}
    assert {r["hex"] for r in FRAMES if r["hex"][:6] not in events} == FACTS.keys()
    assert {r["hex"][:6] for r in FRAMES if r["hex"][:6] in events} == events


@pytest.mark.parametrize("row", FRAMES, ids=by_hex)
def test_the_crc_of_a_frame_is_judged_as_its_finder_does(row):
    sides = list(Speaker)
    assert [of(row["hex"], side).crc_ok for side in sides] == [row["crc_ok"]] * len(sides)


@pytest.mark.parametrize(("text", "facts"), FACTS.items(), ids=lambda item: str(item)[:24])
def test_the_facts_of_a_frame_are_told(text, facts):
    who, address, *said = facts
    found = of(text)
    assert (found.speaker, found.address) == (who, address)
    assert [fact for fact in said if fact not in found.summary] == []


@pytest.mark.parametrize("row", [r for r in FRAMES if r["hex"][2:4] == "FF"], ids=by_hex)
def test_what_an_egm_reports_at_once_is_told(row):
    found = of(row["hex"])
    code = row["hex"][4:6]
    assert found.summary == f"EGM 1 reports: {found.fields[0].meaning}"
    assert EVENT_FACTS[code] in found.summary
    assert (found.fields[0].value, found.speaker, found.address) == (code, Speaker.EGM, 1)


@pytest.mark.parametrize(
    "row", [r for r in FRAMES if r["direction"] != "unknown" and r["crc_ok"]], ids=by_hex
)
def test_who_sent_a_frame_is_guessed_right_and_said_to_be_a_guess(row):
    found = of(row["hex"])
    assert (found.speaker, found.guessed) == (row["direction"], True)
    assert found.why.startswith("guessed: ")


@pytest.mark.parametrize("row", FRAMES, ids=by_hex)
def test_only_what_is_wrong_is_told_to_be_wrong(row):
    found = of(row["hex"])
    if row["hex"] in WRONG:
        assert any(WRONG[row["hex"]] in error for error in found.errors)
    else:
        assert found.errors == ()


def test_a_zero_before_an_answer_is_told_as_noise():
    assert "noise" in of("00019400E124").notes[0]


def test_an_event_without_its_data_is_told_as_such():
    assert "without its data" in of("01FF885CAD").notes[0]


def values_of(row):
    """The values that the vector has, flat, secrets out."""
    for name, value in row["values"].items():
        if isinstance(value, int):
            yield name, value


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row["name"])
def test_every_poll_of_the_tables_is_explained(row):
    wire = bytes.fromhex(row["wire"])
    found = explain(wire, Speaker.HOST)
    assert found.errors == ()
    assert found.crc_ok is (True if len(wire) > 2 else None)
    assert found.name
    check_values(found, row)


@pytest.mark.parametrize("row", REPLIES, ids=lambda row: row["name"])
def test_every_answer_of_the_tables_is_explained(row):
    conversation = Conversation(captured=True)
    for speaker, text in ((Speaker.HOST, row["poll"]), (Speaker.EGM, row["wire"])):
        data = bytes.fromhex(text)
        found = conversation.hear(Burst(0, speaker, data, (None,) * len(data)))
    assert found.errors == ()
    assert found.crc_ok is True
    assert found.kind == "answer"
    check_values(found, row)


def check_values(found, row):
    shown = {field.name: field for field in found.fields}
    secret = int(row["wire"].split()[1], 16) in SECRET_SPANS
    for name, value in values_of(row):
        field = shown[name]
        if secret and field.value == "**":
            assert str(value) not in found.summary or value < 100
        elif isinstance(field.value, int):
            assert field.value == value
        else:
            assert int(field.value, 16) == value


@pytest.mark.parametrize("row", EVENTS, ids=lambda row: row["name"])
def test_every_exception_of_the_tables_is_explained(row):
    code = int(row["code"], 16)
    for wire in (bytes([code]), bytes.fromhex(row["event"])):
        conversation = Conversation(captured=True)
        conversation.hear(Burst(0, Speaker.HOST, general_poll(5), (None,)))
        found = conversation.hear(Burst(1, Speaker.EGM, wire, (None,) * len(wire)))
        assert found.errors == ()
        assert (found.name, found.address) == (row["name"], 5)
        assert found.fields[0].value == f"{code:02X}"
        if len(wire) > 1:
            assert {field.name for field in found.fields[1:]} == row["data"].keys()


@pytest.mark.parametrize("row", METERS, ids=lambda row: row["name"])
def test_every_meter_of_the_tables_is_explained(row):
    for key in ("in_2f", "in_6f"):
        found = of(row[key], Speaker.EGM)
        meter = found.fields[-1]
        assert (meter.name, meter.value, meter.unit) == (row["name"], row["value"], row["unit"])


@given(st.binary(min_size=1, max_size=300), st.sampled_from(Speaker), st.data())
def test_any_bytes_at_all_are_explained(data, speaker, draw):
    bits = draw.draw(st.tuples(*[st.sampled_from([True, False, None])] * len(data)))
    hidden = draw.draw(st.sets(st.integers(0, len(data) - 1), max_size=5))
    shown = bytes(0 if at in hidden else value for at, value in enumerate(data))
    found = Conversation(captured=draw.draw(st.booleans())).hear(
        Burst(0, speaker, shown, bits, tuple(sorted(hidden)))
    )
    assert found.meaning
    assert found.crc_ok in {None, True, False}
    assert found.errors or found.kind != "not understood"


@given(st.lists(st.tuples(st.sampled_from(Speaker), st.binary(min_size=1, max_size=40))))
def test_any_conversation_at_all_is_explained(messages):
    conversation = Conversation(captured=True)
    for at, (speaker, data) in enumerate(messages):
        assert conversation.hear(Burst(at, speaker, data, (None,) * len(data))).meaning
