"""A real serial port with SAS machines on it."""

from __future__ import annotations

import asyncio
import errno
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from gateway.edge.ninth_bit import NinthBitSender, ParityError, check, switch
from gateway.edge.port import Ear, Heard, PortError, Taker, check_allowed
from gateway.edge.serial_devices import SerialDevices
from gateway.edge.tty_calls import TtyCalls, modes_for

_WHY: Final = {
    errno.ENOENT: "is not there; {hint}",
    errno.ENXIO: "is not there; {hint}",
    errno.ENODEV: "is not there; {hint}",
    errno.ENOTTY: "is no serial port; {hint}",
    errno.EBUSY: "is in use by another process",
    errno.EAGAIN: "is in use by another process",
    errno.EACCES: "may not be opened: the gateway's user must be in its group (often dialout)",
    errno.EPERM: "may not be opened: the gateway's user must be in its group (often dialout)",
}
_GONE: Final = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.EBADF})


class SerialPort:
    """A serial port of this computer.

    Args:
        path: the device; best a name in /dev/serial/by-path, which stays with the socket.
        allow: name of the allow-list that its writer enforces.
        ninth_bit: whether the port makes and hears the wakeup bit by parity; False for a port
            behind which something else makes it, and for one that is no UART.
        calls: the system calls.
        devices: where to look up the driver.
    """

    def __init__(
        self,
        path: Path,
        allow: str,
        *,
        ninth_bit: bool = True,
        calls: TtyCalls | None = None,
        devices: SerialDevices | None = None,
    ) -> None:
        self.name = str(path)
        self._allow = allow
        self._ninth_bit = ninth_bit
        self._calls = calls or TtyCalls()
        self._devices = devices or SerialDevices()
        self._fd: int | None = None
        self._sender: NinthBitSender | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._ear = Ear(self.name, self._calls.read, parmrk=ninth_bit)

    def open(self) -> None:
        """Open the port for this process alone, and make sure that it has a ninth bit.

        Raises:
            PortError: it is not there, not a serial port, somebody else's, or cannot do it.
        """
        fd = take(self.name, self._calls, self._devices)
        try:
            self._sender = self._set_up(fd)
        except OSError as error:
            release(fd, self._calls)
            if isinstance(error, PortError):
                raise
            raise PortError(self._refused(error)) from error
        self._fd = fd
        if self._sender is not None and not self._sender.in_loop:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"sends on {self.name}")
        self._ear.listen(fd)

    def _set_up(self, fd: int) -> NinthBitSender | None:
        calls = self._calls
        if not self._ninth_bit:
            modes = modes_for(calls.modes(fd), "none")
            switch(calls, fd, modes)
            check(calls, fd, modes)
            sender = None
        elif calls.is_pty(fd):
            raise PortError(
                f'{self.name} is a pty, which has no ninth bit: say transport = "pty" for it'
            )
        else:
            sender = NinthBitSender(calls, fd, usb=self._devices.one(self.name).usb)
            sender.set_up()
        calls.be_quick(fd)
        calls.forget_input(fd)
        return sender

    def _refused(self, error: OSError) -> str:
        if not (isinstance(error, ParityError) and self._ninth_bit):
            return why_not(self.name, error, self._devices)
        driver = self._devices.one(self.name).driver or "unknown"
        return (
            f"{self.name} (driver {driver}) did not take {', '.join(error.flags)}, so no EGM "
            "would hear us: use another adapter (slotgw port-test shows whether it is fit), or "
            'say ninth_bit = "none" if something behind this port makes the ninth bit'
        )

    def close(self) -> None:
        """Close the port; a reader that waits gets a PortError."""
        self._ear.deafen(PortError(f"{self.name} is closed"))
        if self._fd is None:
            return
        fd, self._fd, self._sender = self._fd, None, None
        if self._thread is None:
            release(fd, self._calls)
            return
        thread, self._thread = self._thread, None
        thread.submit(release, fd, self._calls)  # behind whatever is being sent
        thread.shutdown(wait=False)

    def write(self, poll: bytes) -> None:
        """Put a poll on the line, if the line's allow-list has it.

        On a port with a thread a failure comes with the next ``read``.
        """
        check_allowed(poll, self._allow, self.name)
        gone = self._ear.inbox.gone
        if gone is not None:
            raise gone
        assert self._fd is not None
        if self._thread is not None:
            loop, sender = asyncio.get_running_loop(), self._sender
            sending = loop.run_in_executor(self._thread, self._send, sender, self._fd, poll)
            sending.add_done_callback(partial(self._sent_aside, sender))
            return
        try:
            self._send(self._sender, self._fd, poll)
        except OSError as error:
            raise PortError(self._not_sent(error)) from error

    def _send(self, sender: NinthBitSender | None, fd: int, poll: bytes) -> None:
        if sender is not None:
            sender.send(poll)
        elif self._calls.write(fd, poll) != len(poll):
            raise OSError(errno.EAGAIN, "it takes no more bytes")

    def _sent_aside(self, sender: NinthBitSender | None, sending: asyncio.Future[None]) -> None:
        error = None if sending.cancelled() else sending.exception()
        if error is None or sender is not self._sender:  # closed, perhaps opened again, meanwhile
            return
        told = PortError(self._not_sent(error)) if isinstance(error, OSError) else error
        self._ear.deafen(told)

    def _not_sent(self, error: OSError) -> str:
        if error.errno in _GONE:
            return f"{self.name} has gone: {error.strerror}"
        return f"{self.name} does not send: {error.strerror}"

    async def read(self, deadline: float) -> Heard | None:
        """Return what was heard, or None if nothing was by ``deadline``."""
        return await self._ear.inbox.take(deadline)

    def offer_to(self, taker: Taker | None) -> bool:
        """Offer what is heard to ``taker`` first."""
        return self._ear.inbox.offer_to(taker)


def take(name: str, calls: TtyCalls, devices: SerialDevices) -> int:
    """Open a serial port for this process alone, and change nothing else; return its descriptor.

    Raises:
        PortError: it is not there, not ours, or somebody else's.
    """
    if devices.one(name).console:
        raise PortError(
            f"{name} is a console: the kernel's messages would go to the EGMs; take it out of "
            "console= on the kernel's command line"
        )
    try:
        fd = calls.open(name)
    except OSError as error:
        raise PortError(why_not(name, error, devices)) from error
    try:
        calls.hold(fd)
    except OSError as error:
        calls.close(fd)
        raise PortError(why_not(name, error, devices)) from error
    return fd


def release(fd: int, calls: TtyCalls) -> None:
    """Let others have the port again."""
    with suppress(OSError):
        calls.let_go(fd)
    calls.close(fd)


def why_not(name: str, error: OSError, devices: SerialDevices) -> str:
    """Say what an error about the port called ``name`` means, and what to do."""
    why = _WHY.get(error.errno or 0)
    if why is None:
        return f"{name} cannot be used: {error.strerror or error}"
    return f"{name} {why.format(hint=devices.hint())}"
