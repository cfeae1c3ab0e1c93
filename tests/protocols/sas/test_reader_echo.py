"""One byte that looks like an exception and is a chirp, or our own poll come back."""

import pytest

from protocols.sas.errors import UnexpectedError
from protocols.sas.polls import general_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import ExceptionReply


@pytest.mark.parametrize("answer", [b"\x00", b"\x51", b"\x81", b"\x01"])
def test_our_own_poll_in_front_of_an_answer_is_an_echo_and_no_exception(answer):
    reader = ReplyReader(general_poll(1))
    assert reader.feed(b"\x81") is None
    with pytest.raises(UnexpectedError, match="an echo"):
        reader.feed(answer)
    with pytest.raises(UnexpectedError, match="an echo"):
        ReplyReader(general_poll(1)).feed(b"\x81" + answer)


def test_an_address_alone_is_a_chirp_where_no_exception_has_that_number():
    reader = ReplyReader(general_poll(4))
    assert reader.feed(b"\x04") is None
    with pytest.raises(UnexpectedError, match="it chirps"):
        reader.end()
    reader = ReplyReader(general_poll(0x11))  # which may be a chirp, or a slot door
    assert reader.feed(b"\x11") is None
    assert reader.end() == ExceptionReply(0x11, 0x11, raw=b"\x11")
