"""What people of the house say over NATS: told once, refused with a reason, and never a poll."""

import ast
import json
from decimal import Decimal
from pathlib import Path

import pytest

import gateway.edge.acts as acts_module
from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.edge.acts import KEY, MINUTE_MOST, Acts
from gateway.edge.clock import moment
from gateway.edge.egm import EgmWork
from gateway.edge.recorder import Recorder
from gateway.events.encode import Place
from gateway.events.envelope import decode
from gateway.events.inbound import INBOUND, inbound_subject
from gateway.meaning.engine import EgmFacts
from gateway.meaning.observation import CardSeen, LinkChange, Observation
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.writer import InlineWriter
from protocols.sas.replies import ExceptionReply

ROOT = Path(__file__).parents[3]
SITE = load_toml(ROOT / "edge_config/sites/demo_floor.toml", Site)
AMOUNT = "act.handpay.amounttyped"
PAID = "act.handpay.paid"
MENDED = "act.tilt.mended"
SESSION = "act.session.corrected"


class Clock:
    """Both clocks, set by hand."""

    def __init__(self):
        self.now_s = 100.0

    def monotonic(self):
        return self.now_s

    def wall_ns(self):
        return 1_790_000_000_000_000_000 + int(self.now_s * 1e9)


class Desk:
    """One EGM's work, its outbox, and what answers for it."""

    def __init__(self, folder, birth="b1"):
        self.path, self.clock = folder / "outbox.db", Clock()
        self.store = Store.open(self.path, synchronous="OFF")
        restored = self.store.restore()
        writer = InlineWriter(self.store, wall_ns=self.clock.wall_ns)
        recorder = Recorder(SITE, birth, restored, writer, self.clock, lambda *_: None)
        self.asset = SITE.egms[0].asset
        place = Place(SITE.site.id, SITE.gateway.id, SITE.site.jurisdiction)
        facts = EgmFacts(asset=self.asset, birthid=birth, denomination=Decimal("0.01"))
        self.work = EgmWork(
            SITE.egms[0], facts, place, restored.states.get(self.asset), recorder, self.clock,
            lambda *_: None,
        )  # fmt: skip
        self.acts = Acts(
            "demo", "edge1", "USD", {self.asset: self.work}, recorder, restored.keys.get(KEY),
            self.clock,
        )  # fmt: skip

    def machine_says(self, *codes):
        for code in codes:
            at = moment(self.clock)
            reply = ExceptionReply(1, code, raw=bytes([code]))
            self.work.observe([Observation(self.asset, "L1", 1, reply, b"\x81", at, at)])

    async def send(self, name, id="m1", subject=None, **data):  # noqa: A002
        row = INBOUND[name]
        data = {"by": "ann", "asset": self.asset} | data
        body = {
            "specversion": "1.0", "id": id, "type": row.full_name, "source": "/demo/desk",
            "time": "2026-03-01T04:00:01Z", "site": "demo", "data": data,
        }  # fmt: skip
        to = subject or inbound_subject(row, "demo", data["asset"], "edge1")
        return json.loads(await self.acts.answer(to, json.dumps(body).encode()))

    def told(self):
        reader = Reader(self.path)
        found = [decode(row.body) for row in reader.pending(0, 1000)]
        reader.close()
        return found


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


USD = {"amount": "1250.00", "currency": "USD"}


async def test_a_typed_amount_over_nats_is_told_once_and_names_who_typed_it(desk):
    desk.machine_says(0x51)
    said = await desk.send(AMOUNT, amount=USD)
    assert said["accepted"]
    assert [one["type"] for one in said["events"]] == ["handpay.amountknown"]
    (event,) = [one for one in desk.told() if one.name == "handpay.amountknown"]
    assert event.id == said["events"][0]["id"]
    assert event.data["amountsource"] == "display"
    assert event.data["amount"]["amount"] == "1250.00"
    assert event.data["said_by"] == "ann via /demo/desk"
    assert event.causedby == said["receipt"]
    (record,) = [one for one in desk.told() if one.name == "gateway.actanswered"]
    assert record.data == {
        "answer": "accepted", "act": AMOUNT, "asset": desk.asset,
        "said_by": "ann via /demo/desk", "receipt": said["receipt"],
    }  # fmt: skip


