"""Scenario files: what is wrong with one is told in one report."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge_config.loader import ConfigError, parse_toml
from floor_sim.scenarios.file import ScenarioFile
from floor_sim.scenarios.file_checks import mistakes_in
from floor_sim.scenarios.library import scenarios, shipped_names
from floor_sim.scenarios.plan import placed, plan

GOOD = """
title = "A door"
about = "It opens."
first_asset = 90100

[machines.a]
profile = "penny_video"

[[steps]]
does = "door open slot"

[[steps]]
told = "11"
"""


def problems(text):
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, ScenarioFile, "door.toml")
    return str(caught.value).splitlines()


def test_a_good_file_is_read():
    file = parse_toml(GOOD, ScenarioFile, "door.toml")
    assert [step.kind for step in file.steps] == ["does", "told"]


@pytest.mark.parametrize(
    ("was", "is_", "line", "says"),
    [
        ('"door open slot"', '"door open window"', 10, "is no door; there are slot"),
        ('"door open slot"', '"fly away"', 10, "something that can be done"),
        ('told = "11"', 'told = "1"', 13, 'a code in hex and in quotes, such as "51"'),
        ('told = "11"', 'sold = "11"', 12, "one of does, fault, people, event, told"),
        ('told = "11"', 'told = "11"\nrepeat = 3', 14, "a step with told takes no repeat"),
        ('told = "11"', 'told = "11"\nmachine = "b"', 14, "found 'b', expected one of a"),
        ('told = "11"', 'told = "11"\ntimes = 2\nnever = true', 15, "one of times, at_least"),
        ('told = "11"', 'event = "x.y"\ndata = { by = "$seen.call.id" }', 14, "a step above"),
        ('told = "11"', 'people = "come"', 13, "a table headed [people]"),
        ('told = "11"', 'fault = { kind = "pulled" }', 13, "slotsim faults"),
        ('told = "11"', 'fault = { kind = "lying_meter" }', 13, "meter"),
        ('told = "11"', 'event = "x.y"\ndata = { egm = "$asset.z" }', 14, "of the scenario: a"),
        ('told = "11"', 'event = "x.y"\ndata = { egm = "$machine.a" }', 14, "$asset.NAME"),
        ('told = "11"', 'fault = { kind = "power_cut", bank = "b" }', 13, "it has none"),
        ('"penny_video"', '"penny"', 7, "one of coin_hopper"),
        ('does = "door open slot"', 'does = "door open slot"\nname = "a"', None, ""),
        ('title = "A door"', "", None, "title"),
    ],
)
def test_what_is_wrong_is_told_with_line_key_found_expected_and_hint(was, is_, line, says):
    text = GOOD.replace(was, is_)
    if not says:
        assert parse_toml(text, ScenarioFile, "door.toml").steps[0].name == "a"
        return
    found = problems(text)
    assert any(says in one for one in found), found
    where = f"door.toml:{line}: " if line else "door.toml"
    assert any(one.startswith(where) for one in found), found


def test_every_mistake_is_in_the_one_report():
    text = GOOD.replace("slot", "window").replace('"11"', '"11"\nmachine = "z"')
    assert len(problems(text)) == 2


def test_a_scenario_that_looks_for_nothing_is_none():
    assert "nothing can fail" in problems(GOOD.replace('[[steps]]\ntold = "11"', ""))[0]


def test_a_machine_must_be_named_where_there_are_several():
    text = GOOD.replace("[[steps]]", "[machines.b]\n\n[[steps]]", 1)
    assert "machine, as there are several" in problems(text)[0]


def test_two_scenarios_may_not_share_a_machine_or_a_name():
    file = parse_toml(GOOD, ScenarioFile, "door.toml")
    with pytest.raises(ConfigError, match="machine 90100, expected machines of its own"):
        plan([placed("one", file, "one.toml"), placed("two", file, "two.toml")])
    with pytest.raises(ConfigError, match="another name"):
        plan([placed("one", file, "one.toml"), placed("one", file, "two.toml")])


def test_what_is_shipped_covers_what_a_floor_does():
    tags = {tag for one in scenarios() for tag in one.file.tags}
    assert tags >= {"doors", "power", "handpays", "meters", "tickets", "links", "fraud", "tax"}
    assert len(shipped_names()) >= 30
    plan(scenarios())


def test_a_name_that_is_none_says_where_names_are():
    with pytest.raises(ConfigError, match="slotsim scenario list"):
        scenarios(["no-such-thing"])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(
        ["a", "$asset.a", "$seen", "$seen.x.y", "$bank.", "door open slot", "11", "pull", "come"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([
            "does", "fault", "people", "event", "told", "poll", "record", "account", "machine",
            "machines", "name", "data", "kind", "bank", "panel", "profile", "steps", "a", "times",
            "never",
        ]),
        inner, max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@example(data={"steps": [{"fault": {"kind": ["pull"], "bank": 1}}, {"does": 7}, {"told": {}}]})
@example(data={"steps": [{"event": "x", "data": {"a": ["$seen.x"]}, "name": []}], "machines": 1})
@given(data=st.dictionaries(st.sampled_from(["machines", "steps", "people"]), VALUES, max_size=3))
def test_no_file_is_too_strange_to_be_told_what_is_wrong_with_it(data):
    for mistake in mistakes_in(data):
        assert mistake.expected
