"""Is a serial port fit for SAS? Measured with a plug, or with a second port.

One port sends and checks with the same parity setting, so a plug that joins TX and RX cannot show
what the ninth bit was: a chip that makes odd and even of mark and space hears itself without an
error. It does show whether there is a ninth bit at all (a byte then lasts eleven bit times, not
ten) and whether the switch from mark to space spoils bytes. What the bit was is seen where TX is
joined to CTS as well, by sampling that line at 300 baud, or by a second port. A port that hears the
ninth bit is proven by a second port only.
"""

from __future__ import annotations

import errno
import termios
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.edge.ninth_bit import CHARACTER_S, NinthBitSender, ParityError, check, switch
from gateway.edge.tty_calls import Parity, TtyCalls, modes_for
from protocols.sas.parmrk import ParmrkDecoder
from protocols.sas.symbols import Symbols, from_host, joined

Verdict = Literal["pass", "fail", "not tested"]

LISTEN_S: Final = 6.0
"""Seconds of listening before anything is sent: a machine without a host chirps after 5."""

SWITCHES: Final = 200
SWITCH_MAX_S: Final = 0.004
"""Seconds that one parity switch may take at most (p99): the rest of a poll follows within 5 ms."""

ECHO_S: Final = 0.1
"""Seconds within which what was sent must be back, over its time on the wire."""

MESSAGE_BYTES: Final = 16
BURSTS: Final = (16, 144)  # bytes; the difference of their times is free of all latencies
BIT_S: Final = CHARACTER_S / 11

SLOW_BAUD: Final = 300
SLOW_BIT_S: Final = 1 / SLOW_BAUD
SAMPLE_S: Final = 0.0002
SAMPLED: Final = (0x00, 0x01, 0x55, 0x56, 0x7F, 0xFE, 0xFF)  # even and odd numbers of ones


@dataclass(frozen=True, slots=True)
class Finding:
    """What one test has shown.

    Attributes:
        name: what was tested.
        verdict: pass, fail, or not tested.
        text: what was found, for people.
        figures: what was measured, by name with its unit.
        goes_on: False if nothing that follows makes sense.
    """

    name: str
    verdict: Verdict
    text: str
    figures: dict[str, float] = field(default_factory=dict)
    goes_on: bool = True


