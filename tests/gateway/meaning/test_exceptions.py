"""Every code has a meaning, and every meaning is in the catalogue."""

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.significance import USUAL
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


EVERY = """
00 -
11 door.opened slot
12 door.closed slot
13 door.opened drop
14 door.closed drop
15 door.opened cardcage
16 door.closed cardcage
17 power.applied
18 power.lost
19 door.opened cashbox
1A door.closed cashbox
1B cashbox.removed
1C cashbox.installed
1D door.opened belly
1E door.closed belly
1F -
20 tilt.raised general
21 tilt.raised coinin
22 tilt.raised coinout
23 tilt.raised hopperempty
24 tilt.raised extracoinpaid
25 tilt.raised diverter
27 cashbox.full full
28 tilt.raised billjam
29 tilt.raised billacceptorhardware
2A tilt.raised reversebill
2B bill.rejected rejected
2C bill.counterfeit counterfeit
2D tilt.raised reversecoinin
2E cashbox.nearfull nearfull
2F integrity.componentschanged billacceptor
31 integrity.memoryerror cmosram recovered
32 integrity.memoryerror cmosram notrecovered
33 integrity.memoryerror cmosram baddevice
34 integrity.memoryerror eeprom dataerror
35 integrity.memoryerror eeprom baddevice
36 integrity.componentschanged eprom
37 integrity.memoryerror eprom badchecksum
38 integrity.componentschanged partitionedeprom
39 integrity.memoryerror partitionedeprom badchecksum
3A integrity.memoryerrorreset
3B integrity.batterylow
3C integrity.optionschanged operator
3D ticket.printed
3E handpay.validated
3F tilt.raised validationnotconfigured
40 tilt.raised reeltilt
41 tilt.raised reeltilt 1
42 tilt.raised reeltilt 2
43 tilt.raised reeltilt 3
44 tilt.raised reeltilt 4
45 tilt.raised reeltilt 5
46 tilt.raised reeldisconnected
47 bill.accepted 1
48 bill.accepted 5
49 bill.accepted 10
4A bill.accepted 20
4B bill.accepted 50
4C bill.accepted 100
4D bill.accepted 2
4E bill.accepted 500
4F bill.accepted
50 bill.accepted 200
51 handpay.pending
52 handpay.reset
53 progressive.nodata sas
54 progressive.won
55 handpay.cancelled
56 progressive.hit sas
57 ticket.validationrequested
59 progressive.hit nonsas
5A handpay.keyedoff
5F transfer.tipawarded
60 tilt.raised printercommunication
61 tilt.raised printerpaperout
66 transfer.cashoutrequested button
67 ticket.inserted
68 ticket.redeemed
69 transfer.completed
6A transfer.cashoutrequested hostcashout
6B transfer.cashoutrequested hostcashoutwin
6C transfer.step registrationrequested
6D transfer.step registered
6E transfer.step registrationcancelled
6F transfer.step locked
70 link.gap overflow
71 lamp.on
72 lamp.off
74 tilt.raised printerpaperlow
75 tilt.raised printerpoweroff
76 tilt.cleared printerpoweroff
77 tilt.raised printerribbon
78 tilt.raised printerjam
79 tilt.raised coininlockout
7A meter.zeroed softmeters
7B meter.zeroed billvalidatortotals
7C transfer.bonuspaid
7E game.started
7F game.ended
80 tilt.raised hopperfull
81 tilt.raised hopperlow
82 menu.entered attendant
83 menu.left attendant
84 menu.entered operator
85 menu.left operator
86 egm.outofservice
87 game.step drawrequested
88 game.step reelstopped
89 game.step wagered
8A menu.recallshown
8B game.step cardheld
8C game.selected
8E integrity.componentschanged componentlist
8F integrity.authenticated components
98 door.poweroffaccess cardcage
99 door.poweroffaccess slot
9A door.poweroffaccess cashbox
9B door.poweroffaccess drop
9E game.machinesession started
9F game.machinesession ended
A0 meter.change pending
A1 meter.change cancelled
A2 integrity.optionschanged enabledgames
"""
"""Written down code by code from the public table; the rows of the gateway are held to it."""


@pytest.mark.parametrize("line", EVERY.split("\n")[1:-1])
def test_every_exception_of_the_table_leads_to_its_event_or_to_none_with_a_reason(line):
    code, event, *data = line.split()
    meant = MEANT[int(code, 16)]
    assert (meant.event or "-", [str(value) for value in meant.data.values()]) == (event, data)
    assert bool(meant.because) == (event == "-")


def test_no_exception_of_the_table_is_left_out():
    assert {int(line.split()[0], 16) for line in EVERY.split("\n")[1:-1]} == EXCEPTIONS.keys()


@pytest.mark.parametrize("code", EXCEPTIONS.keys() - IDLE_CODES, ids="{:02X}".format)
def test_each_has_a_first_check_for_a_technician_a_class_and_somebody_who_is_told(code):
    meant = MEANT[code]
    found = USUAL.of(CATALOGUE[meant.event], meant.data)
    assert found.first_check
    assert not found.first_check.startswith("See ")
    assert found.eventclass
    assert found.route
    visits = found.severity in ("warning", "critical") or found.eventclass == "fault"
    if visits and not meant.event.endswith("cleared"):
        assert found.first_check != "Nothing."
