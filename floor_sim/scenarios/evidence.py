"""What can be seen of a scenario: events in a stream, polls on a wire, records of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from protocols.sas.polls import Request
from protocols.sas.tables.exceptions import exception_text

Kind = Literal["event", "poll", "record"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was seen.

    Attributes:
        kind: event, poll or record.
        at: moment on the floor's clock, in seconds: when it came, was heard, was written.
        name: event: its name; poll: general, sync or its command in hex; record: its "what".
        asset: the machine, or None.
        port: SAS port, 1 or 2; 0 where it has nothing to do with one.
        data: event: its data; record: its facts.
        whole: event: all of it, for references such as $seen.NAME.id.
        code: event: the exception code that it tells of, or None.
        repeat: event: the machine may have told it before.
    """

    kind: Kind
    at: float
    name: str
    asset: str | None
    port: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    whole: Mapping[str, Any] = field(default_factory=dict)
    code: int | None = None
    repeat: bool = False

    def text(self) -> str:
        """Return it in one line for people."""
        where = f" at {self.asset}" if self.asset else ""
        if self.kind == "event":
            shown = ", ".join(f"{key} {value}" for key, value in self.data.items() if value != {})
            return f"event {self.name}{where} ({shown[:160]})"
        if self.kind == "poll":
            word = self.name if len(self.name) > 2 else f"long poll {self.name}"
            return f"{word} poll{where}" if len(self.name) > 2 else f"{word}{where}"
        code = self.data.get("code")
        said = f" {code} {exception_text(int(code, 16))}" if isinstance(code, str) else ""
        return f"record {self.name}{said}{where}"


def poll_name(request: Request) -> str:
    """Return general, sync or the command of a poll in hex."""
    if request.kind in {"general", "sync"}:
        return request.kind
    return f"{request.command:02X}" if request.command is not None else "unknown"


def record_item(record: Mapping[str, Any], at: float) -> Item:
    """Return a record of the ledger as something seen."""
    port = int(record["port"]) + 1 if "port" in record else 0
    return Item("record", at, str(record["what"]), record.get("egm"), port, data=record)