async def test_a_message_that_comes_again_is_taken_once_also_after_a_restart(desk, tmp_path):
    desk.machine_says(0x51)
    first = await desk.send(AMOUNT, amount=USD)
    again = await desk.send(AMOUNT, amount=USD)
    assert again == {"accepted": True, "receipt": first["receipt"], "duplicate": True,
                     "again": False, "events": []}  # fmt: skip
    desk.store.close()
    later = Desk(tmp_path, "b2")
    assert (await later.send(AMOUNT, amount=USD))["duplicate"]
    assert [one.name for one in later.told()].count("handpay.amountknown") == 1
    other = await later.send(AMOUNT, amount={"amount": "9.00", "currency": "USD"})
    assert "used before" in other["reason"]


async def test_each_act_becomes_its_event(desk):
    desk.machine_says(0x51, 0x28)
    assert (await desk.send(PAID, "a"))["events"][0]["type"] == "handpay.paid"
    assert (await desk.send(MENDED, "b", kind="billjam"))["events"][0]["type"] == "tilt.cleared"
    session = {"session": "session-1", "coin_in_credits": 9, "reason": "slip"}
    assert "no session of that name" in (await desk.send(SESSION, "c", **session))["reason"]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        (PAID, {"asset": "99999"}, "no EGM 99999"),
        (PAID, {}, "not paid yet"),
        (MENDED, {"kind": "billjam"}, "nothing of that kind"),
        (AMOUNT, {"amount": USD | {"currency": "EUR"}}, "counts in USD"),
        (AMOUNT, {"amount": USD | {"amount": "0.00"}}, "above zero"),
        (AMOUNT, {"amount": USD | {"amount": "-1.00"}}, "above zero"),
        (AMOUNT, {"amount": USD | {"amount": "1.005"}}, "whole cents"),
        (AMOUNT, {"amount": "1250"}, "amount: model_type"),
        (PAID, {"by": ""}, "by: string_pattern_mismatch"),
        (PAID, {"card": "4111111111111111"}, "card: extra_forbidden"),
        (PAID, {"subject": "act.v1.demo.edge1.handpay.paid.10102"}, "the subject does not fit"),
        (PAID, {"subject": "act.v1.demo.edge1.tilt.mended.10101"}, "the subject does not fit"),
    ],
)
async def test_what_does_not_fit_is_refused_with_the_reason_and_goes_on_record(
    desk, name, data, why
):
    said = await desk.send(name, **data)
    assert not said["accepted"]
    assert why in said["reason"]
    (record,) = desk.told()
    assert record.name == "gateway.actanswered"
    assert record.data["answer"] == "refused"
    assert "4111" not in record.model_dump_json()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\x01\x81" * 9, b"x" * 70_000, b"null"])
async def test_what_is_no_message_at_all_is_refused(desk, body):
    said = json.loads(await desk.acts.answer("act.v1.demo.edge1.handpay.paid.10101", body))
    assert not said["accepted"]


async def test_a_flood_of_messages_is_refused_for_now_and_told_once(desk):
    answers = [await desk.send(PAID, f"m{number}") for number in range(MINUTE_MOST + 20)]
    assert [one["again"] for one in answers] == [False] * MINUTE_MOST + [True] * 20
    assert len(desk.told()) == MINUTE_MOST + 1
    desk.clock.now_s += 61
    assert not (await desk.send(PAID, "later"))["again"]


async def test_an_event_that_falls_due_at_that_moment_is_no_answer(desk):
    at = moment(desk.clock)
    desk.work.observe([LinkChange(desk.asset, "unknown", "up", "answers", at)])
    desk.work.observe([CardSeen(desk.asset, True, "c1", at)])  # noqa: FBT003
    desk.clock.now_s += 7200  # the card is told as left in at whatever is seen next
    said = await desk.send(PAID)
    assert not said["accepted"]
    assert "card.abandoned" in [one.name for one in desk.told()]