class PortProof:
    """The tests of one open port.

    Args:
        calls: the system calls.
        fd: the port.
        usb: it is a USB adapter.
    """

    def __init__(self, calls: TtyCalls, fd: int, *, usb: bool) -> None:
        self._calls = calls
        self._fd = fd
        self._before = calls.modes(fd)
        self._sender = NinthBitSender(calls, fd, usb=usb)

    def settings(self) -> Finding:
        """Do mark and space stick?"""
        name = "mark and space parity"
        try:
            self._sender.set_up()
        except ParityError as error:
            return Finding(name, "fail", str(error.strerror), goes_on=False)
        self._calls.be_quick(self._fd)
        told = "tells" if self._sender.tells else "cannot tell"
        return Finding(name, "pass", f"settings stick; the driver {told} when a byte has left")

    def quiet(self) -> Finding:
        """Is nobody there who would take what we send for a poll?"""
        name = "nobody on the wire"
        self._drop()
        until = self._calls.now() + LISTEN_S
        while self._calls.now() < until:
            if self._read():
                text = "something speaks here: a machine? Take it off before you test the port"
                return Finding(name, "fail", text, goes_on=False)
            self._calls.sleep(0.05)
        return Finding(name, "pass", f"nothing heard for {LISTEN_S:g} s")

    def switches(self) -> Finding:
        """How long does a switch take?"""
        took = []
        for at in range(SWITCHES):
            began = self._calls.now()
            self._set("space" if at % 2 else "mark")
            took.append(self._calls.now() - began)
        took.sort()
        shares = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}
        figures = {
            name: round(1000 * took[min(len(took) - 1, int(len(took) * share))], 3)
            for name, share in shares.items()
        }
        slow = figures["p99_ms"] > 1000 * SWITCH_MAX_S
        where = "in the event loop" if self._sender.in_loop else "on a thread of its own"
        text = (
            f"p50 {figures['p50_ms']:g} ms, p99 {figures['p99_ms']:g} ms, max "
            f"{figures['max_ms']:g} ms; a line on it sends {where}"
        )
        if slow:
            text += f"; more than {1000 * SWITCH_MAX_S:g} ms leave a gap that EGMs give up at"
        return Finding("time of a parity switch", "fail" if slow else "pass", text, figures)

    def echo(self) -> Finding:
        """Does everything that is sent the way a poll is come back as it was?"""
        name = "polls through the plug"
        wrong = count = 0
        for poll in _polls():
            self._drop()
            self._sender.send(poll)
            back = self._listen(len(poll), CHARACTER_S)
            if not back.data and not count:
                text = "nothing came back: does the plug join TX and RX?"
                return Finding(name, "fail", text, goes_on=False)
            count += 1
            wrong += back != Symbols(poll, (False,) * len(poll))
        text = f"{count - wrong} of {count} came back whole"
        return Finding(name, "fail" if wrong else "pass", text, {"sent": count, "wrong": wrong})

    def length(self) -> Finding:
        """Does a byte last eleven bit times?"""
        name = "eleven bits a byte"
        self._set("space")
        short_s, long_s = (self._burst(number) for number in BURSTS)
        if short_s is None or long_s is None:
            return Finding(name, "fail", "a burst did not come back")
        bits = (long_s - short_s) / (BURSTS[1] - BURSTS[0]) / BIT_S
        figures = {"bits": round(bits, 2)}
        text = f"a byte lasts {bits:.2f} bit times"
        if bits < 10.5:
            return Finding(name, "fail", f"{text}: the chip leaves the ninth bit out", figures)
        return Finding(name, "pass", text, figures)

    def level(self) -> Finding:
        """Is the ninth bit what it should be, seen on CTS?"""
        name = "level of the ninth bit"
        wrong = unread = 0
        try:
            for value in SAMPLED:
                for parity in ("mark", "space"):
                    bits = self._sampled(value, parity)
                    if bits is None:
                        text = "TX is not joined to CTS: use --pair, or a plug that joins them too"
                        return Finding(name, "not tested", text)
                    unread += bits[:8] != tuple(bool(value >> bit & 1) for bit in range(8))
                    wrong += bits[8] is not (parity == "mark")
        except OSError as error:
            text = f"the port cannot show CTS at {SLOW_BAUD} baud: {error.strerror}"
            return Finding(name, "not tested", text)
        finally:
            self._set("space")
        count = 2 * len(SAMPLED)
        if unread:
            return Finding(name, "not tested", f"{unread} of {count} bytes were misread on CTS")
        text = f"right in {count - wrong} of {count} bytes, seen on CTS at {SLOW_BAUD} baud"
        if wrong:
            text += "; half of them wrong is odd and even instead of mark and space"
        return Finding(name, "fail" if wrong else "pass", text, {"bytes": count, "wrong": wrong})

    def restore(self) -> None:
        """Give the port the settings that it had before."""
        self._calls.set_modes(self._fd, self._before)

    # ------------------------------------------------------------------ with a second port

    def sends_to(self, other: PortProof, name: str) -> Finding:
        """Does ``other`` hear the ninth bits that this port makes?"""
        wrong = count = 0
        other._drop()
        for poll in _polls():
            self._sender.send(poll)
            back = other._listen(len(poll), CHARACTER_S)
            if not back.data and not count:
                return Finding(name, "fail", "nothing arrived: are TX and RX crossed, and ground?")
            count += 1
            wrong += back != from_host(poll)
        text = f"{count - wrong} of {count} polls arrived with every ninth bit right"
        return Finding(name, "fail" if wrong else "pass", text, {"sent": count, "wrong": wrong})

    # ------------------------------------------------------------------ inside

    def _set(self, parity: Parity, speed: int = termios.B19200) -> None:
        switch(self._calls, self._fd, modes_for(self._before, parity, speed))

    def _read(self) -> bytes:
        try:
            return self._calls.read(self._fd, 4096)
        except BlockingIOError:
            return b""

    def _drop(self) -> None:
        self._calls.forget_input(self._fd)

    def _listen(self, number: int, byte_s: float) -> Symbols:
        """Return what came, once it is ``number`` symbols or its time is over."""
        calls, decoder, parts = self._calls, ParmrkDecoder(), []
        until = calls.now() + number * byte_s + ECHO_S
        heard = 0
        while heard < number and calls.now() < until:
            part = decoder.feed(self._read())
            parts.append(part)
            heard += len(part.data)
            if not part.data:
                calls.sleep(SAMPLE_S)
        return joined(parts)

    def _burst(self, number: int) -> float | None:
        """Return the seconds until the last of ``number`` bytes is back, or None."""
        self._drop()
        began = self._calls.now()
        if self._calls.write(self._fd, b"\x55" * number) != number:
            raise OSError(errno.EAGAIN, "it takes no more bytes")
        back = self._listen(number, CHARACTER_S)
        return self._calls.now() - began if len(back.data) == number else None

    def _sampled(self, value: int, parity: Parity) -> tuple[bool, ...] | None:
        """Send one byte slowly; return its nine bits as CTS shows them, or None if it shows none.

        CTS is asserted while the line is at space (a start bit, a 0), as on RS-232 and on TTL.
        """
        calls = self._calls
        modes = modes_for(self._before, parity, termios.B300)
        switch(calls, self._fd, modes)
        check(calls, self._fd, modes)
        calls.write(self._fd, bytes([value]))
        until = calls.now() + 14 * SLOW_BIT_S + ECHO_S
        samples: list[tuple[float, bool]] = []
        begins: float | None = None
        while (now := calls.now()) < until:
            low = calls.clear_to_send(self._fd)
            samples.append((now, low))
            if low and begins is None:
                begins, until = now, now + 11 * SLOW_BIT_S
            calls.sleep(SAMPLE_S)
        self._drop()
        if begins is None:
            return None
        return tuple(not _low_at(begins + (bit + 1.5) * SLOW_BIT_S, samples) for bit in range(9))


