"""A port tested from the command line."""

import json
import os

import pytest
from click.testing import CliRunner

from gateway.cli import port_test as command
from gateway.cli.main import main
from tests.gateway.edge.uart import RAW_9600, ModelUart


@pytest.fixture
def tested(monkeypatch):
    def test(*words, ports):
        waiting = list(ports)
        monkeypatch.setattr(command, "TtyCalls", lambda: waiting.pop(0))
        return CliRunner().invoke(main, ["port-test", *words])

    return test


def test_a_fit_port_passes_with_its_figures_and_what_was_not_tested(tested):
    uart = ModelUart(plug=True, cts=True)
    result = tested("/dev/ttyS9", ports=[uart])
    assert result.exit_code == 0
    *tests, last = result.output.splitlines()
    assert last == "PASS: /dev/ttyS9; not tested: hearing the ninth bit"
    assert any("p50 " in line and "p99 " in line and "max " in line for line in tests)
    assert uart.set_to == RAW_9600
    assert not uart.held


def test_an_unfit_port_fails(tested):
    result = tested("/dev/ttyS9", "--json", ports=[ModelUart(plug=True, no_ninth=True)])
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert told["result"] == "FAIL"
    (bits,) = [test for test in told["tests"] if test["name"] == "eleven bits a byte"]
    assert bits["verdict"] == "fail"
    assert bits["figures"]["bits"] == pytest.approx(10, abs=0.1)


def test_two_ports_prove_each_other(tested):
    one, two = ModelUart(), ModelUart()
    one.partner, two.partner = two, one
    result = tested("/dev/ttyS8", "--pair", "/dev/ttyS9", ports=[one, two])
    assert result.exit_code == 0, result.output
    assert "PASS  /dev/ttyS9 speaks, /dev/ttyS8 hears: 256 of 256 polls" in result.output
    assert result.output.splitlines()[-1] == "PASS: /dev/ttyS8"


def test_a_port_in_use_is_wrong_usage(tested):
    result = tested("/dev/ttyS9", ports=[ModelUart(held=True)])
    assert result.exit_code == 2
    assert "in use by another process" in result.output


def test_a_pty_is_no_port_to_test():
    master, slave = os.openpty()
    result = CliRunner().invoke(main, ["port-test", os.ttyname(slave)])
    os.close(master)
    os.close(slave)
    assert result.exit_code == 2
    assert "is a pty" in result.output
