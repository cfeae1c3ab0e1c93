"""Every code has a meaning, and every meaning is in the catalogue."""

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.meaning.exceptions import MEANT
from protocols.sas.tables import EXCEPTIONS, IDLE_CODES


def test_every_code_that_a_byte_can_hold_is_mapped():
    assert MEANT.keys() == set(range(256))


@pytest.mark.parametrize("code", EXCEPTIONS.keys() - IDLE_CODES, ids="{:02X}".format)
def test_a_code_of_the_table_leads_to_an_event_of_its_own_kind(code):
    assert MEANT[code].event in CATALOGUE
    assert MEANT[code].event != "egm.unknownexception"


@pytest.mark.parametrize("code", set(range(256)) - EXCEPTIONS.keys(), ids="{:02X}".format)
def test_a_code_outside_the_table_is_told_by_its_hex_and_gets_no_name(code):
    assert (MEANT[code].event, MEANT[code].data) == (
        "egm.unknownexception",
        {"code": f"{code:02X}"},
    )


def test_only_having_nothing_to_say_is_no_event_and_says_why():
    silent = {code for code, meant in MEANT.items() if not meant.event}
    assert silent == IDLE_CODES
    assert all(MEANT[code].because for code in silent)


@pytest.mark.parametrize(
    ("code", "event", "data"),
    [
        (0x11, "door.opened", {"door": "slot"}),
        (0x16, "door.closed", {"door": "cardcage"}),
        (0x9A, "door.poweroffaccess", {"door": "cashbox"}),
        (0x1D, "door.opened", {"door": "belly"}),
        (0x2E, "cashbox.nearfull", {"level": "nearfull"}),
        (0x28, "tilt.raised", {"kind": "billjam"}),
        (0x43, "tilt.raised", {"kind": "reeltilt", "reel": 3}),
        (0x36, "integrity.componentschanged", {"component": "eprom"}),
        (0x37, "integrity.memoryerror", {"part": "eprom", "problem": "badchecksum"}),
        (0x4D, "bill.accepted", {"face": 2}),
        (0x50, "bill.accepted", {"face": 200}),
        (0x59, "progressive.hit", {"controller": "nonsas"}),
        (0x85, "menu.left", {"menu": "operator"}),
        (0x70, "link.gap", {"cause": "overflow"}),
    ],
)
def test_codes_that_are_easily_mixed_up(code, event, data):
    assert (MEANT[code].event, MEANT[code].data) == (event, data)
