"""``slotgw decode``: hex or a capture, as a person would explain it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

import click

from gateway.cli.decode_text import as_json, as_text
from protocols.sas.capture import (
    FORMAT,
    Burst,
    Header,
    Problem,
    Speaker,
)
from protocols.sas.capture_reader import read_items
from protocols.sas.cutter import Cutter
from protocols.sas.explain import Conversation, Explained
from protocols.sas.hex_text import NotHexError, message_from_hex

PROBLEMS_MAX: Final = 20
"""Bad lines that are told before the file is given up."""

_SPEAKERS: Final = {"host": Speaker.HOST, "egm": Speaker.EGM, "auto": Speaker.UNKNOWN}
_GENERAL: Final = re.compile(r"(0[xX])?[89A-Fa-f]", re.ASCII)
"""From 80 up: nothing that begins so is longer than this byte."""
_LONE_BYTE: Final = re.compile(r"(0[xX])?[0-9A-Fa-f]{2}[*?]?|\*\*", re.ASCII)


@click.command(epilog="Example: slotgw decode --json 01FF1114A4")
@click.argument("what", metavar="HEX... | FILE | -", nargs=-1, required=True)
@click.option(
    "--from",
    "from_",
    default="auto",
    show_default=True,
    type=click.Choice(list(_SPEAKERS)),
    help="Who said it, where a capture does not tell; auto guesses, and says so.",
)
@click.option("--json", "as_lines", is_flag=True, help="Print one JSON object a message.")
@click.pass_context
def decode(ctx: click.Context, what: tuple[str, ...], *, from_: str, as_lines: bool) -> None:
    """Say what SAS messages mean: who, which poll, each field, whether the CRC fits, what follows.

    HEX is one message an argument; bytes given one by one are one message together, unless the
    first is from 80 up, which is a message by itself. FILE is a capture (slotgw capture) or has one
    message in hex a line; - reads either from the input. A file that is called like a message in
    hex is ./81.

    Reads only, and opens no port. Secrets (ticket numbers, AFT keys) are masked. Exit status: 0
    everything was decoded (a wrong CRC is told, and is no failure), 2 something was neither hex nor
    a line of a capture.
    """
    speaker = _SPEAKERS[from_]
    out = _Out(as_lines=as_lines)
    hexes = _hexes(what)
    if hexes is not None:
        try:
            messages = [message_from_hex(text, speaker) for text in hexes]
        except NotHexError as error:
            no_file = ", and there is no file of that name" if len(what) == 1 else ""
            click.echo(f"slotgw decode: {error}{no_file}", err=True)
            ctx.exit(2)
        _explain_all(messages, out)
    else:
        where = "the input" if what == ("-",) else what[0]
        try:
            file = click.open_file(what[0], encoding="utf-8", errors="replace")
        except OSError as error:
            click.echo(f"slotgw decode: {what[0]}: {error.strerror}", err=True)
            ctx.exit(2)
        with file:
            _decode_lines(file, where, speaker, out)
    ctx.exit(2 if out.problems else 0)


class _Out:
    """Where explanations and problems go.

    Attributes:
        problems: how many lines could not be read.
    """

    def __init__(self, *, as_lines: bool) -> None:
        self.problems = 0
        self._as_lines = as_lines

    def explained(self, found: Explained, header: Header | None) -> None:
        """Print one message."""
        if self._as_lines:
            click.echo(json.dumps(as_json(found, header), ensure_ascii=True))
        else:
            click.echo(as_text(found, header))

    def begins(self, header: Header) -> None:
        """Print what a capture says of itself."""
        if not self._as_lines:
            started = f", started {header.started.isoformat()}" if header.started else ""
            bits = "known" if header.ninth_bits else "not known"
            click.echo(f"line {header.line}{started}, ninth bits {bits}\n")

    def problem(self, where: str, problem: Problem) -> None:
        """Tell of a line that could not be read.

        Raises:
            _TooManyError: it is enough.
        """
        self.problems += 1
        click.echo(f"slotgw decode: {where}, {problem}", err=True)
        if self.problems >= PROBLEMS_MAX:
            click.echo(f"slotgw decode: {where}: {PROBLEMS_MAX} bad lines, given up", err=True)
            raise _TooManyError


class _TooManyError(Exception):
    """So many lines are bad that this is another kind of file."""


def _hexes(what: tuple[str, ...]) -> list[str] | None:
    """Return the messages of the arguments as text, or None if they name a file or the input."""
    if all(_LONE_BYTE.fullmatch(text) for text in what):
        return list(what) if _GENERAL.match(what[0]) else [" ".join(what)]
    if len(what) > 1:
        return list(what)
    try:
        message_from_hex(what[0])
    except NotHexError:
        return None if what[0] == "-" or _is_there(what[0]) else list(what)
    return list(what)


def _is_there(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:
        return False  # no name that a file could have


def _explain_all(messages: Iterable[Burst], out: _Out) -> None:
    conversation = Conversation()
    for message in messages:
        out.explained(conversation.hear(message), None)


def _decode_lines(lines: IO[str], where: str, speaker: Speaker, out: _Out) -> None:
    """Decode a capture, or one message in hex a line."""
    try:
        first = ""
        before = 0
        for first in lines:
            if first.partition("#")[0].strip():
                break
            before += 1
        rest = _from(first, lines)
        if first.lower().split()[:1] == [FORMAT]:
            _decode_capture(_numbered(before, rest), where, speaker, out)
        else:
            _explain_all(_messages(before, rest, where, speaker, out), out)
    except _TooManyError:
        return


def _from(first: str, lines: Iterable[str]) -> Iterator[str]:
    yield first
    yield from lines


def _numbered(before: int, lines: Iterable[str]) -> Iterator[str]:
    """Put back the empty lines that were read, so that line numbers are right."""
    yield from ["\n"] * before
    yield from lines


def _messages(
    before: int, lines: Iterable[str], where: str, speaker: Speaker, out: _Out
) -> Iterator[Burst]:
    for number, text in enumerate(lines, start=before + 1):
        words = text.partition("#")[0].strip()
        if not words:
            continue
        try:
            message = message_from_hex(words, speaker)
        except NotHexError as error:
            out.problem(where, Problem(number, str(error)))
            continue
        yield message


def _decode_capture(lines: Iterable[str], where: str, speaker: Speaker, out: _Out) -> None:
    header = Header()
    cutter, conversation = Cutter(), Conversation(captured=True)

    def tell(messages: Iterable[Burst]) -> None:
        for message in messages:
            out.explained(conversation.hear(message), header)

    for item in read_items(lines):
        if isinstance(item, Header):
            tell(cutter.flush())
            header, cutter, conversation = item, Cutter(), Conversation(captured=True)
            out.begins(header)
        elif isinstance(item, Problem):
            out.problem(where, item)
        elif item.speaker is Speaker.UNKNOWN:
            tell(cutter.feed(replace(item, speaker=speaker)))
        else:
            tell(cutter.feed(item))
    tell(cutter.flush())
