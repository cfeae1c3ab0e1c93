"""Which serial ports this computer has: stable names, drivers, and which of them are not for us."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serial.tools import list_ports

NAMES_MAX: Final = 4  # names that an error shows

_BUS_OF_PORTS: Final = frozenset({"port", "ctrl"})  # drivers of the kernel's own serial-base bus


@dataclass(frozen=True, slots=True)
class SerialDevice:
    """One serial port.

    Attributes:
        device: its name of today, for example /dev/ttyUSB0; may be another one's tomorrow.
        by_path: names that stay with the socket it is plugged into; best for a site file.
        driver: kernel driver, or None if not known.
        usb: it is a USB adapter.
        description: what it says of itself; may be empty.
        console: the kernel's own messages go there: not for us.
    """

    device: str
    by_path: tuple[str, ...] = ()
    driver: str | None = None
    usb: bool = False
    description: str = ""
    console: bool = False


@dataclass(frozen=True, slots=True)
class SerialDevices:
    """Where the kernel and udev tell of serial ports.

    Attributes:
        by_path: folder of udev's stable names.
        tty_class: folder of the kernel's terminals.
        consoles: file with the kernel's consoles.
    """

    by_path: Path = Path("/dev/serial/by-path")
    tty_class: Path = Path("/sys/class/tty")
    consoles: Path = Path("/proc/consoles")

    def every(self) -> tuple[SerialDevice, ...]:
        """Return all serial ports, by name."""
        found = sorted(list_ports.comports(), key=lambda port: str(port.device))
        return tuple(self.one(str(port.device), _said(port.description)) for port in found)

    def one(self, path: str, description: str = "") -> SerialDevice:
        """Return what is known of the port behind ``path``, a device or a link to one."""
        device = os.path.realpath(path)
        name = Path(device).name
        behind = Path(os.path.realpath(self.tty_class / name / "device"))
        return SerialDevice(
            device=device,
            by_path=tuple(link for link in self.stable_names() if os.path.realpath(link) == device),
            driver=_driver(behind),
            usb=any(part.startswith("usb") and part[3:].isdigit() for part in behind.parts),
            description=description,
            console=name in self._consoles(),
        )

    def stable_names(self) -> tuple[str, ...]:
        """Return every stable name there is."""
        try:
            return tuple(sorted(str(path) for path in self.by_path.iterdir()))
        except OSError:
            return ()

    def hint(self) -> str:
        """Say which stable names there are, for an error about one that is not."""
        names = self.stable_names()
        if not names:
            return f"there is none in {self.by_path}; slotgw ports lists what there is"
        more = f" and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
        return f"there are {', '.join(names[:NAMES_MAX])}{more}"

    def _consoles(self) -> frozenset[str]:
        try:
            lines = self.consoles.read_text().splitlines()
        except OSError:
            return frozenset()
        return frozenset(line.split()[0] for line in lines if line.split())


def _said(description: str | None) -> str:
    return "" if description in (None, "n/a") else str(description)


def _driver(behind: Path) -> str | None:
    """Return the driver of the device at ``behind``, or of the nearest one above it."""
    for folder in (behind, *behind.parents):
        link = folder / "driver"
        if link.is_symlink():
            name = link.readlink().name
            if name not in _BUS_OF_PORTS:
                return name
    return None
