"""What a process leaves to the next one of exceptions that may come again."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.doubt_book import DoubtBook, codes_of, codes_text
from protocols.sas.replies import ExceptionReply, IdleReply

CODES = st.integers(0, 255)
WORKS = {at: SimpleNamespace(info=SimpleNamespace(asset=f"1010{at}")) for at in (1, 2)}
IDLE = IdleReply(1)


def told(code):
    return ExceptionReply(1, code)


@given(CODES, st.sets(CODES))
def test_every_exception_in_doubt_reaches_the_next_process_the_last_one_first(last, doubts):
    found = codes_of(codes_text(last, doubts))
    assert found[0] == last
    assert set(found) == doubts | {last}
    assert len(found) == len(set(found))


def test_what_an_older_version_left_is_read():
    assert codes_of("7F") == (0x7F,)


def test_an_empty_queue_ends_doubts_on_disk_once_and_ordinary_play_costs_no_commit():
    book = DoubtBook(WORKS, {1: (0x51, 0x7F)})
    assert book.after(2, IDLE, ()) == {}
    assert book.after(1, IDLE, ()) == {"last.10101": ""}
    assert book.after(1, IDLE, ()) == {}
    assert book.after(1, told(0x11), ()) == {"last.10101": "11"}
    assert book.after(1, IDLE, ()) == {}


def test_a_doubt_of_this_process_is_ended_on_disk_too():
    book = DoubtBook(WORKS, {})
    assert book.after(1, told(0x51), {0x7F}) == {"last.10101": "51 7F"}
    assert book.after(1, None, {0x51, 0x7F}) == {}
    assert book.after(1, IDLE, ()) == {"last.10101": ""}
    assert codes_of("") == ()
