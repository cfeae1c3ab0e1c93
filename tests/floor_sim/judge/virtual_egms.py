"""The examining host against machines in virtual time."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta

from floor_sim.doings import do
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.judge.egm_exam import ExaminingHost
from floor_sim.judge.egm_rules import EGM_RULES
from floor_sim.judge.egm_run import judge_egms
from floor_sim.judge.judge import Judge
from floor_sim.judge.rule import Settings
from floor_sim.machine.journal import MemoryJournal
from protocols.sas.symbols import from_host

ZERO = datetime(2026, 1, 2, tzinfo=UTC)
HEAD = '[floor]\nname = "exam"\nseed = 1\nrun_folder = "run"\n'
LINE = '[[lines]]\nname = "L1"\nport = "lines/L1"\ngap_s = 0.005\nchirp = true\n'
EGM = '[[egms]]\nasset = "{0}"\nline = "L1"\naddress = {0}\nprofile = "kind"\n'
STORY = (
    (2.0, "door open slot"), (2.5, "door close slot"), (3.0, "bill 20"), (3.4, "game start 40"),
    (3.8, "game end"), (4.2, "jackpot 1500"), (9.0, "handpay reset"),
)  # fmt: skip


class VirtualPort:
    """The host's end of a simulated line; the floor's people act when they are due."""

    def __init__(self, floor, line):
        self._floor, self._line, self._now = floor, line, 0.0

    def now(self):
        return self._now

    def write(self, message):
        self._line.host_write(message, self._now, from_host(message).wakeup)
        return from_host(message)

    def listen(self, until):
        while True:
            dues = [due for due in (self._floor.next_due(), self._line.next_due()) if due]
            due = min(dues, default=until)
            if due > until:
                break
            self._now = max(self._now, due)
            self._floor.run(self._now)
            yield from self._line.take_symbols(self._now)
        self._now = until


def examined(kind="", *, egms=(1,), faults=(), story=STORY, seconds=28.0, exam=True, control=False,
             seed=1, change=None):  # fmt: skip
    """Return what the judge has come to, after ``story`` happened to the first machine.

    Args:
        kind: what a profile of these machines says.
        change: given the floor before it begins.
    """
    text = HEAD + "[profiles.kind]\n" + kind + "\n" + LINE
    text += "".join(EGM.format(address) for address in egms)
    floor = Floor(FloorFile.model_validate(tomllib.loads(text)), MemoryJournal(), {}, seed=seed)
    floor.start(0.0, playing=False)
    if change is not None:
        change(floor)
    first = floor.machines[str(egms[0])]
    for at, words in story:
        floor.agenda.at(at, lambda now, words=words: do(first, words, now))
    for fault in faults:
        floor.faults.add(
            floor.faults.read(fault if "asset" in fault else {"line": "L1", **fault}), 0.0
        )
    judge = Judge("L1", EGM_RULES, Settings())
    host = ExaminingHost(
        egms, lambda now: ZERO + timedelta(seconds=now), exam=exam, control=control
    )
    judge_egms(VirtualPort(floor, floor.lines["L1"]), host, judge, seconds)
    return {tally.row.id: tally for tally in judge.end()}
