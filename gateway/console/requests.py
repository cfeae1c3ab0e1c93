"""Asks the gateway for something over its ``request`` socket: one line of JSON, one line back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

ANSWER_S: Final = 20.0
"""Seconds that an answer may take: it is on the gateway's disk before it is given."""

ANSWER_BYTES_MAX: Final = 64 * 1024


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    text: str = ""


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")
    error: str = ""
    events: tuple[_Event, ...] = ()
    statement: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request.

    Attributes:
        error: why nothing did, whose fault it is and what to do; empty if it was done.
        events: what was told because of it, in words.
        statement: what the gateway states about a report that it was to sign; else empty.
        signature: over it.
    """

    error: str = ""
    events: tuple[str, ...] = ()
    statement: str = ""
    signature: str = ""


async def ask(path: Path, request: Mapping[str, object]) -> Answer:
    """Send one request to the gateway at ``path``; never raises, and waits ``ANSWER_S`` at most."""
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_unix_connection(path, limit=ANSWER_BYTES_MAX)
            try:
                writer.write(json.dumps(request).encode() + b"\n")
                await writer.drain()
                line = await reader.readline()
            finally:
                writer.close()
        said = _Said.model_validate_json(line or b"{}")
    except TimeoutError:
        return Answer(f"the gateway did not answer within {ANSWER_S:.0f} s; is it overloaded?")
    except OSError as error:
        return Answer(f"the gateway cannot be asked ({error.strerror or error}); does it run?")
    except (ValidationError, ValueError):
        return Answer("the gateway's answer cannot be read; start both from one installation")
    if not line:
        return Answer("the gateway hung up without an answer; try again")
    told = tuple(event.text for event in said.events)
    return Answer(said.error, told, said.statement, said.signature)
