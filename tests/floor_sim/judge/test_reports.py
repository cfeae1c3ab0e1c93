"""Reports: for people, as JSON and JUnit; findings that are accepted; captures of all kinds."""

import json
from xml.etree import ElementTree as ET

import pytest

from floor_sim.judge.baseline import Baseline, BaselineError, baseline_text, read_baseline
from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.report import Verdict
from floor_sim.judge.rules import PAGE, RULES, page
from protocols.sas.capture_reader import read_capture
from tests.floor_sim.judge.transcripts import HEAD, judged, report_of

FAST = """
0.000000 host 80*
0.100000 host 81*
0.104000 egm 11
0.120000 host 80*
0.200000 host 81*
0.204000 egm 00
"""
"""A host that polls one EGM twice within 100 ms, and keeps the other rules."""
AGAIN = FAST + "0.25 host 80*\n0.3 host 81*\n0.304 egm 12\n0.5 host 80*\n"


def tally(report, rule):
    return next(tally for tally in report.tallies if tally.row.id == rule)


def test_a_finding_says_what_happened_with_its_rule_its_source_and_what_passed_on_the_wire():
    text = report_of(FAST, rows=HOST_RULES).text()
    assert "ERROR host.poll-too-fast: 1 of 1 times" in text
    assert "polling rate: Montana DOJ guide 2.4 Polling; Montana DOJ guide 2.5 Timing" in text
    assert "L1 at 0.200 s: EGM 1 was asked again after 100 ms" in text
    assert "      0.104000 egm 11\n" in text
    assert text.splitlines()[-1].startswith("FAIL: 1 broken")
    assert "Not exercised: host.handpay-unread" in text


def test_an_excerpt_is_a_capture_that_can_be_read_again():
    finding = next(iter(judged(AGAIN)["host.poll-too-fast"].findings.values()))
    captures, problems = read_capture([*HEAD.splitlines(), *finding.excerpt])
    assert not problems
    assert len(captures[0].bursts) == len(finding.excerpt) == 4
    assert finding.times == 2


def test_the_numbers_of_tickets_are_in_no_report():
    number = "12 34 56 78 90 12 34 56 78"
    report = report_of(
        "0.0 host 80*\n0.1 host 01* 70\n"
        f"0.104 egm 01 70 10 00 00 00 00 05 00 00 {number} crc\n0.15 host 80*\n"
        f"0.2 host 01* 71 10 00 00 00 00 05 00 00 {number} crc\n0.21 host 80*\n"
    )
    for text in (report.text(), report.json(), report.junit()):
        assert "71" in text
        assert "** **" in text
        assert "34 56 78" not in text.lower()


def test_as_json_every_rule_has_its_verdict():
    told = json.loads(report_of(FAST, rows=HOST_RULES).json())
    assert (told["verdict"], told["lines"], told["messages"]) == ("FAIL", ["L1"], 4)
    rules = {rule["rule"]: rule for rule in told["rules"]}
    assert set(rules) == {row.id for row in HOST_RULES}
    assert rules["host.poll-too-fast"]["verdict"] == "broken"
    assert rules["host.impatient"]["verdict"] == "kept"
    assert rules["host.b0-base"]["verdict"] == "not exercised"
    assert rules["host.poll-too-fast"]["findings"][0]["at_s"] == 0.2


def test_as_junit_a_rule_is_a_test_case_and_what_never_came_up_is_skipped():
    suite = ET.fromstring(report_of(FAST, rows=HOST_RULES).junit())
    cases = {case.get("name"): case for case in suite}
    assert len(cases) == len(HOST_RULES) == int(suite.get("tests"))
    assert suite.get("failures") == "1"
    assert cases["host.poll-too-fast"].find("failure").text.count("81*") == 2
    assert cases["host.impatient"].find("failure") is cases["host.impatient"].find("skipped")
    assert cases["host.b0-base"].find("skipped") is not None
    assert int(suite.get("skipped")) == len(suite.findall(".//skipped"))


def test_what_a_baseline_knows_fails_nobody_and_what_is_new_does(tmp_path):
    path = tmp_path / "known.json"
    path.write_text(baseline_text(report_of(FAST).findings))
    rules = [row.id for row in RULES]
    report = report_of(FAST)
    accepted = type(report)(report.tallies, *_rest(report), baseline=read_baseline(path, rules))
    assert not accepted.failed
    assert accepted.verdict(tally(accepted, "host.poll-too-fast")) is Verdict.ACCEPTED
    assert "ACCEPTED host.poll-too-fast" in accepted.text()
    worse = report_of(FAST + "0.5 host 01* A0 00 00 00 00\n0.504 egm 81\n")
    judged_again = type(worse)(worse.tallies, *_rest(worse), baseline=read_baseline(path, rules))
    assert judged_again.failed
    assert "ERROR host.crc-wrong" in judged_again.text()


def _rest(report):
    return report.lines, report.seconds, report.messages, report.remarks


def test_what_was_accepted_and_did_not_happen_is_told():
    report = report_of(FAST, rows=HOST_RULES)
    known = Baseline([("host.poll-too-fast", ""), ("host.crc-wrong", "poll A0")])
    text = type(report)(report.tallies, *_rest(report), baseline=known).text()
    assert "Accepted, and not seen: host.crc-wrong (poll A0)\n" in text
    assert text.splitlines()[-1].startswith("PASS")


