"""The lines: how each works, what is wrong with it and where to look; and one line's machines."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from gateway.console.columns import Column
from gateway.console.floor_heads import no_lines
from gateway.console.line_findings import findings, slowest
from gateway.console.lists import link_said
from gateway.console.machine_screen import MachineScreen
from gateway.console.one_line import OneLine
from gateway.console.page import Page, WordList, World
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Tone
from gateway.console.words import count, percent, several
from gateway.status.model import EgmStatus, LineStatus

# a line, whether something is wrong with it, and who on it answers slowest
_LineRow = tuple[LineStatus, bool, EgmStatus | None]

_LINE_COLUMNS: tuple[Column[_LineRow], ...] = (
    Column("line", 6, lambda row, _s, _w: Said(row[0].name)),
    Column("", 4, lambda row, _s, _w: Said("LOOK", Tone.BAD) if row[1] else Said("well")),
    Column("up", 5, lambda row, _s, _w: Said(f"{row[0].egms_up}/{row[0].egms}"), right=True),
    Column("turn s", 6, lambda row, _s, _w: Said(_seconds(row[0].cycle_s)), right=True),
    Column("plan s", 6, lambda row, _s, _w: Said(_seconds(_planned(row[0]))), right=True,
           from_width=70),
    Column("in use", 6, lambda row, _s, _w: Said(percent(_use(row[0]))), right=True,
           from_width=70),
    Column("answered", 8, lambda row, _s, _w: Said(percent(_answered(row[0]))), right=True),
    Column("silent", 7, lambda row, _s, w: Said(count(row[0].timeouts, w)), right=True),
    Column("CRC", 6, lambda row, _s, w: Said(count(row[0].crc_errors, w)), right=True),
    Column("other", 6, lambda row, _s, w: Said(count(row[0].other_errors, w)), right=True),
    Column("slowest", 9, lambda row, _s, _w: Said(_slowest(row[2])), right=True, from_width=80),
    Column("port", 8, lambda row, _s, _w: Said(f"{row[0].state}, {row[0].port}"), grow=1,
           from_width=90),
)  # fmt: skip

_EGM_COLUMNS: tuple[Column[EgmStatus], ...] = (
    Column("addr", 4, lambda egm, _s, _w: Said(str(egm.address)), right=True),
    Column("location", 8, lambda egm, _s, _w: Said(egm.location)),
    Column("asset", 6, lambda egm, _s, _w: Said(egm.asset)),
    Column("link", 5, link_said, right=True),
    Column("answer", 7, lambda egm, _s, _w: Said(_took(egm)), right=True),
    Column("polls", 9, lambda egm, _s, w: Said(count(egm.polls, w)), right=True),
    Column("silent", 7, lambda egm, _s, w: Said(count(egm.timeouts, w)), right=True),
    Column("CRC", 6, lambda egm, _s, w: Said(count(egm.crc_errors, w)), right=True),
    Column("other", 6, lambda egm, _s, w: Said(count(_others(egm), w)), right=True),
    Column("because", 10, lambda egm, _s, _w: Said(egm.link_reason), grow=1, from_width=70),
)  # fmt: skip

# Over NATS nobody tells of ports, turns and errors: what is not known has no column.
_BUS_LINE_COLUMNS: tuple[Column[_LineRow], ...] = (
    Column("line", 14, _LINE_COLUMNS[0].cell),
    *_LINE_COLUMNS[1:3],
    Column("state", 16, lambda row, _s, _w: Said(row[0].state), grow=1),
)
_BUS_EGM_COLUMNS = (*_EGM_COLUMNS[:4], _EGM_COLUMNS[-1])
NOT_OVER_NATS = Said(
    "Over NATS nobody tells of ports, turns and errors: for these open slotgw console SITE.toml on "
    "the gateway's own computer.", Tone.QUIET,
)  # fmt: skip


class LinesPage(Page):
    """All lines of the gateway, and what is wrong with them in words."""

    AUTO_FOCUS = "#lines-table"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        now = world.sight()
        columns = _BUS_LINE_COLUMNS if world.floor.over_nats else _LINE_COLUMNS
        self._table: RowTable[_LineRow] = RowTable(
            columns, lambda row: row[0].name, now, header=True, id="lines-table"
        )
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="findings-heading")
        self._findings = WordList(now, id="findings")

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._table
        yield self._heading
        yield self._findings
        yield self.footer()

    def draw(self) -> None:
        """Show every line, and what is wrong."""
        super().draw()
        floor, sight = self.world.floor, self.world.sight()
        egms = floor.by_line()
        found = {line.name: findings(line, egms[line.name]) for line in floor.lines.values()}
        lines = sorted(floor.lines.values(), key=lambda line: (not found[line.name], line.name))
        rows = [(line, bool(found[line.name]), slowest(egms[line.name])) for line in lines]
        self._table.show(rows, sight, empty=no_lines(floor))
        bad = sum(bool(each) for each in found.values())
        words = f"{bad} of {several(len(lines), 'line')} to look at" if bad else "What is wrong"
        self._heading.say(self.heading(words))
        said = [finding.said() for line in lines for finding in found[line.name]]
        well = f"Nothing: every machine answers on {several(len(lines), 'line')}."
        said = said or [Said(well if lines else "", Tone.GOOD)]
        if floor.over_nats:
            said.append(NOT_OVER_NATS)
        self._findings.say(said, sight, empty=Said(""))

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        if isinstance(event.row, tuple):
            self.app.push_screen(LinePage(self.world, event.row[0].name))


class LinePage(Page):
    """One line: its machines in the order of their addresses, with their figures."""

    AUTO_FOCUS = "#line-egms"

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world)
        now = world.sight()
        self._line_name = name
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="line-heading")
        columns = _BUS_EGM_COLUMNS if world.floor.over_nats else _EGM_COLUMNS
        self._table: RowTable[EgmStatus] = RowTable(
            columns, lambda egm: egm.asset, now, header=True, id="line-egms"
        )
        self._findings = WordList(now, id="findings")

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._table
        yield self._findings
        yield self.footer()

    def draw(self) -> None:
        """Show the line's machines, and what is wrong."""
        super().draw()
        floor, sight = self.world.floor, self.world.sight()
        line = floor.lines.get(self._line_name)
        if line is None:  # a restarted gateway may have other lines
            self._heading.say(self.heading(f"{self._line_name}: not on this gateway any more"))
            self._table.show((), sight, empty=Said("esc goes back.", Tone.WARN))
            self._findings.say((), sight, empty=Said(""))
            return
        turn = f", a turn takes {_seconds(line.cycle_s)} s" if line.cycle_s is not None else ""
        self._heading.say(self.heading(f"{line.name}: {line.state}, {line.port}{turn}"))
        egms = floor.by_line()[line.name]
        self._table.show(egms, sight, empty=Said("no EGMs on this line", Tone.WARN))
        found = findings(line, egms)
        well = Said(f"Nothing is wrong with this line.{_room(line)}", Tone.GOOD)
        said = [finding.said() for finding in found]
        if found and (room := _room(line)):
            said.append(Said(room.strip(), Tone.QUIET))
        self._findings.say(said, sight, empty=well)

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        if isinstance(event.row, EgmStatus):
            self.app.push_screen(MachineScreen(self.world, event.row.asset))


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _planned(line: LineStatus) -> float | None:
    """Return the seconds between two polls of one EGM, as planned."""
    return None if line.plan_period_s is None else max(line.plan_period_s, line.plan_cycle_s or 0)


def _use(line: LineStatus) -> float | None:
    """Return the share of the line's time that its general polls need at most, 0 to 1."""
    planned = _planned(line)
    return None if not planned or line.plan_cycle_s is None else line.plan_cycle_s / planned


def _room(line: LineStatus) -> str:
    """Return whether the line has time to spare, as a sentence; nothing where nobody polls."""
    use = _use(line)
    if use is None or line.cycle_s is None:
        return ""
    planned = _seconds(_planned(line))
    return (f" Its polls need at most {percent(use)} of its time; a turn takes "
            f"{_seconds(line.cycle_s)} s, planned {planned} s.")  # fmt: skip


def _took(egm: EgmStatus) -> str:
    return "" if egm.answer_ms is None else f"{egm.answer_ms} ms"


def _slowest(egm: EgmStatus | None) -> str:
    return "" if egm is None else f"{egm.address}: {_took(egm)}"


def _answered(line: LineStatus) -> float | None:
    return line.answers / line.polls if line.polls else None


def _others(egm: EgmStatus) -> int:
    return egm.errors - egm.timeouts - egm.crc_errors