def _low_at(moment: float, samples: list[tuple[float, bool]]) -> bool:
    return min(samples, key=lambda sample: abs(sample[0] - moment))[1]


def prove(proof: PortProof, say: Callable[[Finding], None]) -> tuple[Finding, ...]:
    """Run every test that one port and a plug allow; tell each finding as it is made."""
    found: list[Finding] = []
    tests = [
        proof.settings, proof.quiet, proof.switches, proof.echo, proof.length, proof.level,
    ]  # fmt: skip
    for test in tests:
        found.append(_tried(test))
        say(found[-1])
        if not found[-1].goes_on:
            break
    found.append(Finding("hearing the ninth bit", "not tested", "one port cannot: use --pair"))
    say(found[-1])
    return tuple(found)


def prove_pair(
    proof: PortProof, other: PortProof, names: tuple[str, str], say: Callable[[Finding], None]
) -> tuple[Finding, ...]:
    """Run every test that two crossed ports allow, in both directions."""
    found: list[Finding] = []
    tests: list[Callable[[], Finding]] = [
        proof.settings,
        other.settings,
        proof.quiet,
        other.quiet,
        proof.switches,
        lambda: proof.sends_to(other, f"{names[0]} speaks, {names[1]} hears"),
        lambda: other.sends_to(proof, f"{names[1]} speaks, {names[0]} hears"),
    ]
    for test in tests:
        found.append(_tried(test))
        say(found[-1])
        if not found[-1].goes_on:
            break
    return tuple(found)


def _tried(test: Callable[[], Finding]) -> Finding:
    try:
        return test()
    except OSError as error:
        return Finding("the port", "fail", f"{error.strerror}", goes_on=False)


def _polls() -> Iterator[bytes]:
    """Yield every byte value, as first byte and as another, in messages of all lengths."""
    for first in range(256):
        rest = bytes((first + 16 * step + 1) % 256 for step in range(first % MESSAGE_BYTES))
        yield bytes([first]) + rest