async def test_no_act_has_anything_asked_of_a_machine(desk):
    """P1: what comes over NATS ends in events; what meaning would like to read is passed over."""
    wished = []
    observe = desk.work.observe

    def watched(seen, **how):
        done = observe(seen, **how)
        wished.extend(done.wishes)
        return done

    desk.machine_says(0x51, 0x28, 0x11)
    desk.work.observe = watched
    for name in (AMOUNT, PAID, MENDED, SESSION):
        more = {AMOUNT: {"amount": USD}, SESSION: {"session": "s", "coin_in_credits": 1,
                                                   "reason": "x"}}.get(name, {})  # fmt: skip
        await desk.send(name, name, **more)
    assert desk.acts.accepted == 3
    assert wished == []


def test_the_part_that_answers_holds_no_line_and_makes_no_poll():
    tree = ast.parse(Path(acts_module.__file__).read_text("utf-8"))
    names = {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }
    of_ours = {name for name in names if name.startswith(("gateway.", "protocols.", "edge_"))}
    assert of_ours == {
        "gateway.edge.clock", "gateway.edge.egm", "gateway.edge.recorder", "gateway.edge.remarks",
        "gateway.edge.saying",
        "gateway.events.acts", "gateway.events.encode", "gateway.events.envelope",
        "gateway.events.errors", "gateway.events.fact", "gateway.events.inbound",
        "gateway.events.shapes", "gateway.events.text", "gateway.meaning.observation",
        "gateway.outbox.types",
    }  # fmt: skip
    rows = [row for row in INBOUND.values() if row.reader == "gateway"]
    words = " ".join(f"{row.name} {row.model.model_fields.keys()}" for row in rows)
    assert not any(word in words for word in ("poll", "command", "frame", "read", "reset"))


LOOKED = "act.event.lookedat"
NOTED = "act.egm.noted"


async def test_a_remark_over_nats_is_told_with_the_sender_and_once(desk, tmp_path):
    desk.machine_says(0x11)
    (door,) = [one for one in desk.told() if one.name == "door.opened"]
    about = {"event": door.id, "event_type": "door.opened", "disposition": "authorised",
             "remark": "drop run,  two people"}  # fmt: skip
    said = await desk.send(LOOKED, "r1", **about)
    assert [one["type"] for one in said["events"]] == ["egm.acknowledged"]
    assert (await desk.send(LOOKED, "r1", **about))["duplicate"]
    assert (await desk.send(NOTED, "r2", remark="latch is worn"))["accepted"]
    (looked,) = [one for one in desk.told() if one.name == "egm.acknowledged"]
    assert (looked.causedby, looked.asset) == (door.id, desk.asset)
    assert looked.data == {
        "event": door.id, "event_type": "door.opened", "disposition": "authorised",
        "remark": "drop run, two people", "said_by": "ann via /demo/desk",
    }  # fmt: skip
    (noted,) = [one for one in desk.told() if one.name == "egm.noted"]
    assert noted.data["remark"] == "latch is worn"
    desk.store.close()
    later = Desk(tmp_path, "b2")
    assert (await later.send(LOOKED, "r1", **about))["duplicate"]


async def test_a_remark_on_the_gateways_own_event_has_no_machine(desk):
    said = await desk.send(NOTED, "g1", asset="_", remark="clock was set by hand")
    assert said["accepted"]
    (noted,) = [one for one in desk.told() if one.name == "egm.noted"]
    assert noted.asset is None
    assert "no EGM _" in (await desk.send(PAID, "g2", asset="_"))["reason"]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        (NOTED, {"remark": "card 6012 3456 7890 1234"}, "remark: value_error"),
        (NOTED, {"remark": "a\x1b[2J"}, "remark: value_error"),
        (NOTED, {"remark": ""}, "remark"),
        (NOTED, {"remark": "x", "asset": "99999"}, "no EGM 99999"),
        (LOOKED, {"event": "e.1", "event_type": "door.opened", "disposition": "fine"},
         "disposition"),
        (LOOKED, {"event": "e 1", "event_type": "door.opened", "disposition": "seen"}, "event"),
    ],
)  # fmt: skip
async def test_a_remark_over_nats_that_does_not_fit_is_refused(desk, name, data, why):
    said = await desk.send(name, **data)
    assert not said["accepted"]
    assert why in said["reason"]
    assert "6012" not in json.dumps([said, [one.data for one in desk.told()]])
