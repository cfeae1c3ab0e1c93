"""Which event may be published next: pure; time comes in as an argument.

Two rules, and what follows from them:

* At most one event of an asset is under way, and the lowest sequence goes first. Events about no
  asset count as one asset. Resends in a plain window were measured to invert the order.
* Every stream has a lane. A lane whose stream is full, missing or silent is shut and tried again
  ever more rarely with one event; the other lanes go on, so only its own class is late.

A lane keeps a bounded number of rows in memory. What does not fit stays in the outbox and is
read again in pages. While a lane is so behind, no event of another open lane may overtake what
it has not read yet: that is the horizon. A lane with a long backlog (hours without a server) is
left out of that rule and goes last among an asset's events, until it has caught up: a handpay of
now does not wait for last night's games.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.outbox.types import Row

WINDOW = 256
"""Events under way at once, over all assets."""
LANE_ROWS = 4096
"""Rows a lane keeps in memory, some 8 MB; beyond it they are read from the outbox again."""
PAGE_ROWS = 512
"""Rows read from the outbox at once."""
OVERTAKEN_AFTER_ROWS = 2048
"""Rows a lane may be behind before the other lanes no longer wait for it."""
SHUT_FIRST_S = 0.25
"""Seconds a lane is shut after its first trouble; doubled each time."""
SHUT_MOST_S = 10.0
"""The longest a lane stays shut before one event is tried again."""

NO_ASSET = "_"


@dataclass(slots=True)
class Lane:
    """The events of one stream.

    Attributes:
        stream: its name.
        rows: rows in memory, those under way included.
        read_to: rows up to this sequence have been taken into memory (or were settled before).
        behind: the outbox may hold pending rows above ``read_to``.
        parked: rows that wait for a shut lane to open.
        trouble: why the lane is shut, in words; empty while it is open.
        shut_until: loop time at which one event is tried again.
        shut_s: how long it was shut last.
        trial: sequence of the event that is being tried, or None.
        astray: it was shut, or has a long backlog, and has not caught up since; other lanes no
            longer wait for it, and an asset's events of theirs go first.
        caught_up: rows read since it fell behind.
    """

    stream: str
    rows: int = 0
    read_to: int = 0
    behind: bool = True
    parked: list[tuple[int, Row]] = field(default_factory=list)
    trouble: str = ""
    shut_until: float = 0.0
    shut_s: float = 0.0
    trial: int | None = None
    astray: bool = False
    caught_up: int = 0


_Waiting = tuple[bool, int, Row]
"""Whether its lane is astray, the row's sequence, the row."""


@dataclass(frozen=True, slots=True)
class Page:
    """A wish to read the outbox: pending rows of ``stream`` above ``after``, at most ``limit``."""

    stream: str
    after: int
    limit: int


