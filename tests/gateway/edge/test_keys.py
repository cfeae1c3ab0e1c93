"""What a process leaves to the next one, in words of the outbox."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.keys import codes_of, codes_text

CODES = st.integers(0, 255)


@given(CODES, st.sets(CODES))
def test_every_exception_in_doubt_reaches_the_next_process_the_last_one_first(last, doubts):
    found = codes_of(codes_text(last, doubts))
    assert found[0] == last
    assert set(found) == doubts | {last}
    assert len(found) == len(set(found))


def test_what_an_older_version_left_is_read():
    assert codes_of("7F") == (0x7F,)
