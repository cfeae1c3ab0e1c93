"""Floors to look at: all well, in trouble, and without an EGM. Every time in them is fixed."""

from datetime import UTC, datetime, timedelta

from gateway.status.model import (
    EgmStatus,
    EgmWord,
    EventLine,
    LineStatus,
    LinkWord,
    NatsStatus,
    OutboxStatus,
    Snapshot,
)

NOW = datetime(2026, 3, 14, 21, 4, 36, tzinfo=UTC)
STARTED = NOW - timedelta(hours=7, minutes=12)
ZONES = ("main", "main", "main", "high-limit", "high-limit", "bar")


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


TYPES = {
    "game ended": "game.ended",
    "bill accepted 20.00 USD": "bill.accepted",
    "card out": "card.out",
}


def well_egm(bank, position):
    number = 4 * (bank - 1) + position
    playing = number % 3 != 0
    return EgmStatus(
        asset=f"1{bank:02}{position:02}",
        location=f"01-{bank:02}-{position:02}",
        bank=f"{bank:02}",
        zone=ZONES[bank - 1],
        line=f"L{bank}",
        address=position,
        state=EgmWord.PLAY if playing else EgmWord.IDLE,
        since=ago(37 * number),
        carded=playing and number % 2 == 0,
        credits=(number * 7919) % 40_000 if playing else 0,
        coin_in=(number * 104_729 * 7) % 9_000_000 + 12_345,
        denomination="0.01",
        last_event=("game ended", "bill accepted 20.00 USD", "card out")[number % 3],
        last_event_at=ago(3 * number + 1),
        link=LinkWord.UP,
        link_quality=1.0 if number % 5 else 0.99,
        link_lately="77777777" if number % 5 else "77767776",
        polls=126_000 + number,
        answers=125_990 + number,
        errors=10,
        answer_ms=4 + number % 3,
    )


def well_line(bank, egms=4):
    return LineStatus(
        name=f"L{bank}",
        port=f"lines/L{bank}",
        mode="host",
        state="polling",
        since=STARTED,
        polls=504_010,
        answers=504_000,
        timeouts=8,
        crc_errors=2,
        cycle_s=0.2 + bank / 1000,
        plan_cycle_s=0.021 * egms,
        plan_period_s=max(0.2, 0.021 * egms),
        egms_up=egms,
        egms=egms,
    )


def event(sequence, seconds, asset, location, text, **more):
    return EventLine(
        sequence=sequence,
        time=ago(seconds),
        type=more.pop("type", "door.opened"),
        asset=asset,
        location=location,
        text=text,
        **more,
    )


def well_events(egms):
    return [
        event(0, (NOW - egm.last_event_at).total_seconds(), egm.asset, egm.location,
              egm.last_event, type=TYPES[egm.last_event])
        for egm in egms
        if egm.state in {EgmWord.PLAY, EgmWord.IDLE}
    ]  # fmt: skip


def numbered(events, first=90_000):
    """Number ``events`` in the order of their times, as a gateway does."""
    return [
        one.model_copy(update={"sequence": first + index})
        for index, one in enumerate(sorted(events, key=lambda one: one.time))
    ]


def snapshot(egms, lines, events, outbox, nats):
    return Snapshot(
        site="demo",
        gateway="edge1",
        birthid="b7f3",
        started=STARTED,
        egms=tuple(egms),
        lines=tuple(lines),
        outbox=outbox,
        nats=nats,
        events=tuple(numbered(events)),
    )


def healthy():
    """24 EGMs in 6 banks, all well, NATS connected."""
    egms = [well_egm(bank, position) for bank in range(1, 7) for position in range(1, 5)]
    return snapshot(
        egms,
        [well_line(bank) for bank in range(1, 7)],
        well_events(egms),
        OutboxStatus(depth=3, acknowledged=90_021, last_sequence=90_024, commit_ms=1.4),
        NatsStatus(
            connected=True,
            since=ago(7 * 3600 + 700),
            url="nats://127.0.0.1:4222",
            in_flight=3,
            words="events are delivered as they come",
        ),
    )


TROUBLES = {
    "10102": {
        "state": EgmWord.HANDPAY,
        "since": ago(192),
        "handpay": "1,250.00 USD jackpot",
        "carded": True,
        "last_event": "handpay pending 1,250.00 USD jackpot",
        "last_event_at": ago(12),
    },
    "10203": {
        "state": EgmWord.TILT,
        "since": ago(47),
        "tilts": ("bill jam",),
        "last_event": "tilt: bill jam",
        "last_event_at": ago(47),
    },
    "10304": {
        "state": EgmWord.DOOR,
        "since": ago(8),
        "doors_open": ("slot", "drop"),
        "last_event": "drop door opened",
        "last_event_at": ago(3),
    },
    "10401": {
        "state": EgmWord.DEGRADED,
        "since": ago(640),
        "link": LinkWord.DEGRADED,
        "link_quality": 0.71,
        "link_lately": "77653221",
        "link_reason": "29 of 100 polls failed, mostly CRC",
        "errors": 1_204,
        "timeouts": 31,
        "crc_errors": 1_150,
    },
    "10402": {
        "state": EgmWord.QUARANTINED,
        "since": ago(4_000),
        "last_event": "quarantined: answer to poll 2F",
        "last_event_at": ago(4_000),
    },
    "10503": {
        "state": EgmWord.LAMP,
        "since": ago(25),
        "last_event": "candle lit: change",
        "last_event_at": ago(25),
    },
    "10504": {
        "state": EgmWord.OUT,
        "since": ago(93_600),
        "credits": None,
        "last_event": "out of service",
        "last_event_at": ago(93_600),
    },
}
DOWN = {
    "state": EgmWord.DOWN,
    "since": ago(312),
    "link": LinkWord.DOWN,
    "link_quality": 0.0,
    "link_lately": "77210000",
    "link_reason": "no answer to 5 polls",
    "credits": None,
    "last_event": "link down",
    "last_event_at": ago(312),
}

