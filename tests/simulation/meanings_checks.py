"""Amounts, outages and tilts that the gateway told, held to the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal

from floor_sim.machine.cabinet import TILTS
from gateway.meaning.exceptions import MEANT
from tests.simulation.jumping import EPOCH_NS

MICRO_S = 2e-6  # moments are told in whole microseconds


def money(world, account, events):
    """Hold the amounts of handpays to the ledger, machine by machine and moment by moment."""
    true, told = defaultdict(Counter), defaultdict(Counter)
    for record in _handpays(world):
        true[record["egm"]][record["cents"]] += 1
    known, resets = {}, _resets(world)
    for event in events:
        if event.name == "handpay.amountdiffers":
            account.wrong.append(f"{event.asset}: {event.data}; seed {account.seed}")
        if event.name != "handpay.amountknown":
            continue
        cents = int(Decimal(event.data["amount"]["amount"]) * 100)
        if event.data["state"] == "pending" and cents not in _pending(world, event, resets):
            account.wrong.append(f"{event.asset}: {cents} of none that waits; seed {account.seed}")
        before, known[event.correlation] = known.get(event.correlation), cents
        if before is None:
            told[event.asset][cents] += 1
            account.money[event.data["amountsource"]] += 1
        elif before == cents:
            account.money["confirmed"] += 1  # by a better source: read after the meters
        else:
            account.wrong.append(f"{event.correlation}: {before} and {cents}; {account.seed}")
    for asset in true.keys() | told.keys():
        agree = true[asset] & told[asset]
        account.money["handpays"] += agree.total()
        account.money["unknown"] += (true[asset] - told[asset]).total()
        account.money["wrong"] += (told[asset] - true[asset]).total()
    account.handpays["true"] += sum(counts.total() for counts in true.values())
    account.handpays["entities"] += len(
        {one.correlation for one in events if one.family == "handpay" and one.correlation}
    )


def _handpays(world):
    """Return the records of the handpays that a machine waited with."""
    return [
        record
        for record in world.journal.records
        if record["what"] == "exception" and record["code"] == "51" and "cents" in record
    ]


def _resets(world):
    """Return when each handpay was reset, by the number of its record."""
    return {
        record["of"]: record["t"]
        for record in world.journal.records
        if record["what"] == "exception" and record["code"] == "52" and "of" in record
    }


def _pending(world, event, resets):
    """Return the amounts that a machine waited with at some moment of the event's bounds."""
    after, before = seconds_of(event.occurredafter or event.time), seconds_of(event.time)
    return {
        record["cents"]
        for record in _handpays(world)
        if record["egm"] == event.asset
        and record["t"] <= before
        and resets.get(record["n"], before) >= after - 1.0  # read just before its reset
    }


def outages(world, account, events):
    """Each power cut of several machines is told once, with these machines."""
    told = [event for event in events if event.name == "power.outage"]
    site = {egm.asset: egm for egm in world.site.egms}
    account.outages["told"] += len(told)
    for record in world.journal.records:
        fault = record.get("fault", {})
        if record["what"] != "fault" or fault.get("kind") != "power_cut" or "asset" in fault:
            continue
        scope = "bank" if "bank" in fault else "panel"
        dark = {asset for asset, egm in site.items() if getattr(egm, scope) == fault[scope]}
        if len(dark) < 2:
            continue
        account.outages["true"] += 1
        found = [one for one in told if set(one.data["assets"]) == dark]
        at = record["t"]
        held = [one for one in found if one.occurredafter is None
                or seconds_of(one.occurredafter) - MICRO_S <= at]  # fmt: skip
        if not held:
            account.wrong.append(f"power cut of {fault} is no outage; seed {account.seed}")


def tilts(world, account, events):
    """A tilt that is told as over was over at some moment of the event's bounds."""
    spans = _tilted(world)
    for event in events:
        if event.name != "tilt.cleared" or event.data["clearedby"] == "powerapplied":
            continue  # a machine that still tilts says so again after power
        code = next((code for code in TILT_CODES if _says(code, event.data)), None)
        before = seconds_of(event.occurredbefore)
        after = seconds_of(event.occurredafter) if event.occurredafter else 0.0
        for raised, mended in spans[event.asset, code]:
            if raised <= after and (mended is None or mended > before):
                account.wrong.append(f"{event.asset}: {event.data['words']} told as over at "
                                     f"{before:.3f}, and was not; seed {account.seed}")  # fmt: skip
        account.cleared += 1


def _tilted(world):
    """Return when each machine tilted: (machine, code) to [raised, mended]."""
    spans = defaultdict(list)
    for record in world.journal.records:
        if record["what"] == "exception" and int(record["code"], 16) in TILT_CODES:
            last = spans[record["egm"], int(record["code"], 16)]
            if not last or last[-1][1] is not None:
                last.append([record["t"], None])
        elif record["what"] == "mended":
            for code in record["codes"]:
                last = spans[record["egm"], int(code, 16)]
                if last and last[-1][1] is None:
                    last[-1][1] = record["t"]
    return spans


TILT_CODES = frozenset(TILTS.values())


def _says(code, data):
    meant = MEANT[code].data
    return meant["kind"] == data["kind"] and meant.get("reel") == data.get("reel")


def seconds_of(moment: datetime) -> float:
    """Return a wall time in the loop's seconds."""
    whole = moment - datetime.fromtimestamp(EPOCH_NS // 10**9, UTC)
    return whole.days * 86_400 + whole.seconds + whole.microseconds / 1e6
