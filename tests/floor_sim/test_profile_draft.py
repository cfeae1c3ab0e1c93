"""A profile drafted from a capture is the machine that was captured, as far as it was asked."""

import tomllib
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_config.loader import parse_toml
from floor_sim.black_box import BlackBox
from floor_sim.cli.main import main
from floor_sim.profile import Profile
from floor_sim.profile_draft import draft
from floor_sim.profile_library import shipped_names
from floor_sim.recording import Answer, Answers, Recording, recordings
from protocols.sas.capture_reader import read_capture
from protocols.sas.crc import with_crc
from protocols.sas.polls import long_poll
from tests.floor_sim.conftest import Conversation
from tests.floor_sim.test_profiles import machine_of

ASKED = [
    (0x54, {}), (0x1F, {}), (0xA0, {"game": 0}), (0x51, {}), (0xB2, {}), (0xB3, {}), (0x1C, {}),
    (0x2F, {"game": 0, "codes": [0x00, 0x01]}),
    (0x6F, {"game": 0, "codes": [0x0000, 0x0001, 0x00A0, 0x0005]}),
    (0x53, {"game": 1}), (0x53, {"game": 2}), (0xB5, {"game": 2}),
]  # fmt: skip


def capture_of(name):
    """Poll a machine of a shipped profile, and return what passed as a capture file."""
    talk = Conversation(machine_of(name))
    box = BlackBox([talk.line])
    talk.sync()
    for command, fields in ASKED:
        for _ in range(2):
            talk.says(long_poll(1, command, **fields).hex())
            talk.says("81")
            talk.sync()
    zero = datetime(2026, 11, 21, tzinfo=UTC)
    return box.text(lambda now: zero + timedelta(seconds=now))


def drafted(name):
    captures, problems = read_capture(capture_of(name).splitlines())
    assert not problems
    (recording,) = recordings(captures)
    return draft(recording, 1)


READABLE = [name for name in shipped_names() if name != "even_parity"]
"""A board whose ninth bit is parity is cut to pieces by whoever reads the capture."""


@pytest.mark.parametrize("name", READABLE)
def test_the_draft_is_the_machine_that_was_captured(name):
    built = machine_of(name)
    again = parse_toml(drafted(name), Profile, "draft").settings()
    assert again["sas_version"] == built.sas_version
    assert again["denomination_code"] == built.denomination_code
    assert again["par_percent"] == built.par_percent
    assert again["paytable_id"] == built.paytable_id
    assert max(again["bets"]) == min(255, max(b for n in built.game_numbers
                                              for b in built.game(n).bets))  # fmt: skip
    assert {*again["polls_off"]} >= built.polls_off & {command for command, _ in ASKED}
    if 0xA0 not in built.polls_off:
        assert again["validation"] == built.validation
        assert again["ticket_redemption"] is built.ticket_redemption
        assert bool(again["transfers"]) is bool(built.transfers)
    assert len(again["games"]) == len(built.games)


def test_manners_are_drafted_too():
    profile = parse_toml(drafted("idle_1f"), Profile, "draft")
    assert profile.wire.idle == "1F"
    low, high = profile.turn_round_s
    assert 0.008 <= low <= high <= 0.021
    sizes = parse_toml(drafted("long_meters"), Profile, "draft")
    assert sizes.meter_sizes == {"in_house_cashable_to_egm_cents": 18, "games_played": 10}
    assert sizes.meter_digits == 12


def test_what_the_capture_does_not_hold_is_named():
    text = drafted("quarter_reels")
    assert "Poll 6F was not answered there" in text
    assert "Poll 54" not in text


def test_the_command_prints_it_and_tells_what_it_cannot(tmp_path):
    path = tmp_path / "one.capture"
    path.write_text(capture_of("penny_video"))
    run = CliRunner().invoke
    done = run(main, ["profile", "draft", str(path)])
    assert done.exit_code == 0
    assert parse_toml(done.stdout, Profile, "draft").game_id == "PV"
    assert run(main, ["profile", "draft", str(path), "--address", "2"]).exit_code == 2
    assert run(main, ["profile", "draft", str(tmp_path / "none")]).exit_code == 2
    listed = run(main, ["profile", "list"]).output
    assert all(name in listed for name in shipped_names())
    assert 'game_id = "PV"' in run(main, ["profile", "show", "penny_video"]).output
    assert run(main, ["profile", "show", "penny"]).exit_code == 2


BYTES = st.binary(max_size=40)
COMMANDS = st.sampled_from([0x1F, 0x51, 0x53, 0x54, 0x6F, 0xA0, 0xA4, 0xAF, 0xB2, 0xB5, 0x00, 0xFF])


@settings(max_examples=150, deadline=None)
@given(
    said=st.lists(
        st.tuples(COMMANDS | st.none(), BYTES, BYTES, st.floats(0, 1), st.booleans()), max_size=12
    )
)
def test_whatever_a_capture_holds_the_draft_is_toml(said):
    recording = Recording("L1")
    for command, asked, answered, after_s, sealed in said:
        poll = b"\x81" if command is None else with_crc(bytes([1, command]) + asked)
        front = b"" if command is None else bytes([1, command])
        data = with_crc(front + answered) if sealed else answered
        answers = recording.polls.setdefault((poll, ()), Answers(poll))
        answers.recorded.append(Answer(data, after_s))
    assert tomllib.loads(draft(recording, 1)).keys() <= set(Profile.model_fields)
