"""Two lines in virtual time: two machines on one, one on the other; a host is examined on both."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.judge.exam import EXAM_S, begin_exam
from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.judge import Judge, together
from floor_sim.judge.rule import Settings
from floor_sim.machine.journal import MemoryJournal
from tests.floor_sim.judge.model_host import ModelHost

FLOOR = """
[floor]
name = "exam"
seed = 1
run_folder = "run"

[profiles.able]
ticket_limit = "20000.00"
polls_off = ["AF", "4F"]

[profiles.able.abilities]
validation = "system"
ticket_redemption = true
handpay_to_credits = true
denominations = ["0.01", "0.05"]
progressive_group = 1
progressive_levels = [1]
"""
LINE = '[[lines]]\nname = "{0}"\nport = "lines/{0}"\ngap_s = 0.005\n'
EGM = '[[egms]]\nasset = "{0}"\nline = "{1}"\naddress = {2}\nprofile = "able"\n'


def exam_floor(seed=1):
    text = FLOOR + "".join(LINE.format(name) for name in ("L1", "L2"))
    text += EGM.format("101", "L1", 1) + EGM.format("102", "L1", 2) + EGM.format("201", "L2", 3)
    return Floor(FloorFile.model_validate(tomllib.loads(text)), MemoryJournal(), {}, seed=seed)


def examine(habits, *, seed=1, rows=HOST_RULES, control=True, seconds=EXAM_S, until="",
            wire_time=False):  # fmt: skip
    """Return what the judges have come to; ``until`` ends it when that rule was broken."""
    floor = exam_floor(seed)
    judges, hosts = [], []
    for line in floor.lines.values():
        line.settings = replace(line.settings, chirp=True, wire_time=wire_time)
        judge = Judge(line.name, rows, Settings(control=control))
        line.taps.append(judge.hear)
        judges.append(judge)
        hosts.append(ModelHost(line, habits, seed))
        begin_exam(floor, line, 0.0)
    floor.start(0.0, playing=False)
    now = 0.0
    found = [tally for judge in judges for tally in judge.tallies if tally.row.id == until]
    while now < seconds and not any(tally.findings for tally in found):
        dues = [floor.next_due(), *(host.due for host in hosts)]
        now = max(now, min(due for due in dues if due is not None))
        floor.run(now)
        for host in hosts:
            if host.due <= now:
                host.act(now)
    for judge in judges:
        judge.pass_time(now)
    return together(judge.end() for judge in judges)
