"""Frames that nobody here wrote: logged on real machines, or found in other implementations.

Each is decoded to what it is known to mean; what is no valid frame is refused. The frames and where
they come from are in ``vectors/frames.json``; what each must decode to stands here.
"""

import json
from pathlib import Path

import pytest

from protocols.sas.crc import crc_ok
from protocols.sas.errors import AddressError, CrcError, LengthError, WireError
from protocols.sas.machine import RequestReader, build_reply
from protocols.sas.polls import general_poll, long_poll, parse_request
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import ExceptionReply, IdleReply, LongPollReply
from protocols.sas.secrets import Secret
from protocols.sas.settings import Dialect
from protocols.sas.tables.exceptions import exception_text

FRAMES = json.loads((Path(__file__).parent / "vectors/frames.json").read_text())

REQUESTS = {  # hex: command, values
    "01B0020111B0C7": (0xB0, {}),
    "01B00201122BF5": (0xB0, {}),
    "01520000E02A": (0x52, {"game": 0}),
    "01520002F209": (0x52, {"game": 2}),
    "015200054D7D": (0x52, {"game": 5}),
    "01520006D64F": (0x52, {"game": 6}),
    "015200075F5E": (0x52, {"game": 7}),
    "01520008A8A6": (0x52, {"game": 8}),
    "0152000921B7": (0x52, {"game": 9}),
    "01520010613A": (0x52, {"game": 10}),
    "01520014457C": (0x52, {"game": 14}),
    "017B0800000000000000008718": (
        0x7B, {"mask": 0, "states": 0, "cashable_expiry": 0, "restricted_expiry": 0}),
    "027B08000000000000000034E6": (
        0x7B, {"mask": 0, "states": 0, "cashable_expiry": 0, "restricted_expiry": 0}),
    "7F7B080000000000000000900F": (
        0x7B, {"mask": 0, "states": 0, "cashable_expiry": 0, "restricted_expiry": 0}),
    "004C0100000200000FC7": (0x4C, {"validation_id": 1, "sequence": 2}),
    "014C020000FEFFFFE293": (0x4C, {"validation_id": 2, "sequence": 16777214}),
    "034CFFFFFFFEFFFF795D": (0x4C, {"validation_id": 16777215, "sequence": 16777214}),
    "044CFEFFFFFFFFFF809F": (0x4C, {"validation_id": 16777214, "sequence": 16777215}),
    "7F4C0000000100008B15": (0x4C, {"validation_id": 0, "sequence": 1}),
    "012E9000C616": (0x2E, {"delay": 0x90}),
    "012E00009B0F": (0x2E, {"delay": 0}),
    "017301FFA765": (0x73, {"registration_code": 0xFF}),
    "01015108": (0x01, {}),
    "017202FF000F22": (0x72, {"transfer_code": 0xFF, "index": 0}),
    "017201800BB4": (0x72, {"transfer_code": 0x80}),
    "010A82B6": (0x0A, {}),
    "010B0BA7": (0x0B, {}),
    "0104FC5F": (0x04, {}),
    "01690600000001002165": (0x69, {"transaction": 6, "amount": 100}),
    "01690400123456785F13": (0x69, {"transaction": 4, "amount": 12345678}),
    "016F080000000005000C00BEBD": (0x6F, {"game": 0, "codes": (0, 5, 12)}),
    "012D0000FFE0": (0x2D, {"game": 0}),
    "01530001B561": (0x53, {"game": 1}),
    "01A000006C13": (0xA0, {"game": 0}),
}  # fmt: skip

SELECTED = {"codes": (0xA0, 0xB8, 0x02, 0x03, 0x1E, 0x00, 0x0B, 0xA2, 0xBA)}
INTERROGATE = {"transfer_code": 0xFF, "index": 0}
LOCK_QUERY = {"lock_code": 0xFF}
ZERO_ID = {"game_id": "01", "additional_id": "\0\0\0"}

