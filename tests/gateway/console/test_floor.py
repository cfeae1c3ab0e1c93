"""The floor as the console knows it: a snapshot and what changed since."""

from datetime import timedelta

from gateway.console.floor import EVENTS_MAX, GAMES_MAX, Contact, Floor, Reach
from gateway.status.model import (
    EgmDelta,
    EgmWord,
    EventDelta,
    LineDelta,
    NatsDelta,
    OutboxDelta,
)
from tests.gateway.console import sample_floors
from tests.gateway.console.sample_floors import NOW


def floor_of(snapshot):
    floor = Floor(NOW)
    floor.apply(snapshot)
    return floor


def test_a_snapshot_replaces_the_floor():
    floor = floor_of(sample_floors.healthy())
    floor.apply(sample_floors.empty())
    assert (floor.egms, floor.lines) == ({}, {})


def test_changes_replace_what_they_name_and_nothing_else():
    healthy, troubled = sample_floors.healthy(), sample_floors.troubled()
    floor = floor_of(healthy)
    floor.apply(EgmDelta(egm=troubled.egms[1]))
    floor.apply(LineDelta(line=troubled.lines[5]))
    floor.apply(OutboxDelta(outbox=troubled.outbox))
    floor.apply(NatsDelta(nats=troubled.nats))
    assert floor.egms["10102"].state is EgmWord.HANDPAY
    assert list(floor.egms.values())[2:] == list(healthy.egms[2:])
    assert floor.lines["L6"].state == "waiting for the port"
    assert (floor.outbox, floor.nats) == (troubled.outbox, troubled.nats)


def test_every_change_can_be_seen_by_the_version():
    floor = Floor(NOW)
    versions = [floor.version]
    for message in (sample_floors.healthy(), EgmDelta(egm=sample_floors.troubled().egms[1])):
        floor.apply(message)
        versions.append(floor.version)
    floor.reached(Reach(Contact.AWAY, NOW))
    versions.append(floor.version)
    assert versions == sorted(set(versions))


def test_an_event_told_by_the_snapshot_and_again_is_listed_once():
    healthy = sample_floors.healthy()
    floor = floor_of(healthy)
    floor.apply(EventDelta(event=healthy.events[-1]))
    new = healthy.events[-1].model_copy(update={"sequence": healthy.events[-1].sequence + 1})
    floor.apply(EventDelta(event=new))
    assert floor.events(games=True)[::-1] == [*healthy.events, new]


def test_events_from_before_a_restart_of_the_gateway_stay():
    healthy = sample_floors.healthy()
    later = [event.model_copy(update={"sequence": event.sequence + 10}) for event in healthy.events]
    floor = floor_of(healthy)
    floor.apply(healthy.model_copy(update={"birthid": "b7f4", "events": tuple(later)}))
    assert [event.sequence for event in floor.events(games=True)] == list(range(90_033, 89_999, -1))


def test_events_of_a_gateway_that_numbers_from_the_start_again_replace_the_old_ones():
    healthy = sample_floors.healthy()
    floor = floor_of(healthy)
    first = healthy.events[0].model_copy(update={"sequence": 1})
    floor.apply(healthy.model_copy(update={"events": (first,)}))
    assert floor.events(games=True) == [first]


def test_games_do_not_push_out_what_matters_and_both_are_bounded():
    floor = Floor(NOW)
    sequence = 0
    for kind, number in (("door.opened", EVENTS_MAX + 10), ("game.ended", GAMES_MAX + 10)):
        for _ in range(number):
            sequence += 1
            event = sample_floors.event(sequence, 0, "10101", "01-01-01", kind, type=kind)
            floor.apply(EventDelta(event=event))
    events = floor.events(games=False)
    assert len(events) == EVENTS_MAX
    assert (events[0].sequence, events[-1].sequence) == (EVENTS_MAX + 10, 11)
    both = [event.sequence for event in floor.events(games=True)]
    assert len(both) == EVENTS_MAX + GAMES_MAX
    assert both == sorted(both, reverse=True)


def test_the_events_of_one_egm_are_newest_first():
    floor = floor_of(sample_floors.troubled())
    assert [event.text for event in floor.events_of("10304", games=False)] == [
        "drop door opened", "slot door opened",
    ]  # fmt: skip


def test_the_floor_is_old_unless_the_gateway_is_there():
    floor = floor_of(sample_floors.healthy())
    assert floor.stale
    floor.reached(Reach(Contact.LIVE, NOW))
    assert not floor.stale
    floor.reached(Reach(Contact.AWAY, NOW, "gone"))
    assert floor.stale


def test_the_moment_it_went_away_is_kept_while_every_new_try_fails():
    floor = Floor(NOW)
    for seconds in range(3):
        later = NOW + timedelta(seconds=seconds)
        floor.reached(Reach(Contact.AWAY, later, f"reason {seconds}"))
    assert floor.reach == Reach(Contact.AWAY, NOW, "reason 2")


def test_states_are_counted_worst_first():
    words = floor_of(sample_floors.troubled()).words()
    assert list(words) == [word for word in EgmWord if word in words]
    assert (words[EgmWord.DOWN], words[EgmWord.TILT]) == (4, 1)
    assert EgmWord.UNKNOWN not in words


def test_a_floor_knows_when_its_gateway_started_but_not_over_nats_where_states_outlive_it():
    snapshot = sample_floors.healthy()
    floor, far = Floor(snapshot.started), Floor(snapshot.started, over_nats=True)
    for one in (floor, far):
        one.apply(snapshot)
    assert (floor.started, far.started) == (snapshot.started, None)
