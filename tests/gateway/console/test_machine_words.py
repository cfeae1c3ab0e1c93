"""Everything about one EGM, in words."""

from datetime import UTC, timedelta

from gateway.console.glyphs import UNICODE
from gateway.console.machine_words import machine_facts, machine_title
from gateway.console.sight import Sight, Tone
from gateway.status.model import EgmStatus
from tests.gateway.console import sample_floors

SIGHT = Sight(sample_floors.NOW, UTC, UNICODE)
OLD = Sight(sample_floors.NOW, UTC, UNICODE, stale=True)
FLOOR = sample_floors.troubled()
EGMS = {egm.asset: egm for egm in FLOOR.egms}
LINES = {line.name: line for line in FLOOR.lines}


def facts(asset, sight=SIGHT):
    egm = EGMS[asset]
    return {fact.label: fact.said.text for fact in machine_facts(egm, LINES.get(egm.line), sight)}


def test_a_machine_in_trouble_says_everything():
    assert facts("10102") == {
        "State": "handpay since 21:01:24, for 3:12",
        "Handpay": "1,250.00 USD jackpot",
        "Doors open": "none",
        "Tilts": "none",
        "Session": "a player's card is in",
        "Credits": "15,838 credits, worth 158.38 at 0.01 a credit",
        "Coin in": "1,478,551 credits, worth 14,785.51 at 0.01 a credit",
        "Last event": "handpay pending 1,250.00 USD jackpot, at 21:04:24, 0:12 ago",
        "Link": "up, 100% of the last 100 polls answered well",
        "Polls": "126,002 sent, 125,992 answered, 0 silent, 10 damaged, answers in 6 ms",
        "Line": "L1, address 2, port lines/L1, polling for 7h12",
        "Stands in": "bank 01, zone main",
    }


def test_doors_and_tilts_and_links_are_named():
    assert facts("10304")["Doors open"] == "slot, drop"
    assert facts("10203")["Tilts"] == "bill jam"
    assert facts("10601")["Link"].startswith("down: no answer to 5 polls")
    assert facts("10601")["Line"].endswith("waiting for the port for 5:12")


def test_a_machine_that_does_not_answer_claims_nothing_of_now():
    shown = facts("10601")
    assert shown["Tilts"] == shown["Doors open"] == "none, when it was last heard"
    assert "of the last 100 polls" not in shown["Link"]
    assert "answers in" not in shown["Polls"]


def test_a_tilt_told_in_damaged_answers_is_in_doubt():
    bad = {"link_quality": 0.8, "errors": 40, "timeouts": 3, "tilts": ("hopper full",)}
    shown = {fact.label: fact.said.text for fact in
             machine_facts(EGMS["10203"].model_copy(update=bad), None, SIGHT)}  # fmt: skip
    assert shown["Tilts"] == "hopper full (misread? its answers arrive damaged)"
    assert shown["Doors open"] == "none"
    silent = EGMS["10203"].model_copy(update={**bad, "timeouts": 30})
    shown = {fact.label: fact.said.text for fact in machine_facts(silent, None, SIGHT)}
    assert shown["Tilts"] == "hopper full"


def test_what_a_gateway_found_when_it_started_may_have_lasted_longer():
    egm = EGMS["10203"]
    started = Sight(sample_floors.NOW, UTC, UNICODE, started=egm.since - timedelta(seconds=2))
    shown = {fact.label: fact.said.text for fact in machine_facts(egm, None, started)}
    assert shown["State"] == "tilt since before 21:03:49, when the gateway started"
    assert machine_title(egm, started).endswith("tilt for >0:47")
    later = Sight(sample_floors.NOW, UTC, UNICODE, started=egm.since - timedelta(minutes=2))
    assert machine_title(egm, later).endswith("tilt for 0:47")


def test_a_machine_never_heard_claims_nothing():
    egm = EgmStatus(asset="1", location="A-1", line="L9", address=3)
    shown = {fact.label: fact.said.text for fact in machine_facts(egm, None, SIGHT)}
    assert shown["State"] == "unknown"
    assert shown["Credits"] == shown["Coin in"] == "not read yet"
    assert shown["Last event"] == "none yet"
    assert shown["Tilts"] == shown["Handpay"] == "not known: nothing was heard of it yet"
    fresh = Sight(sample_floors.NOW, UTC, UNICODE, started=sample_floors.NOW)
    unheard = egm.model_copy(update={"since": sample_floors.NOW})
    assert machine_title(unheard, fresh).endswith("unknown for 0:00")
    assert shown["Line"] == "L9, address 3"
    assert shown["Stands in"] == "no bank named"


def test_credits_without_a_denomination_are_not_turned_into_money():
    egm = EGMS["10102"].model_copy(update={"denomination": None})
    shown = {fact.label: fact.said.text for fact in machine_facts(egm, None, SIGHT)}
    assert shown["Credits"] == "15,838 credits, denomination not read"


def test_every_field_of_the_status_is_told_somewhere():
    told = " ".join([machine_title(EGMS["10401"], SIGHT), *facts("10401").values()])
    egm = EGMS["10401"]
    for words in (egm.asset, egm.location, egm.bank, egm.zone, egm.line, str(egm.address),
                  egm.state, egm.denomination, egm.last_event, egm.link, egm.link_reason,
                  "71%", f"{egm.polls:,}", f"{egm.answers:,}", f"{egm.timeouts:,} silent",
                  f"{egm.errors - egm.timeouts:,} damaged", f"{egm.answer_ms} ms",
                  f"{egm.credits:,}", f"{egm.coin_in:,}"):  # fmt: skip
        assert words in told


def test_a_machine_of_a_gateway_that_is_away_is_called_old():
    assert machine_title(EGMS["10203"], SIGHT) == "01-02-03  asset 10203  ▲ tilt for 0:47"
    assert machine_title(EGMS["10203"], OLD) == "01-02-03  asset 10203  ? tilt for 0:47 (OLD)"
    tones = {fact.said.tone for fact in machine_facts(EGMS["10203"], None, OLD)}
    assert tones == {Tone.QUIET}
