"""What the rules rest on: no chapter is cited that was not seen, and no rule rests on nothing."""

import json

from floor_sim.judge.basis import BASES, CHAPTERS, GUIDE, HEADINGS
from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.rules import RULES, page
from tests.floor_sim.judge.transcripts import report_of


def test_every_topic_of_a_rule_rests_on_something_and_nothing_is_left_over():
    assert {row.topic for row in RULES} == BASES.keys()
    assert all(basis.words for basis in BASES.values())


def test_chapters_of_the_guide_are_cited_by_the_numbers_and_names_that_were_seen():
    for basis in BASES.values():
        assert {*basis.chapters} <= CHAPTERS.keys()
        assert {*basis.headings} <= HEADINGS
    said = BASES["loop break and sync"].words
    assert said == (
        "Montana DOJ guide 2.7 Error Conditions; Montana DOJ guide, Loop Break (number not seen); "
        "Montana DOJ guide, Link Down (number not seen)"
    )


def test_what_no_public_text_was_found_for_says_that_it_is_ours():
    own = {topic for topic, basis in BASES.items() if basis.words.startswith("ours:")}
    assert own == {
        "global long polls", "date and time", "retries", "configuration", "multi-denomination",
        "progressives",
    }  # fmt: skip


def test_page_and_report_name_the_guide_and_its_version_once():
    assert page().count(GUIDE) == 1
    told = json.loads(report_of("0.0 host 80*\n", rows=HOST_RULES).json())
    assert told["sources"][0] == GUIDE
    rules = {rule["rule"]: rule for rule in told["rules"]}
    assert rules["host.ack-late"]["rests_on"] == "Montana DOJ guide 2.6 Acknowledgement"