REPLIES = {  # hex: fields of the poll, values of the answer
    "0157000000004750836D": ({}, {"cash_out_type": 0, "amount_cents": 4750}),
    "0172020087782D": (INTERROGATE, {"buffer_position": 0, "transfer_status": 0x87}),
    "01720200C0C31B": (INTERROGATE, {"buffer_position": 0, "transfer_status": 0xC0}),
    "0172482A00FF80000000110000000000000000000000077A000000043336393207122020021501000000000000"
    "09000000000012682423090000000000001917400900000000000000000060CD": (
        INTERROGATE,
        {"buffer_position": 0x2A, "transfer_status": 0, "receipt_status": 0xFF,
         "transfer_type": 0x80, "cashable_cents": 1100, "restricted_cents": 0,
         "nonrestricted_cents": 0, "flags": 7, "asset": 122, "transaction_id": "3692",
         "date": "07122020", "time": "021501", "expiry": "00000000", "pool": 0,
         "cashable_total": (12682423, 9), "restricted_total": (191740, 9),
         "nonrestricted_total": (0, 9)}),
    "01742301000000FF03019E460000010200000000000000000000000002989800000000000000ABCF": (
        LOCK_QUERY,
        {"asset": 1, "lock_status": 0xFF, "available_transfers": 3, "host_cash_out_status": 1,
         "aft_status": 0x9E, "max_buffer_index": 0x46, "cashable_cents": 10200,
         "restricted_cents": 0, "nonrestricted_cents": 0, "transfer_limit_cents": 2989800,
         "restricted_expiry": "00000000", "pool": 0}),
    "0174232C010000FF8003B2650000000442000000829000000000009999991268011720200030B21D": (
        LOCK_QUERY,
        {"asset": 300, "lock_status": 0xFF, "available_transfers": 0x80,
         "host_cash_out_status": 3, "aft_status": 0xB2, "max_buffer_index": 0x65,
         "cashable_cents": 442, "restricted_cents": 8290, "nonrestricted_cents": 0,
         "transfer_limit_cents": 9999991268, "restricted_expiry": "01172020", "pool": 0x3000}),
    "01742301000000FF0001B1640000010000000000000000000000000000100000000000000000D566": (
        LOCK_QUERY,
        {"asset": 1, "lock_status": 0xFF, "available_transfers": 0, "host_cash_out_status": 1,
         "aft_status": 0xB1, "max_buffer_index": 0x64, "cashable_cents": 10000,
         "restricted_cents": 0, "nonrestricted_cents": 0, "transfer_limit_cents": 100000,
         "restricted_expiry": "00000000", "pool": 0}),
    "012F380000A00111268840B80110878556020000225003078998591E00633200002985346501939867770B13250000"
    "A20006629350BA000574954046C5": (
        SELECTED,
        {"game": 0, "meters": ((0xA0, 111268840, 5), (0xB8, 110878556, 5), (0x02, 2250, 4),
                               (0x03, 7899859, 4), (0x1E, 633200, 4), (0x00, 29853465, 4),
                               (0x01, 93986777, 4), (0x0B, 13250000, 4), (0xA2, 6629350, 5),
                               (0xBA, 5749540, 5))}),
    "012F380000A00093798040B80102856689020086000003511418191E00000000003145353001588194490B73973000"
    "A20006611150BA0006573250FB23": (
        SELECTED,
        {"game": 0, "meters": ((0xA0, 93798040, 5), (0xB8, 102856689, 5), (0x02, 860000, 4),
                               (0x03, 51141819, 4), (0x1E, 0, 4), (0x00, 31453530, 4),
                               (0x01, 58819449, 4), (0x0B, 73973000, 4), (0xA2, 6611150, 5),
                               (0xBA, 6573250, 5))}),
    "016600596B": ({}, {"transaction": 0}),
    "0110000000006BB0": ({}, {"cancelled_credits": 0}),
    "011200000000E3A6": ({}, {"coin_out": 0}),
    "011300000000A7AD": ({}, {"total_drop": 0}),
    "0114000000007B9D": ({}, {"jackpot": 0}),
    "011600000000F38B": ({}, {"games_won": 0}),
    "011A00000000C3FC": ({}, {"current_credits": 0}),
    "011A000100001FA6": ({}, {"current_credits": 10000}),
    "01190045204000861480004130780063449400002062D5CE": (
        {}, {"coin_in": 452040, "coin_out": 861480, "total_drop": 413078, "jackpot": 634494,
             "games_played": 2062}),
    "011C00452040008614800041307800634494000020620000000000000000000000006633": (
        {}, {"coin_in": 452040, "coin_out": 861480, "total_drop": 413078, "jackpot": 634494,
             "games_played": 2062, "games_won": 0, "slot_door_openings": 0, "power_resets": 0}),
    "011E00000000000000000000000000000000000000000000000022B0": (
        {}, dict.fromkeys(("bills_1", "bills_5", "bills_10", "bills_20", "bills_50", "bills_100"),
                          0)),
    "012000000000BA64": ({}, {"bills_total_value": 0}),
    "013100000000BEDB": ({}, {"bills_1": 0}),
    "01460000000091FE": ({}, {"bills_accepted_credits": 0}),
    "016F17000000000400452040050004000020620C000400010000A6E1": (
        {"codes": (0, 5, 12)},
        {"game": 0, "meters": ((0, 452040, 4), (5, 2062, 4), (12, 10000, 4))}),
    "01540936303230303030303170CD": ({}, {"version": "602", "serial": "000001"}),
    "015500016CB7": ({}, {"game": 1}),
    "01560502000100027CD0": ({}, {"games": (1, 2)}),
    # The length byte that this emulator sends is one of the variants of the poll's row.
    "015316000130310000000532000000202020202020000095006589": (
        {"game": 1},
        {"game": 1, **ZERO_ID, "denomination_code": 5, "max_bet": 0x32, "progressive_group": 0,
         "game_options": "0000", "paytable": " " * 6, "base_percent": "\0\0\x95\0"}),
}  # fmt: skip

