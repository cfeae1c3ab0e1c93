"""The serial ports of a computer, listed."""

import json
import termios
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from serial.tools import list_ports

from gateway.cli import ports as command
from gateway.cli.main import main
from gateway.edge.serial_devices import SerialDevices
from tests.gateway.edge.uart import RAW_9600, ModelUart


@pytest.fixture
def computer(tmp_path, monkeypatch):
    """Three ports: a console, a good adapter with a stable name, and whatever ``uart`` is."""
    (tmp_path / "by-path").mkdir()
    (tmp_path / "by-path" / "pci-0-usb-1").symlink_to("/dev/ttyUSB7")
    chip = tmp_path / "chip"
    (chip / "driver").parent.mkdir()
    (chip / "driver").symlink_to("/sys/bus/usb-serial/drivers/ftdi_sio")
    (tmp_path / "tty" / "ttyUSB7").mkdir(parents=True)
    (tmp_path / "tty" / "ttyUSB7" / "device").symlink_to(chip)
    (tmp_path / "consoles").write_text("ttyS0 -W- 4:64\n")
    devices = SerialDevices(tmp_path / "by-path", tmp_path / "tty", tmp_path / "consoles")
    found = [("/dev/ttyUSB7", "FT232R"), ("/dev/ttyS0", "n/a")]
    monkeypatch.setattr(
        list_ports, "comports", lambda: [SimpleNamespace(device=d, description=t) for d, t in found]
    )
    monkeypatch.setattr(command, "SerialDevices", lambda: devices)

    def put(uart):
        monkeypatch.setattr(command, "TtyCalls", lambda: uart)
        return uart

    return put


def listed(*options):
    result = CliRunner().invoke(main, ["ports", *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_port_is_listed_with_its_stable_name_its_driver_and_whether_parity_sticks(computer):
    uart = computer(ModelUart())
    console, adapter = json.loads(listed("--json"))["ports"]
    assert (console["device"], console["mark_space"]) == ("/dev/ttyS0", None)
    assert "console" in console["note"]
    assert adapter["by_path"][0].endswith("/by-path/pci-0-usb-1")
    assert (adapter["driver"], adapter["description"]) == ("ftdi_sio", "FT232R")
    assert adapter["mark_space"] is True
    assert uart.set_to == RAW_9600  # as it was
    assert not uart.held
    assert uart.wire == []
    heads, _, row = listed().splitlines()
    assert heads.split()[:3] == ["device", "driver", "mark/space"]
    assert row.split()[:3] == ["/dev/ttyUSB7", "ftdi_sio", "yes"]


def test_a_port_that_does_not_take_parity_says_which_flag(computer):
    computer(ModelUart(dropped=termios.PARENB))
    adapter = json.loads(listed("--json"))["ports"][1]
    assert adapter["mark_space"] is False
    assert "PARENB" in adapter["note"]


def test_a_port_in_use_is_left_alone(computer):
    uart = computer(ModelUart(held=True))
    adapter = json.loads(listed("--json"))["ports"][1]
    assert (adapter["mark_space"], adapter["note"]) == (None, "is in use by another process")
    assert not any(step[0] == "set" for step in uart.did)


def test_without_a_probe_nothing_is_opened(computer):
    uart = computer(ModelUart())
    assert "?" in listed("--no-probe").splitlines()[2]
    assert uart.did == []


def test_a_computer_without_serial_ports_says_so(monkeypatch):
    monkeypatch.setattr(list_ports, "comports", list)
    assert listed() == "no serial ports on this computer\n"
