"""Whether all is well, in words."""

from datetime import UTC, timedelta

from gateway.console.calls import Calls
from gateway.console.floor import Contact, Floor, Reach
from gateway.console.glyphs import UNICODE
from gateway.console.sight import Sight, Tone
from gateway.console.status_words import (
    calls_words,
    contact_words,
    lines_words,
    nats_words,
    status_rows,
)
from gateway.status.model import OutboxStatus
from tests.gateway.console import sample_floors
from tests.gateway.console.sample_floors import NOW, ago


def known(snapshot, contact=Contact.LIVE, **changes):
    floor = Floor(NOW)
    floor.apply(snapshot.model_copy(update=changes))
    floor.heard(ago(5))
    floor.reached(Reach(contact, ago(3), "nothing at run/status.sock"))
    return floor


def sight(floor, now=NOW):
    return Sight(now, UTC, UNICODE, floor.stale)


def said(words):
    return "".join(one.text for one in words)


def test_nats_away_says_since_when_what_is_kept_and_that_polling_goes_on():
    floor = known(sample_floors.troubled())
    assert nats_words(floor, sight(floor))[0].text == (
        "NATS away 0:42, 118 events kept on disk, polling goes on"
    )


def test_the_age_of_the_trouble_goes_on_between_two_words_of_the_gateway():
    floor = known(sample_floors.troubled())
    later = sight(floor, NOW + timedelta(seconds=20))
    assert nats_words(floor, later)[0].text.startswith("NATS away 1:02,")


def test_polling_is_not_said_to_go_on_where_no_line_polls():
    lines = tuple(
        line.model_copy(update={"state": "stopped: another host polls here"})
        for line in sample_floors.healthy().lines
    )
    floor = known(sample_floors.troubled(), lines=lines)
    assert "polling goes on" not in said(nats_words(floor, sight(floor)))


def test_an_outbox_that_cannot_store_comes_before_everything_else():
    outbox = OutboxStatus(state="disk full", depth=9)
    floor = known(sample_floors.troubled(), outbox=outbox)
    words = nats_words(floor, sight(floor))[0]
    assert words.text == "OUTBOX CANNOT STORE: disk full; 9 events kept on disk"
    assert words.tone is Tone.BAD


def test_refused_events_are_never_passed_over():
    for snapshot in (sample_floors.healthy(), sample_floors.troubled()):
        refused = snapshot.outbox.model_copy(update={"refused": 2})
        floor = known(snapshot, outbox=refused)
        words = nats_words(floor, sight(floor))[0]
        assert ", 2 REFUSED" in words.text
        assert words.tone is Tone.WARN


def nats_with(**changes):
    nats = sample_floors.healthy().nats.model_copy(update=changes)
    floor = known(sample_floors.healthy(), nats=nats)
    return nats_words(floor, sight(floor))


def test_a_gateway_that_yielded_says_so_instead_of_everything_else():
    text = "NOT POLLING: another gateway demo/edge1 is live (process 8 on edge-b)"
    words = nats_with(name="yielded", name_words=text)
    assert [(one.text, one.tone) for one in words] == [(text, Tone.BAD)]


def test_what_an_acknowledgement_is_worth_is_said_unless_it_is_sound():
    weak = "weak: an acknowledged event may be lost if the server's computer loses power"
    words = nats_with(durability="weak", durability_words=weak)
    assert (words[-1].text, words[-1].tone) == (f"; durability {weak}", Tone.WARN)
    words = nats_with(durability="unknown", durability_words="unknown: monitoring port not given")
    assert words[-1].text == "; durability unknown: monitoring port not given"
    assert words[-1].tone is Tone.QUIET
    plain = said(nats_with())
    assert said(nats_with(durability="sound", durability_words="sound: one copy")) == plain
    away = nats_with(connected=False, durability="weak", durability_words=weak)
    assert weak not in said(away)


def test_a_name_that_nobody_could_confirm_is_a_warning():
    words = nats_with(name="unconfirmed", name_words="whether another gateway is live is not known")
    assert words[-1].tone is Tone.WARN
    assert words[-1].text == "; whether another gateway is live is not known"


def test_a_well_connection_says_how_long_and_how_much():
    floor = known(sample_floors.healthy())
    assert said(nats_words(floor, sight(floor))) == (
        "NATS connected 7h11, 3 under way, 90,021 acknowledged (events are delivered as they come)"
    )


def test_events_behind_those_under_way_are_told():
    outbox = OutboxStatus(depth=40, acknowledged=1)
    floor = known(sample_floors.healthy(), outbox=outbox)
    assert "40 events waiting, 3 under way" in said(nats_words(floor, sight(floor)))


def test_a_line_that_does_not_work_is_named_with_its_reason_and_how_long():
    floor = known(sample_floors.troubled())
    assert lines_words(floor, sight(floor)).text == (
        "5 of 6 lines work; L6 waiting for the port 5:12; 20 of 24 EGMs answer"
    )


def test_lines_that_work_tell_their_turn_and_their_bad_answers():
    floor = known(sample_floors.healthy())
    assert lines_words(floor, sight(floor)).text == (
        "6 lines polling, 24 of 24 EGMs answer, a turn takes 0.21 s, 12 bad answers"
    )


def test_a_gateway_that_went_away_is_told_with_the_moment_of_what_is_shown():
    floor = known(sample_floors.healthy(), Contact.AWAY)
    words = contact_words(floor, sight(floor))
    assert words.text == "GATEWAY AWAY 0:03, all is as it was at 21:04:31"
    assert words.tone is Tone.BAD


def test_while_the_gateway_is_away_its_words_about_nats_are_history():
    floor = known(sample_floors.troubled(), Contact.AWAY)
    why, then = status_rows(floor, sight(floor))
    assert said(why) == "nothing at run/status.sock"
    assert said(then).startswith("it was: NATS away 0:37, 118 events kept on disk; 5 of 6 lines")
    assert "polling goes on" not in said(then)


def test_nothing_is_claimed_before_the_gateway_answered():
    floor = Floor(NOW)
    assert contact_words(floor, sight(floor)).text == "waiting 0:00 for the gateway"
    assert said(nats_words(floor, sight(floor))) == (
        "NATS and outbox: not known before the gateway answers"
    )
    assert lines_words(floor, sight(floor)).text == "Lines: not known yet"


def test_calls_that_cannot_be_seen_are_called_old():
    calls = Calls(NOW)
    floor = Floor(NOW)
    assert calls_words(calls, sight(floor)).text == "Calls: not connected"
    calls.replace(sample_floors.calls("troubled"), NOW)
    assert calls_words(calls, sight(floor)).text == "Calls: 3 open"
    calls.away("nothing answers", ago(30))
    assert calls_words(calls, sight(floor)).text == "Calls: 3 open, OLD: NATS away 0:30"
