"""Conformance: what is said here of the model is said of the real nats-server in the same words."""

import pytest

from gateway.bus.answer import Ack, BusError, Cause, publish_one
from gateway.bus.model import matches

SUBJECT = "slot.v1.demo.edge1.door.opened.10101"
DOORS = "slot.v1.*.*.door.>"


async def publish(bus, msg_id=None, *, subject=SUBJECT, body=b"{}", stream=None):
    headers = {} if msg_id is None else {"Nats-Msg-Id": msg_id}
    if stream is not None:
        headers["Nats-Expected-Stream"] = stream
    return await publish_one(bus.link, subject, body, headers)


async def trouble(bus, **message):
    with pytest.raises(BusError) as caught:
        await publish(bus, **message)
    return caught.value.trouble


async def test_a_message_is_acknowledged_with_its_stream_and_number(bus):
    await bus.create("DOORS", DOORS)
    assert await publish(bus, "a") == Ack("DOORS", 1)
    assert await publish(bus, "b", stream="DOORS") == Ack("DOORS", 2)
    assert await bus.subjects("DOORS") == [SUBJECT, SUBJECT]


async def test_a_message_sent_again_is_stored_once_and_called_a_duplicate(bus):
    await bus.create("DOORS", DOORS)
    await publish(bus, "a")
    await publish(bus, "b")
    assert await publish(bus, "a") == Ack("DOORS", 1, duplicate=True)
    assert len(await bus.subjects("DOORS")) == 2


async def test_inside_the_window_a_purged_message_is_a_duplicate_that_nobody_has(bus):
    await bus.create("DOORS", DOORS)
    await publish(bus, "a")
    await bus.purge("DOORS")
    assert await publish(bus, "a") == Ack("DOORS", 1, duplicate=True)
    assert await bus.subjects("DOORS") == []
    assert await publish(bus, "a#r1") == Ack("DOORS", 2)


async def test_a_stream_made_anew_knows_no_old_message_ids(bus):
    await bus.create("DOORS", DOORS)
    await publish(bus, "a")
    await bus.delete("DOORS")
    await bus.create("DOORS", DOORS)
    assert await publish(bus, "a") == Ack("DOORS", 1)


async def test_the_window_ends_and_a_repeat_does_not_prolong_it(bus, until):
    await bus.create("DOORS", DOORS, window_s=0.3)
    answers = [await publish(bus, "a")]

    async def again():
        answers.append(await publish(bus, "a"))
        return not answers[-1].duplicate

    while not await again():
        assert len(answers) < 3000
    assert answers[1].duplicate
    assert answers[-1] == Ack("DOORS", 2)


async def test_nobody_takes_a_message_without_a_stream(bus):
    assert (await trouble(bus)).cause is Cause.NO_STREAM


async def test_a_full_stream_refuses_what_is_new_but_knows_what_it_has(bus):
    await bus.create("DOORS", DOORS, max_msgs=1)
    await publish(bus, "a")
    assert (await trouble(bus, msg_id="b")).cause is Cause.FULL
    assert (await publish(bus, "a")).duplicate


async def test_the_wrong_stream_does_not_take_what_is_for_another(bus):
    await bus.create("DOORS", DOORS)
    assert (await trouble(bus, stream="SLOT_SIGNIFICANT")).cause is Cause.STREAM
    assert await bus.subjects("DOORS") == []


async def test_a_message_larger_than_the_server_takes_is_too_large(bus):
    await bus.create("DOORS", DOORS)
    assert (await trouble(bus, body=bytes(1024 * 1024 + 1))).cause is Cause.TOO_LARGE


async def test_a_subject_that_is_not_ours_is_denied(bus):
    if bus.kind == "model":
        bus.server.denied.append("slot.v1.other.>")
    refusal = await trouble(bus, subject="slot.v1.other.edge1.door.opened.10101")
    assert refusal.cause is Cause.DENIED
    assert "slot.v1.other.edge1.door.opened.10101" in refusal.reason


async def test_a_restart_keeps_messages_and_the_window(bus, until):
    await bus.create("DOORS", DOORS)
    await publish(bus, "a")
    await bus.restart()
    await until(lambda: bus.link.connected)
    assert (await publish(bus, "a")).duplicate
    assert await publish(bus, "b") == Ack("DOORS", 2)


@pytest.mark.parametrize(
    ("pattern", "subject", "fits"),
    [
        ("a.*.c", "a.b.c", True),
        ("a.*.c", "a.b.d", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        ("a.b", "a.b.c", False),
        (">", "a", True),
    ],
)
def test_wildcards_fit_as_the_server_has_them(pattern, subject, fits):
    assert matches(pattern, subject) is fits
