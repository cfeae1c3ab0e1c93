"""An index as a floor of that size fills it in a month, at a real floor's rates."""

import random
import sqlite3

from gateway.central.index.packing import pack
from gateway.central.index.store import SCHEMA
from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.events.streams import STREAM_OF_FAMILY
from gateway.meaning.exceptions import MEANT

DAY_NS = 86_400 * 1_000_000_000
END_NS = 1_795_000_000 * 1_000_000_000
OCCUPANCY = 0.30
# events of an EGM a day by type; play is kept for three days
RATES = {
    "game.started": 24 * OCCUPANCY * 600, "game.ended": 24 * OCCUPANCY * 600,
    "meter.read": 1440, "bill.accepted": 25, "ticket.printed": 14, "ticket.redeemed": 12,
    "door.opened": 0.7, "door.closed": 0.7, "cashbox.removed": 0.4, "cashbox.installed": 0.4,
    "lamp.on": 0.8, "lamp.off": 0.8, "tilt.raised": 0.74, "tilt.cleared": 0.74,
    "handpay.pending": 0.1, "handpay.amountknown": 0.1, "handpay.reset": 0.1, "link.gap": 0.1,
    "link.down": 0.02, "link.up": 0.02, "menu.entered": 0.2, "power.lost": 0.02,
}  # fmt: skip


def fill(path, machines, days=30, seed=1):
    """Write the index; return how many events it has."""
    chance = random.Random(seed)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    db.executescript(SCHEMA[0])
    db.execute("PRAGMA user_version = 1")
    assets = [f"1{n:04}" for n in range(machines)]
    places = [f"{n // 100 + 1:02}-{n // 10 % 10 + 1:02}-{n % 10 + 1:02}" for n in range(machines)]
    names = {}
    for text in ("", *assets, *places, *RATES):
        names.setdefault(text, len(names) + 1)
    db.executemany("INSERT INTO name VALUES (?, ?)", [(n, text) for text, n in names.items()])
    db.executemany(
        "INSERT INTO stood VALUES (?, ?)",
        [(names[place], names[asset]) for place, asset in zip(places, assets, strict=True)],
    )
    codes = {name: [code for code, row in MEANT.items() if row.event == name] for name in RATES}
    led = [(code, names[name]) for name, found in codes.items() for code in found]
    db.executemany("INSERT INTO led VALUES (?, ?)", led)
    bodies = {name: [body(name, n, codes[name]) for n in range(8)] for name in RATES}
    db.execute("BEGIN")
    total = 0
    ids = [(names[a], names[p]) for a, p in zip(assets, places, strict=True)]
    for day in range(days):  # as they come: a day after the other, all machines at once
        start_ns = END_NS - (days - day) * DAY_NS
        for name, rate in RATES.items():
            if name.startswith("game.") and day < days - 3:
                continue
            many = max(1, round(rate * machines))
            step = DAY_NS / many
            rows = (
                (asset, names[name], int(start_ns + n * step), found[n % len(found)], place,
                 bodies[name][n % 8])
                for n in range(many)
                for found in (codes[name] or [0],)
                for asset, place in (chance.choice(ids),)
            )  # fmt: skip
            db.executemany(
                "INSERT INTO event (asset, type, time_ns, code, location, body)"
                " VALUES (?, ?, ?, ?, ?, ?)", rows,
            )  # fmt: skip
            total += many
    db.execute("COMMIT")
    db.close()
    return total


def body(name, number, codes):
    row = CATALOGUE[name]
    assert STREAM_OF_FAMILY[row.family].keeps != "restricted"
    example = dict(row.example)
    if name == "meter.read":
        one = next(iter(example["meters"].values()))
        example["meters"] = {f"meter_number_{n}": one | {"count": 1000 + n} for n in range(10)}
    moment = Moment(0.0, END_NS + number)
    place = Place("casino", "edge1", "US-NV", line="L1", address=1, bank="01", zone="main",
                  location="01-01-01", linemode="host")  # fmt: skip
    fact = Fact(name, "10101", example, moment, occurred_after=moment, occurred_before=moment,
                sas_code=codes[0] if codes else None, raw="017F" * 4)  # fmt: skip
    stamp = Stamp("edge1", "6de2939910ae", 10_000 + number, 1 + number)
    return pack(decode(encode(fact, place, stamp, "2026-11-21").body))
