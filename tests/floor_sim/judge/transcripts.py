"""What is judged, written as a capture: the CRC is put in where ``crc`` stands."""

from __future__ import annotations

import re

from floor_sim.judge.captured import judge_captures
from floor_sim.judge.rule import Settings
from floor_sim.judge.rules import RULES
from protocols.sas.capture_reader import read_capture
from protocols.sas.crc import crc16

HEAD = "sas-capture 1\nline: L1\nninth-bits: known\n\n"


def sealed(match):
    body = bytes.fromhex(match[1].replace("*", ""))
    return f"{match[1]}{crc16(body).to_bytes(2, 'little').hex(' ')}"


def report_of(text, *, rows=RULES, control=True, head=HEAD):
    """Return the report on ``text``: a burst a line, with seconds, who, and bytes."""
    lines = [
        re.sub(r"((?:[0-9A-Fa-f]{2}\*? )+)crc", sealed, line.strip())
        for line in text.strip().splitlines()
    ]
    captures, problems = read_capture((head + "\n".join(lines) + "\n").splitlines())
    assert not problems, problems
    return judge_captures(captures, rows, Settings(control=control))


def judged(text, **settings):
    """Return what each rule has come to."""
    return {tally.row.id: tally for tally in report_of(text, **settings).tallies}
