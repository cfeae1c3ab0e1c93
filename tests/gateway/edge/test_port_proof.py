"""Whether the tests of a port tell a fit one from one that only says so."""

import termios

import pytest

from gateway.edge.port_proof import PortProof, prove, prove_pair
from protocols.sas.parmrk import encode
from tests.gateway.edge.uart import RAW_9600, ModelUart


def proven(**kind):
    uart = ModelUart(**kind)
    proof = PortProof(uart, 3, usb=bool(kind.get("to_chip_s")))
    said = []
    found = prove(proof, said.append)
    assert tuple(said) == found
    proof.restore()
    assert uart.set_to == RAW_9600
    return {finding.name: finding for finding in found}


def failed(found):
    return {name for name, finding in found.items() if finding.verdict == "fail"}


def untested(found):
    return {name for name, finding in found.items() if finding.verdict == "not tested"}


@pytest.mark.parametrize(
    "kind",
    [{}, {"tells": False}, {"to_chip_s": 0.0009, "switch_s": 0.001}],
    ids=["16550", "mute", "USB"],
)
def test_a_fit_port_with_a_whole_plug_passes_all_but_what_one_port_cannot_show(kind):
    found = proven(plug=True, cts=True, **kind)
    assert failed(found) == set()
    assert untested(found) == {"hearing the ninth bit"}
    assert found["eleven bits a byte"].figures["bits"] == pytest.approx(11, abs=0.1)
    assert "14 of 14" in found["level of the ninth bit"].text


def test_a_plug_without_cts_leaves_the_level_untested():
    found = proven(plug=True)
    assert failed(found) == set()
    assert untested(found) == {"level of the ninth bit", "hearing the ninth bit"}


def test_a_chip_that_makes_odd_and_even_of_mark_and_space_is_found_on_cts():
    found = proven(plug=True, cts=True, odd_for_mark=True)
    assert failed(found) == {"level of the ninth bit"}
    assert "odd and even instead of mark and space" in found["level of the ninth bit"].text


def test_a_chip_that_leaves_the_ninth_bit_out_is_found_by_the_length_of_its_bytes():
    found = proven(plug=True, no_ninth=True)
    assert "eleven bits a byte" in failed(found)
    assert found["eleven bits a byte"].figures["bits"] == pytest.approx(10, abs=0.1)


def test_a_driver_that_drops_the_settings_ends_the_test():
    found = proven(plug=True, dropped=termios.PARENB)
    assert failed(found) == {"mark and space parity"}
    assert "polls through the plug" not in found


def test_a_missing_plug_is_told_and_nothing_is_concluded_from_it():
    found = proven()
    assert failed(found) == {"polls through the plug"}
    assert "does the plug join TX and RX?" in found["polls through the plug"].text
    assert "eleven bits a byte" not in found


def test_switches_that_leave_too_long_a_gap_fail():
    found = proven(plug=True, switch_s=0.006)
    assert "time of a parity switch" in failed(found)
    figures = found["time of a parity switch"].figures
    assert figures["p50_ms"] == figures["p99_ms"] == pytest.approx(6, abs=0.1)
    assert "on a thread of its own" in found["time of a parity switch"].text


def test_a_chip_whose_first_byte_leaves_later_than_its_driver_says_is_found():
    class Early(ModelUart):
        def line_empty(self, fd):
            super().line_empty(fd)
            return True

    uart = Early(plug=True)
    found = {each.name: each for each in prove(PortProof(uart, 3, usb=False), lambda _: None)}
    assert found["polls through the plug"].verdict == "fail"


def test_a_port_that_sends_nothing_is_told():
    found = proven(stuck=True, plug=True)
    assert "did not leave" in found["the port"].text


def test_nothing_is_sent_where_a_machine_chirps():
    class WithAMachine(ModelUart):
        def read(self, fd, most):
            if self.time < 105.5:
                raise BlockingIOError
            return encode(b"\x01", (True,))

    uart = WithAMachine()
    found = prove(PortProof(uart, 3, usb=False), lambda _: None)
    assert [finding.verdict for finding in found] == ["pass", "fail", "not tested"]
    assert "Take it off" in found[1].text
    assert uart.wire == []


def crossed(**kind):
    """Two ports with TX and RX crossed; the first is of a certain kind."""
    one, two = ModelUart(**kind), ModelUart()
    one.partner, two.partner = two, one
    proofs = [PortProof(uart, 3, usb=False) for uart in (one, two)]
    found = prove_pair(*proofs, ("A", "B"), lambda _: None)
    return {finding.name: finding.verdict for finding in found}


def test_two_fit_ports_prove_each_other_in_both_directions():
    assert crossed() == {
        "mark and space parity": "pass", "nobody on the wire": "pass",
        "time of a parity switch": "pass",
        "A speaks, B hears": "pass", "B speaks, A hears": "pass",
    }  # fmt: skip


def test_a_second_port_finds_odd_and_even_in_both_directions():
    found = crossed(odd_for_mark=True)
    assert found["A speaks, B hears"] == found["B speaks, A hears"] == "fail"
