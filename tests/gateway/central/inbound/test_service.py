"""What others send is kept once or refused with a reason, and told either way."""

import json
import sqlite3
from pathlib import Path

import pytest

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.bus.consumer_store import ConsumerStore
from gateway.central.inbound.service import TOLD_MOST, Inbound
from gateway.central.inbound.store import SCHEMA
from gateway.events.derived import decode_derived
from gateway.events.inbound import INBOUND, inbound_subject

SITE = load_toml(Path(__file__).parents[4] / "edge_config/sites/demo_floor.toml", Site)
OURS = {name: row for name, row in INBOUND.items() if row.reader == "inbound"}
NOW_NS = 1_772_337_600_000_000_000


class Desk:
    """The service on a database of its own."""

    def __init__(self, folder):
        self.now_ns = NOW_NS
        self.store = ConsumerStore(folder / "inbound.sqlite", SCHEMA, lambda: self.now_ns)
        self.service = Inbound(SITE, self.store, lambda: self.now_ns, lambda: None)

    async def send(self, name, id="m1", subject=None, site="demo", **changes):  # noqa: A002
        row = INBOUND[name]
        data = {**row.example, **changes}
        body = {
            "specversion": "1.0", "id": id, "type": row.full_name, "source": "/demo/sms",
            "time": "2026-03-01T04:00:01Z", "site": site, "data": data,
        }  # fmt: skip
        to = subject or inbound_subject(row, "demo", str(data[row.key]), "edge1")
        return await self.post(to, json.dumps(body).encode())

    async def post(self, subject, body):
        return json.loads(await self.service.answer(subject, body))

    def rows(self, table):
        return self.store.connection.execute(f"SELECT * FROM {table} ORDER BY number").fetchall()

    def told(self):
        return list(self.store.outgoing.pending(0, 10_000, stream="FLOOR"))


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


@pytest.mark.parametrize("name", OURS)
async def test_every_type_that_the_contract_promises_is_taken_and_told(desk, name):
    said = await desk.send(name)
    assert said["accepted"], said
    (row,) = desk.told()
    assert row.subject == f"floor.v1.demo.inbound.accepted.{name.partition('.')[0]}"
    told = decode_derived(row.body)
    assert told.data["content"] == {**OURS[name].example}
    assert told.data["message_type"] == OURS[name].full_name
    assert told.data["receipt"] == said["receipt"] == told.causedby
    assert len(desk.rows("messages")) == 1


async def test_a_slip_is_told_with_the_place_of_its_machine(desk):
    await desk.send("sms.slip.filed")
    told = decode_derived(desk.told()[0].body)
    assert told.location == SITE.egms[0].location
    assert told.gamingday == "2026-02-28"


async def test_a_message_that_comes_again_is_taken_once_whenever_it_was_sent(desk):
    first = await desk.send("sms.slip.filed")
    for _ in range(3):
        again = await desk.send("sms.slip.filed")
        assert again["accepted"]
        assert again["duplicate"]
        assert again["receipt"] == first["receipt"]
    assert len(desk.rows("messages")) == len(desk.told()) == 1
    other = await desk.send("sms.slip.filed", slip="77121")
    assert "used before" in other["reason"]
    assert (await desk.send("sms.slip.filed", "m2", slip="77121"))["accepted"]


@pytest.mark.parametrize(
    ("name", "how", "why"),
    [
        ("sms.slip.filed", {"asset": "99999"}, "no EGM 99999"),
        ("sms.slip.filed", {"amount": {"amount": "5.00", "currency": "EUR"}}, "counts in USD"),
        ("sms.slip.filed", {"amount": {"amount": "-5.00", "currency": "USD"}}, "below zero"),
        ("sms.slip.filed", {"amount": 5.0}, "amount: model_type"),
        ("sms.slip.filed", {"at": "2026-02-30T04:00:00Z"}, "at is no moment"),
        ("sms.slip.filed", {"surprise": 1}, "surprise: extra_forbidden"),
        ("sms.rating.closed", {"closed": "2026-03-01T03:00:00Z"}, "closed before it opened"),
        ("crm.exclusion.set", {"ends": "2026-01-01T00:00:00Z"}, "ends before it begins"),
        ("sms.card.in", {"subject": "sms.v1.demo.card.in.10102"}, "the subject does not fit"),
        ("sms.card.in", {"subject": "crm.v1.demo.card.in.10101"}, "the subject does not fit"),
        ("sms.card.in", {"site": "other"}, "another site"),
        ("act.handpay.paid", {"subject": "sms.v1.demo.x"}, "the subject does not fit"),
        ("sms.card.in", {"card": "4111111111111111"}, "looks like a number"),
        ("crm.player.changed", {"cards": ["c1", "4111111111111111"]}, "looks like a number"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_with_the_reason(desk, name, how, why):
    said = await desk.send(name, **how)
    assert not said["accepted"]
    assert why in said["reason"]
    assert desk.rows("messages") == []
    (row,) = desk.told()
    told = decode_derived(row.body)
    assert why in told.data["reason"]


async def test_nothing_of_a_refused_message_is_kept_but_its_hash(desk, caplog):
    number = "4111111111111111"
    await desk.post("sms.v1.demo.card.in.10101", json.dumps({"card": number}).encode())
    await desk.send("sms.card.in", card=f"track {number}")
    await desk.send("sms.card.in", **{f"x{number}": 1})
    await desk.send("sms.card.in", card=number)
    await desk.post(f"sms.v1.demo.card.in.{number}", b"{}")
    await desk.post(f"sms.v1.demo.{number}.x.y", b"{}")
    text = caplog.text + repr(desk.rows("refusals")) + repr([row.body for row in desk.told()])
    assert number not in text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\x80\x81", b"x" * 70_000])
async def test_what_is_no_message_at_all_is_refused(desk, body):
    assert not (await desk.post("sms.v1.demo.card.in.10101", body))["accepted"]


async def test_a_sender_gone_wild_does_not_fill_the_stream(desk):
    for number in range(TOLD_MOST + 30):
        await desk.send("sms.slip.filed", f"m{number}", asset="99999")
    assert len(desk.told()) == TOLD_MOST
    assert len(desk.rows("refusals")) == TOLD_MOST + 30
    desk.now_ns += 61_000_000_000
    await desk.send("sms.slip.filed", "later", asset="99999")
    assert len(desk.told()) == TOLD_MOST + 1


async def test_a_disk_that_takes_nothing_is_told_to_the_sender(desk):
    desk.store.connection.execute("PRAGMA query_only = ON")
    said = await desk.send("sms.slip.filed")
    assert (said["accepted"], said["again"]) == (False, True)
    desk.store.connection.execute("PRAGMA query_only = OFF")
    assert (await desk.send("sms.slip.filed"))["accepted"]


async def test_what_was_taken_stays(desk):
    await desk.send("sms.slip.filed")
    for change in ("DELETE FROM messages", "UPDATE messages SET data = '{}'"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            desk.store.connection.execute(change)
