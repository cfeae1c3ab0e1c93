"""The simulator's ledger, as its file stands."""

import pytest

from gateway.demo.judge import Entry, Fate
from gateway.demo.ledger import LedgerError, ledger_bytes, read_ledger

HAPPENED = '{"n":7,"t":"2026-01-01T00:00:00Z","egm":"10101","what":"exception","code":"7E"}\n'
ACKED = '{"n":9,"t":"x","egm":"10101","what":"acked","code":"7E","of":7,"port":0}\n'
LOST = '{"n":10,"t":"x","egm":"10101","what":"lost","code":"7E","of":7,"reason":"y","port":0}\n'
POWER = '{"n":11,"t":"x","egm":"10101","what":"power","on":false}\n'


def write(folder, *lines, name="ledger.jsonl"):
    (folder / name).write_text("".join(lines))


def test_fates_are_tied_to_their_exception_by_its_number(tmp_path):
    write(tmp_path, HAPPENED, ACKED, POWER, LOST)
    assert list(read_ledger(tmp_path)) == [
        Entry("10101", Fate.HAPPENED, 7, 0x7E),
        Entry("10101", Fate.HANDED_OVER, 7, 0x7E),
        Entry("10101", Fate.LOST, 7, 0x7E),
    ]


def test_what_befalls_the_other_hosts_port_is_not_ours(tmp_path):
    write(tmp_path, HAPPENED, ACKED.replace('"port":0', '"port":1'))
    assert [entry.fate for entry in read_ledger(tmp_path)] == [Fate.HAPPENED]


def test_an_exception_that_our_port_does_not_report_is_not_ours(tmp_path):
    write(tmp_path, HAPPENED.replace("}", ',"ports":[1]}'))
    assert list(read_ledger(tmp_path)) == []
    assert [entry.number for entry in read_ledger(tmp_path, port=1)] == [7]


def test_older_files_come_first(tmp_path):
    write(tmp_path, ACKED)
    write(tmp_path, HAPPENED, name="ledger.000001.jsonl")
    assert [entry.fate for entry in read_ledger(tmp_path)] == [Fate.HAPPENED, Fate.HANDED_OVER]
    assert ledger_bytes(tmp_path) == len(ACKED) + len(HAPPENED)


def test_a_torn_last_line_did_not_happen(tmp_path):
    write(tmp_path, HAPPENED, ACKED[:20])
    assert len(list(read_ledger(tmp_path))) == 1


@pytest.mark.parametrize("line", ["{}\n", "x\n", "[]\n", ACKED.replace("7E", "XY")])
def test_a_damaged_line_is_told_with_its_place(tmp_path, line):
    write(tmp_path, HAPPENED, line)
    with pytest.raises(LedgerError, match=r"ledger\.jsonl:2: not a line of a ledger"):
        list(read_ledger(tmp_path))


def test_without_a_ledger_nothing_can_be_judged(tmp_path):
    with pytest.raises(LedgerError, match="No such file"):
        list(read_ledger(tmp_path))
    assert ledger_bytes(tmp_path) == 0
