"""The floor as the panel knows it: its last state, the newest records, and whether it is there."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from floor_sim.panel.sight import Line
from protocols.sas.tables import exception_text

RECORDS_MAX: Final = 2_000
"""Records that the panel keeps."""
GAMES: Final = frozenset({"7E", "7F"})
CREDITS_DIGITS: Final = 9
HEADINGS: Final = (
    f"{'asset':<8} {'location':<10} {'line':<5}{'link':<5}{'credits':>{CREDITS_DIGITS}} "
    f"{'games':>7} {'wait':>4}  how it stands"
)

Record = Mapping[str, Any]


@dataclass(slots=True)
class View:
    """What of it a person wants to see.

    Attributes:
        words: a machine's row has each of them; none of those that begin with ``!``.
        trouble: only machines that want something.
        mine: the ledger of the machine under the cursor alone.
        everything: in the ledger games and acknowledgements too.
    """

    words: str = ""
    trouble: bool = False
    mine: bool = False
    everything: bool = False


@dataclass(slots=True)
class Floor:
    """What the control API told last.

    Attributes:
        state: the state of the floor; None before the first.
        records: the newest of the truth, oldest first; a row ``missing`` stands for those that
            came and went between two looks.
        last: number of the last record known.
        away: why nothing is known now; empty while the floor answers.
        seen: moment of the last answer, in seconds; None before the first.
        version: changes with everything else.
    """

    state: dict[str, Any] | None = None
    records: deque[Record] = field(default_factory=lambda: deque(maxlen=RECORDS_MAX))
    last: int = 0
    away: str = ""
    seen: float | None = None
    version: int = 0

    def told(self, state: dict[str, Any], tail: Mapping[str, Any], now: float) -> None:
        """Take over what the floor told."""
        records = tail["records"]
        if tail["last"] < self.last or (self.state and state["name"] != self.state["name"]):
            self.records.clear()
            self.records.append({"n": 0, "what": "another ledger"})
        elif self.state is not None and tail["last"] - self.last > len(records):
            missing = tail["last"] - self.last - len(records)
            self.records.append({"n": self.last, "what": "missing", "records": missing})
        self.records.extend(records)
        self.state, self.last = state, tail["last"]
        self.seen, self.away = now, ""
        self.version += 1

    def gone(self, why: str) -> None:
        """The floor does not answer."""
        if why != self.away:
            self.away = why
            self.version += 1

    def machine(self, asset: str | None) -> dict[str, Any] | None:
        """Return what is known of a machine."""
        return next((one for one in self.machines if one["asset"] == asset), None)

    @property
    def machines(self) -> Sequence[dict[str, Any]]:
        """Every machine."""
        return self.state["machines"] if self.state else ()


def machine_lines(floor: Floor, view: View) -> list[Line]:
    """Return a line a machine, of those that are wanted."""
    lines = []
    for one in floor.machines:
        line = _machine_line(one, stale=bool(floor.away))
        if (_wants(one) or not view.trouble) and _has(line.text, view.words):
            lines.append(line)
    return lines


def ledger_lines(floor: Floor, view: View, asset: str | None) -> list[Line]:
    """Return a line a record, oldest first."""
    return [
        _record_line(record)
        for record in floor.records
        if (not view.mine or record.get("egm", asset) == asset)
        and (view.everything or not _everyday(record))
    ]


def record_words(record: Record) -> str:
    """Return what a record says, without its moment and its machine."""
    what = record["what"]
    if what == "missing":
        return f"... {record['records']:,} more records, too fast to follow; the ledger has them"
    if what == "another ledger":
        return "... the floor came back with another ledger"
    code = record.get("code", "")
    if what in {"exception", "acked", "lost"}:
        words = f"{what} {code} {exception_text(int(code, 16))}"
        port = f", port {record['port'] + 1}" if record.get("port") else ""
        why = f": {record['reason']}" if "reason" in record else ""
        return words + port + why
    hidden = _SAID_ELSEWHERE | ({"line"} if "egm" in record else set())
    facts = [_fact(key, value) for key, value in record.items() if key not in hidden]
    return " ".join([what, *facts])


_SAID_ELSEWHERE: Final = frozenset({"n", "t", "egm", "address", "what", "of"})
_FLAGS: Final = {"on": ("on", "off"), "inside": ("in", "out"), "pulled": ("pulled", "put back")}
_BARE: Final = frozenset({"line", "guest", "text", "door"})
"""Facts that need no name."""


def _fact(key: str, value: object) -> str:
    if key in _FLAGS:
        return _FLAGS[key][0 if value else 1]
    if key == "fault" and isinstance(value, dict):
        return " ".join(f"{name}={one}" for name, one in value.items())
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if key in _BARE else f"{key}={text}"


def _everyday(record: Record) -> bool:
    return record["what"] in {"acked", "games"} or record.get("code") in GAMES


def _record_line(record: Record) -> Line:
    moment = str(record.get("t", ""))[11:19]
    text = f"{moment:8} {record.get('egm', ''):<8} {record_words(record)}"
    tones = {"lost": "warn", "fault": "warn", "missing": "warn", "acked": "quiet"}
    return Line(text, tones.get(record["what"], "plain"), str(record["n"]))


def _machine_line(one: Mapping[str, Any], *, stale: bool) -> Line:
    link = "up" if one["link_up"] else "down"
    stands = ", ".join(one["stands"])
    if stale:
        link, stands = "?", f"? {stands}"
    where = f"{one['asset']:<8.8} {one['location']:<10.10} {one['line']:<5.5}{link:<5}"
    counts = f"{one['credits']:>{CREDITS_DIGITS},} {one['games_played']:>7,} {one['queued']:>4}"
    text = f"{where}{counts}  {stands}"
    tone = "quiet" if stale else "bad" if _wants(one) else "plain"
    return Line(text, tone, one["asset"])


def _wants(one: Mapping[str, Any]) -> bool:
    """Say whether somebody should come; a guest who plays is no trouble."""
    return bool({*one["stands"]} - {"game", "card"})


def _has(text: str, words: str) -> bool:
    found = text.casefold()
    for word in words.casefold().split():
        wanted = not word.startswith("!")
        if (word.removeprefix("!") in found) is not wanted:
            return False
    return True
