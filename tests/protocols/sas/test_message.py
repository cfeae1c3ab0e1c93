"""Messages put together from fields."""

import pytest

from protocols.sas.errors import BcdError, LengthError, RequestError
from protocols.sas.field_lists import Numbers, Rest, Rows, tail
from protocols.sas.fields import Bcd, Lsb, byte
from protocols.sas.message import EMPTY, counted, message

TWO = message(Bcd("game", 2), Lsb("mask", 2))
COUNTED = counted(byte("status"), tail(Bcd("amount", 4)))


def test_fields_stand_in_wire_order_each_in_its_own_byte_order():
    assert TWO.read(bytes.fromhex("0012 3412")) == {"game": 12, "mask": 0x1234}
    assert TWO.write({"game": 12, "mask": 0x1234}) == bytes.fromhex("0012 3412")


def test_sizes_are_known_before_a_byte_arrives():
    assert (TWO.low, TWO.high, TWO.fixed) == (4, 4, True)
    assert (COUNTED.low, COUNTED.high, COUNTED.fixed) == (1, 5, False)
    assert (EMPTY.low, EMPTY.high, EMPTY.fixed) == (0, 0, True)


def test_two_fields_cannot_share_a_name():
    with pytest.raises(RequestError):
        message(byte("status"), byte("status"))


@pytest.mark.parametrize("data", ["0012", "0012 3412 00"])
def test_a_message_of_another_length_is_refused(data):
    with pytest.raises(LengthError):
        TWO.read(bytes.fromhex(data))
    with pytest.raises(LengthError):
        TWO.payload(bytes.fromhex(data))
    assert not TWO.takes(bytes.fromhex(data))


@pytest.mark.parametrize("data", ["", "00", "02 00", "03 00 0000", "06 00 00000001 00", "05 00"])
def test_a_length_byte_must_count_what_follows(data):
    with pytest.raises(LengthError):
        COUNTED.read(COUNTED.payload(bytes.fromhex(data)))


@pytest.mark.parametrize("data", ["01 07", "05 07 00000001"])
def test_a_tail_is_there_or_not(data):
    wire = bytes.fromhex(data)
    assert COUNTED.takes(wire)
    assert COUNTED.write(COUNTED.read(COUNTED.payload(wire))) == wire


def test_a_letter_in_any_digit_is_refused():
    plain = message(Bcd("a", 1), Bcd("b", 1))
    assert plain.bcd_plan
    for data in (b"\x1a\x00", b"\x00\xf1"):
        with pytest.raises(BcdError):
            plain.read(data)


def test_more_than_a_length_byte_can_count_is_our_mistake():
    with pytest.raises(RequestError):
        counted(Rest("a"), Lsb("b", 2)).write({"a": "00" * 255, "b": 0})


def test_what_no_field_takes_is_kept_where_a_site_asks_for_it():
    longer = bytes.fromhex("07 00 00000001 beef")
    data = COUNTED.payload(longer, longer=True)
    assert COUNTED.read(data, longer=True) == {"status": 0, "amount": 1, "undecoded": "beef"}


ITEMS = message(Rows("items", (byte("code"), Bcd("amount", 1)), 1, 2))
GAMES = message(Numbers("games", 2, 0, 3, bcd=True, count=True))


@pytest.mark.parametrize(
    ("layout", "data"),
    [
        pytest.param(ITEMS, "", id="none of at least one"),
        pytest.param(ITEMS, "01", id="half a record"),
        pytest.param(ITEMS, "0101 0202 0303", id="three of at most two"),
        pytest.param(GAMES, "", id="no count"),
        pytest.param(GAMES, "02 0001", id="fewer than announced"),
        pytest.param(GAMES, "01 0001 0002", id="more than announced"),
        pytest.param(GAMES, "04 0001 0002 0003 0004", id="four of at most three"),
        pytest.param(message(Rest("data", 2, 3)), "01", id="too few bytes"),
        pytest.param(message(Rest("data", 2, 3)), "01020304", id="too many bytes"),
    ],
)
def test_a_list_of_another_length_is_refused(layout, data):
    with pytest.raises(LengthError):
        layout.read(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("layout", "values"),
    [
        (GAMES, {"games": [1, 2, 3, 4]}),
        (GAMES, {"games": [10_000]}),
        (GAMES, {"games": ["1"]}),
        (message(Rest("data", 2, 3)), {"data": "00"}),
        (message(Rest("data", 2, 3)), {}),
    ],
)
def test_a_list_that_does_not_fit_is_our_mistake(layout, values):
    with pytest.raises(RequestError):
        layout.write(values)
