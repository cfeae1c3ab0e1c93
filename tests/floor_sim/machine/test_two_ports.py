"""A machine with two SAS ports and two hosts, in hand-written hex: neither disturbs the other."""

from dataclasses import replace

import pytest

from floor_sim.line import Line, LineSettings
from floor_sim.machine import play, service
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings, PortSettings, SecondPort
from floor_sim.memory_line import MemoryLine

SETTINGS = MachineSettings(asset="10101", address=1, second=SecondPort("H1", 5))
READER = frozenset({"doors", "meters"})


class Hosts:
    """Two hosts: ``first`` polls address 1 on L1, ``second`` address 5 on H1."""

    def __init__(self, settings=SETTINGS, journal=None):
        self.journal = journal or MemoryJournal()
        self.now = 100.0
        memory = self.journal.memory(settings.asset)
        self.machine = Machine(settings, self.journal, memory, now=self.now)
        self.lines = [
            MemoryLine(Line(name, [port], LineSettings(chirp=False)))
            for name, port in zip(("L1", "H1"), self.machine.ports, strict=True)
        ]

    def first(self, hexes):
        return self._says(0, hexes)

    def second(self, hexes):
        return self._says(1, hexes)

    def _says(self, index, hexes):
        self.now += 0.2
        return self.lines[index].exchange(bytes.fromhex(hexes), self.now).hex()

    def happens(self, *codes):
        for code in codes:
            service.report(self.machine, code, self.now)

    def wait(self, seconds):
        """Let time pass; the floor looks at its lines now and then."""
        self.now += seconds
        for end in self.lines:
            end.line.tick(self.now)

    def records(self, what):
        return [record for record in self.journal.records if record["what"] == what]


def with_ports(first=None, second=None):
    """Return settings whose ports differ from the usual ones."""
    return replace(
        SETTINGS,
        port=PortSettings(**(first or {})),
        second=SecondPort("H1", 5, PortSettings(**(second or {}))),
    )


def test_each_host_gets_every_exception_and_acknowledges_for_itself_alone():
    hosts = Hosts()
    hosts.happens(0x11, 0x12)
    assert hosts.first("80 81") == "11"
    assert hosts.second("80 85") == "11"
    assert hosts.first("80 81") == "12"
    assert hosts.second("85") == "11"
    assert [(r["code"], r["port"]) for r in hosts.records("acked")] == [("11", 0)]
    assert hosts.second("80 85") == "12"
    assert hosts.first("80 81") == hosts.second("80 85") == "00"


def test_each_port_answers_with_its_own_address(crc):
    hosts = Hosts()
    hosts.first("80"), hosts.second("80")
    assert hosts.first("011a") == "011a00000000c3fc"
    assert hosts.second("051a") == crc("051a00000000")
    assert hosts.first("051a") == hosts.second("011a") == ""
    assert hosts.first("0101ffff") == "81"
    assert hosts.second("0501ffff") == "85"
    assert hosts.second(crc("0501")) == "05"
    hosts.machine.busy_until = hosts.now + 10
    assert hosts.first("0111") == "0100"
    assert hosts.second("0511") == "0500"


def test_the_record_of_an_acknowledgement_says_where_the_port_hangs():
    hosts = Hosts()
    hosts.happens(0x11)
    hosts.second("80 85"), hosts.second("80")
    (acked,) = hosts.records("acked")
    assert (acked["line"], acked["address"], acked["port"]) == ("H1", 5, 1)


def test_both_queues_outlive_a_power_cut_each_as_it_stood():
    hosts = Hosts()
    hosts.happens(0x11, 0x13)
    hosts.first("80 81"), hosts.first("80")
    again = Hosts(journal=hosts.journal)
    assert again.first("80 81") == "13"
    assert [again.second("80 85"), again.second("80 85")] == ["11", "13"]


def test_a_queue_that_overflows_tells_its_own_host_alone():
    hosts = Hosts()
    for _ in range(3):
        hosts.happens(*range(0x12, 0x17), *range(0x40, 0x44))
        while hosts.first("80 81") != "00":
            pass
    (overflow,) = [r for r in hosts.records("exception") if r["code"] == "70"]
    assert overflow["ports"] == [1]
    assert len(hosts.records("lost")) == 7
    assert {r["port"] for r in hosts.records("lost")} == {1}
    assert hosts.second("80 85") == "70"


def test_a_handpay_is_read_by_each_host_and_repeated_to_the_one_that_has_not(crc):
    hosts = Hosts()
    play.jackpot(hosts.machine, 125_000, hosts.now)
    block = "00 40 0000125000 0000 00" + "00" * 10
    assert hosts.first("80 81") == "51"
    assert hosts.first("011b") == crc("011b" + block.replace(" ", ""))
    assert hosts.second("80 85") == "51"
    assert hosts.second("80 85") == "00"
    for _ in range(80):
        assert hosts.first("80 81") == "00"
    heard = [hosts.second("80 85"), hosts.second("80 85")]
    assert heard == ["51", "00"]
    assert hosts.second("051b") == crc("051b" + block.replace(" ", ""))
    assert hosts.second("80") == ""
    assert [r["port"] for r in hosts.records("handpay read")] == [0, 1]
    repeats = [r for r in hosts.records("exception") if r.get("repeat")]
    assert [r["ports"] for r in repeats] == [[1]]


