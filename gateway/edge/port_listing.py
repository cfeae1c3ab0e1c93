"""Which serial ports there are, and which of them take mark and space parity."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from gateway.edge.ninth_bit import NinthBitSender, ParityError
from gateway.edge.port import PortError
from gateway.edge.serial_devices import SerialDevice, SerialDevices
from gateway.edge.serial_port import release, take, why_not
from gateway.edge.tty_calls import TtyCalls


@dataclass(frozen=True, slots=True)
class PortRow:
    """One serial port.

    Attributes:
        device: what is known of it without opening it.
        mark_space: whether mark and space parity stick; None if that was not tried.
        note: why not, or why it was not tried; may be empty.
    """

    device: SerialDevice
    mark_space: bool | None
    note: str


def listing(devices: SerialDevices, calls: TtyCalls, *, probe: bool) -> tuple[PortRow, ...]:
    """Return all serial ports, by name.

    Args:
        devices: where to look.
        calls: the system calls.
        probe: open each and try; its settings are put back. One that is in use is left alone, and
            so is a console.
    """
    rows = []
    for device in devices.every():
        if device.console:
            rows.append(PortRow(device, None, "a console of this computer"))
        elif not probe:
            rows.append(PortRow(device, None, ""))
        else:
            rows.append(PortRow(device, *_tried(device, devices, calls)))
    return tuple(rows)


def _tried(
    device: SerialDevice, devices: SerialDevices, calls: TtyCalls
) -> tuple[bool | None, str]:
    name = device.device
    try:
        fd = take(name, calls, devices)
    except PortError as error:
        return None, str(error).removeprefix(f"{name} ")
    try:
        before = calls.modes(fd)
        try:
            NinthBitSender(calls, fd, usb=device.usb).set_up()
        except ParityError as error:
            return False, str(error.strerror)
        finally:
            with suppress(OSError):
                calls.set_modes(fd, before)
    except OSError as error:
        return None, why_not(name, error, devices).removeprefix(f"{name} ")
    finally:
        release(fd, calls)
    return True, ""
