"""Bursts as they come off a wire, cut into messages."""

from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.capture import BY_WAKEUP, Burst, Speaker
from protocols.sas.cutter import BY_ORDER, QUIET_US, TOLD_QUIET_US, Cutter

HOST, EGM, UNKNOWN = Speaker
METERS = bytes.fromhex("01190045204000861480004130780063449400002062D5CE")


def burst(at_ms, speaker, text, bits=None):
    data = bytes.fromhex(text)
    return Burst(round(at_ms * 1000), speaker, data, bits or (None,) * len(data))


def wakeup_first(text):
    return (True, *(False,) * (len(bytes.fromhex(text)) - 1))


def cut(*bursts):
    cutter = Cutter()
    messages = [message for item in bursts for message in cutter.feed(item)]
    return messages + cutter.flush()


def said(messages):
    return [(message.speaker.value, message.data.hex()) for message in messages]


def test_an_answer_that_came_in_two_pieces_is_one_message():
    answer = METERS.hex()
    messages = cut(
        burst(0, HOST, "0119"), burst(8, EGM, answer[:20]), burst(12, EGM, answer[20:]),
        burst(20, HOST, "82"),
    )  # fmt: skip
    assert said(messages) == [("host", "0119"), ("egm", answer), ("host", "82")]
    assert [message.at_us for message in messages] == [0, 8000, 20000]


def test_two_polls_in_one_burst_are_two_messages():
    assert said(cut(burst(0, HOST, "80810119"))) == [
        ("host", "80"), ("host", "81"), ("host", "0119")]  # fmt: skip


def test_an_answer_is_given_as_soon_as_it_is_whole():
    cutter = Cutter()
    assert said(cutter.feed(burst(0, HOST, "0119"))) == [("host", "0119")]
    assert cutter.feed(burst(5, EGM, METERS.hex()[:10])) == []
    assert cutter.pending
    assert said(cutter.feed(burst(6, EGM, METERS.hex()[10:]))) == [("egm", METERS.hex())]
    assert not cutter.pending


def test_a_pause_ends_a_message_that_lacks_something():
    cutter = Cutter()
    cutter.feed(burst(0, HOST, "0119"))
    cutter.feed(burst(5, EGM, "0119"))
    late = burst(5 + TOLD_QUIET_US / 1000 + 0.001, EGM, "0045")
    assert said(cutter.feed(late)) == [("egm", "0119")]
    assert said(cutter.flush()) == [("egm", "0045")]


def test_a_bad_answer_is_kept_together_until_the_next_poll():
    spoiled = METERS.hex()[:-2] + "00"
    messages = cut(burst(0, HOST, "0119"), burst(5, EGM, spoiled + "ff"), burst(9, HOST, "80"))
    assert said(messages) == [("host", "0119"), ("egm", spoiled + "ff"), ("host", "80")]


def test_a_chirp_is_a_message_of_its_own():
    messages = cut(burst(0, HOST, "80"), burst(3, EGM, "01", (True,)), burst(4, EGM, "05", (True,)))
    assert said(messages) == [("host", "80"), ("egm", "01"), ("egm", "05")]


def test_one_wire_with_ninth_bits_is_cut_where_they_are_set():
    poll, answer = "0119", METERS.hex()
    bits = (*wakeup_first(poll), *(False,) * len(METERS), True)
    messages = cut(burst(0, UNKNOWN, poll + answer + "82", bits))
    assert said(messages) == [("host", poll), ("egm", answer), ("host", "82")]
    assert {message.why for message in messages} == {BY_WAKEUP}


def test_one_wire_without_ninth_bits_is_cut_by_the_order_of_poll_and_answer():
    messages = cut(
        burst(0, UNKNOWN, "81"), burst(5, UNKNOWN, "11"), burst(30, UNKNOWN, "0119"),
        burst(35, UNKNOWN, METERS.hex()), burst(60, UNKNOWN, "82"), burst(300, UNKNOWN, "81"),
    )  # fmt: skip
    assert said(messages) == [
        ("host", "81"), ("egm", "11"), ("host", "0119"), ("egm", METERS.hex()), ("host", "82"),
        ("host", "81"),
    ]  # fmt: skip
    assert {message.why for message in messages} == {BY_ORDER}


def test_on_one_wire_a_pause_ends_a_message():
    late = burst(QUIET_US / 1000 + 0.001, UNKNOWN, "19")
    assert said(cut(burst(0, UNKNOWN, "01"), late))[0] == ("host", "01")


def test_masked_bytes_keep_their_places():
    first = Burst(0, EGM, bytes(5), (None,) * 5, (3, 4))
    second = Burst(1000, EGM, bytes(3), (None,) * 3, (0,), "more")
    (message,) = cut(first, second)
    assert (message.hidden, len(message.data)) == ((3, 4, 5), 8)


def test_a_message_without_end_is_cut_where_no_message_is_longer():
    messages = cut(Burst(0, EGM, bytes(300), (None,) * 300))
    assert [len(message.data) for message in messages] == [260, 40]


bits = st.sampled_from([True, False, None])


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60_000), st.sampled_from(Speaker), st.lists(
                st.tuples(st.integers(0, 255), bits), min_size=1, max_size=40)),
        max_size=30,
    )
)  # fmt: skip
def test_no_byte_is_lost_or_invented_and_no_message_grows_without_end(heard):
    cutter, at, messages = Cutter(), 0, []
    for gap, speaker, symbols in heard:
        at += gap
        data = bytes(value for value, _ in symbols)
        messages += cutter.feed(Burst(at, speaker, data, tuple(bit for _, bit in symbols)))
    messages += cutter.flush()
    assert b"".join(m.data for m in messages) == bytes(v for *_, s in heard for v, _ in s)
    assert [bit for m in messages for bit in m.wakeup] == [b for *_, s in heard for _, b in s]
    assert all(0 < len(message.data) <= 260 for message in messages)
    times = [message.at_us for message in messages]
    assert times == sorted(times)