REFUSED = {  # hex: why it is no valid frame, and the error
    "FF7B0800000000000000008B9D": ("FF is no address", AddressError),
    "00019400E124": ("a zero in front of the answer is line noise", AddressError),
    "017E00000043FF": ("three bytes of date and time, not seven", LengthError),
    "0173FF088F": ("the length byte counts bytes that never come", LengthError),
    "011A03A6": ("a type R request has no CRC", LengthError),
    "04C301E6": ("invented, its CRC is wrong", CrcError),
    "05D401F7": ("invented, its CRC is wrong", CrcError),
}


def plain(value):
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return tuple(plain(item) for item in value) if isinstance(value, tuple) else value


def poll_for(wire, fields):
    """A poll that the frame answers: general for events, else the poll of its command."""
    if wire[1] == 0xFF:
        return general_poll(wire[0])
    if wire[1] in {0x2F, 0x6F}:
        fields = {"game": 0, **fields}
    if wire[1] == 0x2F:
        fields = {**fields, "codes": (*fields["codes"], 0x01)}
    return long_poll(wire[0], wire[1], **fields)


def read(poll, wire, dialect=None):
    reader = ReplyReader(poll, dialect=dialect) if dialect else ReplyReader(poll)
    return reader.feed(wire) or reader.end()


def is_event(row):
    return row["hex"][2:4] == "FF" and row["direction"] == "egm"


def test_every_frame_has_its_meaning_here():
    events = {row["hex"] for row in FRAMES if is_event(row)}
    named = events | REQUESTS.keys() | {key.replace(" ", "") for key in REPLIES} | REFUSED.keys()
    assert {row["hex"] for row in FRAMES} == named


@pytest.mark.parametrize("row", FRAMES, ids=lambda row: row["hex"][:24])
def test_the_crc_of_every_frame_is_as_its_finder_says(row):
    assert crc_ok(bytes.fromhex(row["hex"])) is row["crc_ok"]