def test_a_handpay_is_forgotten_once_it_is_reset_and_every_host_has_read_it():
    hosts = Hosts()
    play.jackpot(hosts.machine, 125_000, hosts.now)
    play.reset_handpay(hosts.machine, hosts.now)
    assert [hosts.first("80 81"), hosts.first("80 81")] == ["51", "52"]
    hosts.first("011b"), hosts.first("80")
    assert len(hosts.machine.cabinet.handpays) == 1
    assert [hosts.second("80 85"), hosts.second("80 85")] == ["51", "52"]
    hosts.second("051b"), hosts.second("80")
    assert hosts.machine.cabinet.handpays == []


def test_a_host_that_resets_a_handpay_is_heard_by_the_other(crc):
    hosts = Hosts()
    play.jackpot(hosts.machine, 125_000, hosts.now)
    hosts.second("80 85"), hosts.second("051b")
    assert hosts.first("80") == ""
    assert hosts.first(crc("0194")) == crc("019400")
    assert hosts.second("80 85") == "52"


def test_a_port_reports_and_answers_only_what_its_roles_say(crc):
    hosts = Hosts(with_ports(second={"roles": READER}))
    hosts.second("80")
    hosts.happens(0x11, 0x4A, 0x7E)
    play.jackpot(hosts.machine, 125_000, hosts.now)
    assert [hosts.second("80 85"), hosts.second("80 85")] == ["11", "00"]
    assert hosts.second("051a") == crc("051a00000000")
    for silent in ("051b", crc("0501"), crc("0594"), "0557", crc("057202ff00")):
        assert hosts.second(silent) == ""
    assert hosts.machine.cabinet.playable
    assert [hosts.first("80 81") for _ in range(4)] == ["51", "11", "4a", "7e"]
    ports = {r["code"]: r.get("ports") for r in hosts.records("exception")}
    assert ports == {"11": None, "4A": [0], "7E": [0], "51": [0]}


def test_a_handpay_that_the_second_port_has_nothing_to_do_with_waits_for_the_first_alone():
    hosts = Hosts(with_ports(second={"roles": READER}))
    play.jackpot(hosts.machine, 125_000, hosts.now)
    play.reset_handpay(hosts.machine, hosts.now)
    hosts.first("80 81"), hosts.first("011b"), hosts.first("80")
    assert hosts.machine.cabinet.handpays == []


def test_a_global_order_on_a_port_without_control_changes_nothing(crc):
    date = crc("007f11212025120000")
    hosts = Hosts(with_ports(second={"roles": READER}))
    hosts.second(date)
    assert hosts.records("order") == []
    hosts.first(date)
    assert [r["poll"] for r in hosts.records("order")] == ["7F"]


def polled(hosts, seconds):
    """Let the first host poll for so long, and the second not."""
    for _ in range(round(seconds / 0.4)):
        hosts.first("80"), hosts.first("81")
        hosts.wait(0.0)


def test_a_machine_that_needs_no_host_goes_on_without_one():
    hosts = Hosts()
    hosts.second("80 85")
    polled(hosts, 8)
    assert hosts.machine.cabinet.ready
    assert hosts.records("host") == []


@pytest.mark.parametrize(("does", "codes"), [("stop play", []), ("tilt", ["20"])])
def test_play_stops_while_a_host_that_must_be_there_is_away(does, codes):
    hosts = Hosts(with_ports(second={"host_lost": does}))
    hosts.second("80 85")
    polled(hosts, 4)
    assert hosts.machine.cabinet.ready
    polled(hosts, 2)
    assert not hosts.machine.cabinet.ready
    assert not play.bill_in(hosts.machine, 20, hosts.now)
    assert [r["code"] for r in hosts.records("exception")] == codes
    assert hosts.second("80 85") == (codes or ["00"])[0]
    assert hosts.machine.cabinet.ready
    assert [(r["lost"], r["port"]) for r in hosts.records("host")] == [(True, 1), (False, 1)]


def test_a_host_that_never_came_is_missed_5_s_after_power_up():
    hosts = Hosts(with_ports(first={"host_lost": "stop play"}))
    hosts.wait(4.9)
    assert hosts.machine.cabinet.ready
    hosts.wait(0.2)
    assert not hosts.machine.cabinet.ready


def test_that_a_host_is_missed_outlives_a_power_cut_and_a_host_that_need_not_be_is_not_missed():
    strict = with_ports(first={"host_lost": "stop play"})
    hosts = Hosts(strict)
    hosts.wait(6)
    assert not Hosts(strict, hosts.journal).machine.cabinet.ready
    assert Hosts(SETTINGS, hosts.journal).machine.cabinet.ready