TROUBLED_EVENTS = (
    ("link.down", 312, "10601", "link down: no answer to 5 polls", "warning"),
    ("link.down", 312, "10602", "link down: no answer to 5 polls", "warning"),
    ("link.down", 311, "10603", "link down: no answer to 5 polls", "warning"),
    ("link.down", 311, "10604", "link down: no answer to 5 polls", "warning"),
    ("handpay.pending", 192, "10102", "handpay pending", "warning"),
    ("handpay.amountknown", 191, "10102", "handpay 1,250.00 USD jackpot", "notice"),
    ("tilt.raised", 47, "10203", "tilt: bill jam", "warning"),
    ("lamp.on", 25, "10503", "candle lit: change", "notice"),
    ("handpay.pending", 12, "10102", "handpay pending 1,250.00 USD jackpot", "info"),
    ("door.opened", 8, "10304", "slot door opened", "critical"),
    ("door.opened", 3, "10304", "drop door opened", "critical"),
)


def troubled():
    """The same floor with every trouble at once: a whole line down and NATS away too."""
    calm = healthy()
    egms = [
        egm.model_copy(update=DOWN if egm.line == "L6" else TROUBLES.get(egm.asset, {}))
        for egm in calm.egms
    ]
    places = {egm.asset: egm.location for egm in egms}
    news = [
        event(0, seconds, asset, places[asset], text, type=kind, severity=severity,
              possible_repeat=text.startswith("handpay pending 1"))
        for kind, seconds, asset, text, severity in TROUBLED_EVENTS
    ]  # fmt: skip
    pulled = {"state": "waiting for the port", "since": ago(312), "egms_up": 0, "cycle_s": None}
    lines = [well_line(bank) for bank in range(1, 6)]
    lines.append(well_line(6).model_copy(update=pulled))
    return snapshot(
        egms,
        lines,
        [*well_events(egms), *news],
        OutboxStatus(depth=118, oldest_age_s=42.0, acknowledged=89_917, last_sequence=90_035),
        NatsStatus(
            connected=False,
            since=ago(42),
            url="nats://127.0.0.1:4222",
            words="nothing answers at 127.0.0.1:4222",
        ),
    )


def empty():
    """A gateway that was given neither lines nor EGMs."""
    calm = healthy()
    return snapshot(
        (), (), (), OutboxStatus(), calm.nats.model_copy(update={"in_flight": 0, "words": ""})
    )


def big(number=3_000):
    """A floor of ``number`` EGMs, 32 to a line; one in 50 in trouble."""
    egms = []
    for index in range(number):
        section, rest = divmod(index, 640)
        bank, position = divmod(rest, 8)
        egm = well_egm(index % 6 + 1, index % 4 + 1)
        changes = {
            "asset": str(20_000 + index),
            "location": f"{section + 1:02}-{bank + 1:02}-{position + 1:02}",
            "line": f"L{index // 32 + 1}",
            "address": index % 32 + 1,
        }
        if index % 50 == 0:
            changes |= DOWN
        egms.append(egm.model_copy(update=changes))
    lines = [well_line(line, 32) for line in range(1, number // 32 + 2)]
    return snapshot(egms, lines, well_events(egms[:100]), OutboxStatus(), healthy().nats)


FLOORS = {"healthy": healthy, "troubled": troubled, "empty": empty, "big": big}


def calls(floor):
    """What dispatch keeps about the sample floor of that name, key to JSON."""
    rows = (
        ("handpay-1", "open", "handpay", "10102", 191, "handpay 1,250.00 USD jackpot"),
        ("tilt-1", "open", "tilt", "10203", 47, "fault: bill jam"),
        ("lamp-1", "open", "lamp", "10503", 25, "lamp: change"),
        ("lamp-0", "closed", "lamp", "10301", 900, "change"),
    )
    return {
        f"demo.{callid}": (
            f'{{"callid": "{callid}", "state": "{state}", "kind": "{kind}", "asset": "{asset}", '
            f'"location": "01-{asset[1:3]}-{asset[3:]}", "opened": "{ago(age).isoformat()}", '
            f'"text": "{text}"}}'
        ).encode()
        for callid, state, kind, asset, age, text in (rows if floor == "troubled" else rows[-1:])
    }