@pytest.mark.parametrize(("wire", "meaning"), REQUESTS.items(), ids=lambda item: str(item)[:24])
def test_what_a_host_sent_is_understood(wire, meaning):
    command, values = meaning
    request = parse_request(bytes.fromhex(wire))
    assert (request.command, plain(dict(request.values))) == (command, values)
    assert request.address == int(wire[:2], 16)
    assert RequestReader().feed(bytes.fromhex(wire)) == [request]


def test_a_wrapped_poll_says_what_it_wraps():
    request = parse_request(bytes.fromhex("01B0020111B0C7"))
    assert (request.denomination, request.base) == (1, 0x11)


@pytest.mark.parametrize("row", [row for row in FRAMES if is_event(row)], ids=lambda r: r["hex"])
def test_what_a_machine_reported_is_understood(row):
    wire = bytes.fromhex(row["hex"])
    code = wire[2]
    for poll in (general_poll(1), long_poll(1, 0x1A)):
        reply = read(poll, wire)
        if code in {0x00, 0x1F}:
            assert reply == IdleReply(1, wire)
        else:
            assert reply == ExceptionReply(1, code, real_time=True, raw=wire)


def test_a_report_is_named_as_its_finder_names_it():
    said = {row["hex"][4:6]: row["meaning"] for row in FRAMES if is_event(row)}
    for code, words in (
        ("3B", "low backup battery"),
        ("1A", "cashbox door closed"),
        ("72", "change lamp off"),
        ("6F", "game locked"),
        ("29", "bill acceptor hardware failure"),
        ("14", "drop door closed"),
        ("71", "change lamp on"),
        ("70", "exception buffer overflow"),
        ("12", "slot door closed"),
        ("69", "AFT transfer complete"),
        ("1D", "belly door opened"),
        ("11", "slot door opened"),
    ):
        assert words in said[code]
        assert exception_text(int(code, 16)) == words


@pytest.mark.parametrize(("wire", "meaning"), REPLIES.items(), ids=lambda item: str(item)[:24])
def test_what_a_machine_answered_is_understood(wire, meaning):
    fields, values = meaning
    frame = bytes.fromhex(wire)
    reply = read(poll_for(frame, fields), frame)
    assert isinstance(reply, LongPollReply)
    assert reply.command == frame[1]
    assert plain(dict(reply.values)) == values


@pytest.mark.parametrize("wire", REPLIES)
def test_an_answer_from_outside_is_written_back_byte_for_byte(wire):
    frame = bytes.fromhex(wire)
    reply = read(poll_for(frame, REPLIES[wire][0]), frame)
    again = build_reply(reply.address, reply.command, **reply.values)
    if frame[1] == 0x53:
        assert again != frame, "we send no length byte here"
    else:
        assert again == frame


def as_it_came(row):
    """Read a frame as the side that hears it would."""
    frame = bytes.fromhex(row["hex"])
    if row["direction"] == "host":
        return parse_request(frame)
    if row["direction"] == "unknown":
        return read(long_poll(1, 0x94), frame)
    if frame[1] == 0x73:
        return read(long_poll(1, 0x73, registration_code=0xFF), frame)
    return read(frame[:2], frame)


@pytest.mark.parametrize("wire", REFUSED)
def test_what_is_no_valid_frame_is_refused(wire):
    why, error = REFUSED[wire]
    row = next(row for row in FRAMES if row["hex"] == wire)
    with pytest.raises(WireError) as caught:
        as_it_came(row)
    assert caught.type is error, why


def test_a_zero_before_an_answer_is_skipped_where_a_site_asks_for_it():
    frame = bytes.fromhex("00019400E124")
    reply = read(long_poll(1, 0x94), frame, Dialect(leading_zeros=1))
    assert (reply.values, reply.raw) == ({"result": 0}, frame[1:])


def test_a_read_with_a_crc_is_taken_where_a_site_asks_for_it():
    request = parse_request(bytes.fromhex("011A03A6"), Dialect(read_with_crc=True))
    assert (request.command, request.address) == (0x1A, 1)