class Lanes:
    """Rows that wait, and the rules by which they go.

    Args:
        streams: names of the streams that have a lane.
        lane_rows: rows a lane keeps in memory.
        page_rows: rows read from the outbox at once; at most half of ``lane_rows`` is sensible.
        overtaken_after_rows: rows a lane may be behind before others no longer wait for it.
    """

    def __init__(
        self,
        streams: Iterable[str],
        lane_rows: int = LANE_ROWS,
        page_rows: int = PAGE_ROWS,
        overtaken_after_rows: int = OVERTAKEN_AFTER_ROWS,
    ) -> None:
        self.lanes = {stream: Lane(stream) for stream in streams}
        self._lane_rows = lane_rows
        self._page_rows = page_rows
        self._overtaken_after_rows = overtaken_after_rows
        self._waiting: dict[str, list[_Waiting]] = {}  # by asset, a heap
        self._busy: set[str] = set()
        self._held: dict[str, float] = {}
        self._ready: deque[str] = deque()
        self._beyond: dict[str, None] = {}  # sets would make one seed two runs
        self._behind: dict[str, None] = dict.fromkeys(self.lanes)
        self._shut = 0
        self._horizon: float = 0

    @property
    def rows(self) -> int:
        """Rows in memory, those under way included."""
        return sum(lane.rows for lane in self.lanes.values())

    @property
    def behind(self) -> bool:
        """Whether the outbox may hold pending rows that are not in memory."""
        return bool(self._behind)

    @property
    def resting(self) -> bool:
        """Whether something waits for a moment to come: a shut lane or a held asset."""
        return bool(self._shut or self._held)

    def offer(self, row: Row) -> None:
        """Take a row that was just committed, or leave it to be read from the outbox later."""
        lane = self.lanes.get(row.stream)
        if lane is None:
            lane = self._new_lane(row.stream)
        if row.sequence <= lane.read_to:
            return
        if lane.behind or lane.rows >= self._lane_rows:
            self._fall_behind(lane)
        else:
            lane.read_to = row.sequence
            self._take(lane, row)

    def take_again(self, row: Row) -> None:
        """Take a row that was settled once; one that is yet to be read is left to be read."""
        lane = self.lanes.get(row.stream)
        if lane is not None and row.sequence <= lane.read_to:
            self._take(lane, row)

    def fall_behind(self) -> None:
        """The outbox may hold rows that were never offered: read every lane to its end."""
        for lane in self.lanes.values():
            self._fall_behind(lane)

    def wants(self) -> Page | None:
        """Return the page that should be read next, the lane furthest behind first."""
        if not self._behind:
            return None
        room = self._lane_rows - self._page_rows
        due = [
            lane for lane in map(self.lanes.__getitem__, self._behind) if lane.rows <= max(room, 0)
        ]
        if not due:
            return None
        lane = min(due, key=lambda lane: lane.read_to)
        return Page(lane.stream, lane.read_to, self._page_rows)

    def loaded(self, page: Page, rows: Sequence[Row]) -> None:
        """Take the rows of a page, in order of sequence; a short page is the last one."""
        lane = self.lanes[page.stream]
        for row in rows:
            lane.read_to = row.sequence
            self._take(lane, row)
        lane.caught_up += len(rows)
        if len(rows) < page.limit:
            lane.behind = False
            lane.caught_up = 0
            lane.astray = lane.astray and lane.rows > 0
            self._behind.pop(lane.stream, None)
        elif lane.caught_up >= self._overtaken_after_rows and not lane.astray:
            self._go_astray(lane)
        self._set_horizon()

    def next(self) -> Row | None:
        """Return the next row that may go, or None; it is then under way until told otherwise."""
        while self._ready:
            asset = self._ready.popleft()
            waiting = self._waiting.get(asset)
            if waiting is None or asset in self._busy or asset in self._held:
                continue
            if waiting[0][1] > self._horizon:
                self._beyond[asset] = None
                continue
            _, _, row = heapq.heappop(waiting)
            if not waiting:
                del self._waiting[asset]
            self._busy.add(asset)
            return row
        return None

    def settled(self, row: Row) -> None:
        """The row was acknowledged or refused."""
        lane = self.lanes[row.stream]
        lane.rows -= 1
        if lane.astray and not (lane.rows or lane.behind):
            lane.astray = False
        self._free(row)

    def put_back(self, row: Row) -> None:
        """The row is no longer under way and has to be sent again, before any later one."""
        lane = self.lanes[row.stream]
        if lane.trouble:
            if lane.trial == row.sequence:
                lane.trial = None
            lane.parked.append((row.sequence, row))
        else:
            self._wait(row)
        self._free(row)

    def hold(self, row: Row, until: float) -> None:
        """Put the row back and let its asset rest until ``until``: the trouble is its own."""
        self._held[_key(row)] = until
        self.put_back(row)

    def shut(self, row: Row, trouble: str, now: float) -> bool:
        """Put the row back and shut its lane; True if there is something new to tell."""
        lane = self.lanes[row.stream]
        news = False
        if not lane.trouble:
            lane.shut_s = SHUT_FIRST_S
            lane.astray = news = True
            self._shut += 1
            lane.trouble = trouble
            self._park(lane)
            lane.shut_until = now + lane.shut_s
        elif lane.trial == row.sequence:
            lane.shut_s = min(2 * lane.shut_s, SHUT_MOST_S)
            news = trouble != lane.trouble
            lane.trouble = trouble
            lane.shut_until = now + lane.shut_s
        self.put_back(row)
        self._set_horizon()
        return news

    def open(self, stream: str) -> bool:
        """The stream took an event: let the lane's rows go again. True if it was shut."""
        lane = self.lanes[stream]
        if not lane.trouble:
            return False
        lane.trouble, lane.trial, lane.shut_s = "", None, 0.0
        lane.astray = lane.behind
        self._shut -= 1
        parked, lane.parked = lane.parked, []
        for _, row in parked:
            self._wait(row)
        self._set_horizon()
        return True

    def wake(self, now: float) -> None:
        """Let go what has rested long enough: held assets, and one event of each shut lane."""
        for asset in [asset for asset, until in self._held.items() if until <= now]:
            del self._held[asset]
            self._ready.append(asset)
        for lane in self.lanes.values():
            if lane.trouble and lane.trial is None and lane.shut_until <= now:
                lane.shut_until = now + SHUT_FIRST_S  # unless a row is found and says otherwise
                self._try(lane)

    def hurry(self, now: float) -> None:
        """The server is back: try what is shut or held again at once."""
        for lane in self.lanes.values():
            lane.shut_until = min(lane.shut_until, now)
        self._held = dict.fromkeys(self._held, now)
        self.wake(now)

    def next_wake(self) -> float:
        """Return the loop time at which ``wake`` has something to do; infinity if never."""
        lanes = (
            lane.shut_until
            for lane in self.lanes.values()
            if lane.trouble and lane.trial is None and lane.parked
        )
        return min((*self._held.values(), *lanes), default=math.inf)

    def oldest(self, asset: str | None) -> int | None:
        """Return the lowest sequence of an asset that waits in memory (not one under way)."""
        key = asset or NO_ASSET
        waiting = self._waiting.get(key)
        parked = [
            sequence
            for lane in self.lanes.values()
            for sequence, row in lane.parked
            if _key(row) == key
        ]
        if waiting:
            parked.extend(sequence for _, sequence, _ in waiting)
        return min(parked, default=None)

    def read_to(self, sequence: int) -> bool:
        """Whether every row up to ``sequence`` has been in memory."""
        return all(not lane.behind or lane.read_to >= sequence for lane in self.lanes.values())

    def _new_lane(self, stream: str) -> Lane:
        lane = self.lanes[stream] = Lane(stream)
        self._behind[stream] = None
        self._set_horizon()
        return lane

    def _fall_behind(self, lane: Lane) -> None:
        if not lane.behind:
            lane.behind = True
            self._behind[lane.stream] = None
            self._set_horizon()

    def _take(self, lane: Lane, row: Row) -> None:
        lane.rows += 1
        if lane.trouble:
            lane.parked.append((row.sequence, row))
        else:
            self._wait(row)

    def _wait(self, row: Row) -> None:
        asset = _key(row)
        waiting = self._waiting.get(asset)
        entry = (self.lanes[row.stream].astray, row.sequence, row)
        if waiting is None:
            self._waiting[asset] = [entry]
            if asset not in self._busy:
                self._ready.append(asset)
            return
        first = entry < waiting[0]
        heapq.heappush(waiting, entry)
        if first and asset not in self._busy:
            self._ready.append(asset)

    def _free(self, row: Row) -> None:
        asset = _key(row)
        self._busy.discard(asset)
        if asset in self._waiting:
            self._ready.append(asset)

    def _park(self, lane: Lane) -> None:
        for asset, waiting in list(self._waiting.items()):
            staying = [entry for entry in waiting if entry[2].stream != lane.stream]
            if len(staying) == len(waiting):
                continue
            lane.parked.extend(entry[1:] for entry in waiting if entry[2].stream == lane.stream)
            if staying:
                heapq.heapify(staying)
                self._waiting[asset] = staying
                self._ready.append(asset)
            else:
                del self._waiting[asset]

    def _go_astray(self, lane: Lane) -> None:
        """Let the other lanes pass; all rows of this one are put last, so they keep their order."""
        lane.astray = True
        for asset, waiting in self._waiting.items():
            if any(row.stream == lane.stream for _, _, row in waiting):
                waiting[:] = [(self.lanes[row.stream].astray, at, row) for _, at, row in waiting]
                heapq.heapify(waiting)
                self._ready.append(asset)

    def _try(self, lane: Lane) -> None:
        """Let the oldest parked row go whose asset is free and has none older in this lane."""
        passed: set[str] = set()
        lane.parked.sort(key=lambda entry: entry[0])
        for at, (sequence, row) in enumerate(lane.parked):
            asset = _key(row)
            if asset in passed or asset in self._busy or asset in self._held:
                passed.add(asset)
                continue
            del lane.parked[at]
            lane.trial = sequence
            self._wait(row)
            return

    def _set_horizon(self) -> None:
        horizon = min(
            (lane.read_to for lane in self.lanes.values() if lane.behind and not lane.astray),
            default=math.inf,
        )
        if horizon > self._horizon:
            self._ready.extend(self._beyond)
            self._beyond.clear()
        self._horizon = horizon


def _key(row: Row) -> str:
    return row.asset or NO_ASSET
