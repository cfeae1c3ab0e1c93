"""Track 2 of a card: read, checked, and never shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.cards.errors import CardError
from protocols.cards.track2 import Track2, build, lrc, parse


def test_a_bank_card_is_number_expiry_and_the_rest():
    track = parse(";4111111111111111=25121010000000000?")
    assert track == Track2("4111111111111111", "2512", "1010000000000")


def test_a_players_card_may_hold_a_number_alone():
    assert parse(";0012345678?") == Track2("0012345678")


def test_the_lrc_is_the_column_parity_from_sentinel_to_sentinel():
    # ; 1 2 3 ? = B ^ 1 ^ 2 ^ 3 ^ F = 4
    assert lrc(";123?") == "4"
    assert parse(";123?4") == Track2("123")
    assert build("123", with_lrc=True) == ";123?4"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(";?", id="no number"),
        pytest.param("123?", id="no start"),
        pytest.param(";123", id="no end"),
        pytest.param(";123?5", id="wrong LRC"),
        pytest.param(";123?44", id="more behind the LRC"),
        pytest.param(";12A3?", id="a letter"),
        pytest.param(";=2512?", id="expiry without a number"),
        pytest.param(";1:3?", id="a control character of the set"),
        pytest.param(";" + "1" * 40 + "?", id="longer than a track"),
    ],
)
def test_what_is_no_card_is_refused_without_a_digit_of_it(text):
    with pytest.raises(CardError) as caught:
        parse(text)
    assert not any(run in str(caught.value) for run in ("123", "111"))


@pytest.mark.parametrize(("number", "expiry"), [("", ""), ("12A", ""), ("1" * 38, ""), ("1", "x")])
def test_what_no_track_holds_is_not_built(number, expiry):
    with pytest.raises(CardError):
        build(number, expiry)


@given(st.text("0123456789", min_size=1, max_size=19), st.text("0123456789", max_size=16),
       st.booleans())  # fmt: skip
def test_what_is_built_is_read_again(number, rest, with_lrc):
    expiry, rest = rest[:4], rest[4:]
    if len(expiry) < 4:
        expiry, rest = "", ""
    track = parse(build(number, expiry, rest, with_lrc=with_lrc))
    assert track == Track2(number, expiry, rest)
    assert repr(track) == f"Track2(expiry={expiry!r})"


@given(st.text(max_size=50))
def test_any_text_is_a_card_or_a_card_error(text):
    try:
        track = parse(text)
    except CardError:
        return
    assert track.number.isdecimal()