@pytest.mark.parametrize(("text", "why"), [
    ("[]", "no list"), ("nonsense", "no JSON"), ('{"accepted": [{"rule": "host.x"}]}', "host.x"),
    ('{"accepted": [{"rule": "host.uneven", "about": 1}]}', "about is a text"),
])  # fmt: skip
def test_a_file_that_is_no_baseline_is_refused_with_the_reason(tmp_path, text, why):
    (tmp_path / "known.json").write_text(text)
    with pytest.raises(BaselineError, match=why):
        read_baseline(tmp_path / "known.json", [row.id for row in RULES])
    with pytest.raises(BaselineError, match="No such file"):
        read_baseline(tmp_path / "missing.json", [])


def test_a_note_fails_nobody():
    polls = "".join(f"{n / 2:.1f} host 80*\n{n / 2 + 0.1:.1f} host E3*\n" for n in range(12))
    one = "0.0 host 81*\n0.1 host 80*\n0.2 host 81*\n0.203 egm 00\n"
    moved = "".join(f"{n / 2 + 1:.1f} host E3*\n" for n in range(12))
    assert not judged(one + moved)["host.nobody-there"].findings  # it may stand for 80
    report = report_of(polls, rows=HOST_RULES)
    assert report.verdict(tally(report, "host.nobody-there")) is Verdict.NOTED
    assert not report.failed


def test_without_ninth_bits_and_without_speakers_the_report_says_what_that_means():
    head = "sas-capture 1\nline: L1\nninth-bits: unknown\n\n"
    report = report_of(FAST.replace("*", "").replace("host", "unknown").replace("egm", "unknown"),
                       head=head, rows=HOST_RULES)  # fmt: skip
    assert tally(report, "host.wakeup-missing").chances == 0
    assert any("ninth bits are not known" in remark for remark in report.remarks)
    assert any("guessed" in remark for remark in report.remarks)
    assert tally(report, "host.poll-too-fast").findings


def test_masked_bytes_are_not_judged():
    report = report_of(
        "0.0 host 80*\n0.1 host 01* 3D\n"
        "0.104 egm 01 3D ** ** ** ** 00 00 00 05 00 ** **\n0.2 host ** ** **\n0.3 host 80*\n"
    )
    assert report.findings == []
    assert any("2 messages have masked bytes" in remark for remark in report.remarks)


def test_the_end_of_a_transfer_is_to_be_asked_for():
    rows = {row.id: row for row in HOST_RULES}
    cancel = "0.1 host 01* 72 01 80 crc\n0.104 egm 01 72 02 00 80 crc\n0.2 host 80*\n"
    told = "0.3 host 81*\n0.304 egm 69\n0.4 host 80*\n"
    on = "".join(f"{1 + n / 2:.1f} host 80*\n{1.3 + n / 2:.1f} host 81*\n"
                 f"{1.304 + n / 2:.3f} egm 00\n" for n in range(40))  # fmt: skip
    missing = judged(cancel + told + on)["host.transfer-end-unread"]
    assert [finding.severity for finding in missing.findings.values()] == [
        rows["host.transfer-end-unread"].severity
    ]
    asked = "0.6 host 01* 72 02 FF 00 crc\n0.604 egm 01 72 02 00 00 crc\n0.8 host 80*\n"
    kept = judged(cancel + told + asked + on)["host.transfer-end-unread"]
    assert kept.chances == 1
    assert not kept.findings


BUILT_WRONG = {
    "0.0 host 01* 2F 01 00 00 00 0B 12 34\n": {"host.length-byte"},
    "0.0 host 01* 2F 04 00 00 00 crc 01\n": {"host.crc-wrong"},
    "0.0 host 01* 2F 03 00 00 00 crc 01\n": {"host.length-byte"},
    "0.0 host 81* 2F 04 00 00 00 0B crc\n": {"host.bytes-behind-poll"},
    "0.0 host 01* 1A crc\n": {"host.crc-on-read"},
    "0.0 host 01* 1A 00\n": {"host.bad-data"},
    "0.0 host 01* A0 00 00\n0.2 host 80*\n": {"host.message-cut"},
    "0.0 host 01* A0* 00 00 crc\n": {"host.wakeup-extra"},
    "0.0 host 01 A0 00 00 crc\n": {"host.wakeup-missing"},
    "0.0 host 01* A0 00 0A crc\n": {"host.bad-data"},
    "0.0 host 00* 1A\n": {"host.not-for-all"},
    "0.0 host 01* 7F 02 30 20 26 01 02 03 crc\n": {"host.impossible-date"},
}  # fmt: skip


@pytest.mark.parametrize(("text", "rules"), BUILT_WRONG.items())
def test_a_message_that_is_built_wrong_is_told_for_what_is_wrong_with_it(text, rules):
    found = {tally.row.id for tally in report_of(text, rows=HOST_RULES).tallies if tally.findings}
    assert found == rules


def test_the_page_of_rules_is_up_to_date():
    assert PAGE.read_text("utf-8") == page(), "slotsim judge --write-rules"
    assert len({row.says for row in RULES}) == len(RULES)
