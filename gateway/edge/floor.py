"""From a site file to the jobs of its lines: works, pages, ports, card readers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from edge_config.places import Places
from edge_config.register import Register
from edge_config.site import EgmInfo, LineInfo
from gateway.edge.clock import Clock
from gateway.edge.doubt_book import codes_of
from gateway.edge.egm import EgmWork, Note
from gateway.edge.job import Job
from gateway.edge.keys import gap_key, heard_key, last_key, learned_key, up_key
from gateway.edge.line import LineJob
from gateway.edge.listen_line import ListenJob
from gateway.edge.listen_memory import heard_moment, moment_ago
from gateway.edge.machines import Machines
from gateway.edge.page import LinePage
from gateway.edge.port import Port
from gateway.edge.ports import Ports
from gateway.edge.reading import Tag
from gateway.edge.recorder import Recorder
from gateway.edge.rules import handpay_rules, utc_offset
from gateway.edge.standing import Standing
from gateway.edge.tap_port import Receiver, TapPort
from gateway.events.encode import Place
from gateway.events.moment import Moment
from gateway.meaning.engine import EgmFacts
from gateway.outbox.types import Restored

PortFor = Callable[[LineInfo, Path], Port]
ReceiverFor = Callable[[LineInfo, Path, Path | None], Receiver]


def receiver_for(line: LineInfo, path: Path, path_egm: Path | None) -> Receiver:
    """Return the receive wires of a line on which another host polls."""
    ninth_bit = line.ninth_bit_by
    assert ninth_bit != "symbols", "the loader lets no line through that listens on a bridge"
    return TapPort(path, path_egm, ninth_bit)


@dataclass(frozen=True, slots=True)
class Floor:
    """The lines of this gateway and the work for their EGMs."""

    lines: tuple[Job, ...]
    works: tuple[EgmWork, ...]
    by_asset: Machines
    """The work for each EGM, by asset number: of the place where it was found last."""

    def wish(self, asset: str, what: str, tag: Tag) -> None:
        """Ask an EGM for a reading as soon as its pace allows; a line that listens asks nothing."""
        job = self.line_of(asset)
        address = next(at for at, work in job.works.items() if work.machine == asset)
        job.wish(address, what, tag)

    def line_of(self, asset: str) -> Job:
        """Return the line on which ``asset`` answers.

        Raises:
            KeyError: there is none.
        """
        for job in self.lines:
            if any(work.machine == asset for work in job.works.values()):
                return job
        raise KeyError(asset)


def build(
    places: Places,
    restored: Restored,
    recorder: Recorder,
    clock: Clock,
    note: Note,
    port_of: PortFor | None = None,
    receiver_of: ReceiverFor = receiver_for,
) -> Floor:
    """Make the jobs of every line of the site.

    Without ``port_of`` its ports are the production ones, and a bridge among them has no job.
    """
    site, port_of = places.site, port_of or Ports().port_for
    lines: list[Job] = []
    every: list[EgmWork] = []
    machines = Machines(restored.states, lru_cache(lambda name: handpay_rules(site, name)))
    more = (Register(site), machines)
    for line in site.lines:
        works = {
            egm.address: _work(places, line, egm, restored, recorder, clock, note, *more)
            for egm in site.egms_on(line.name)
        }
        if not works:
            continue
        every.extend(works.values())
        was_up = _was_up(works, restored)
        path, codes = places.line_port(line), _last_codes(works, restored)
        if line.mode == "listen":
            lines.append(
                ListenJob(
                    line,
                    works,
                    receiver_of(line, path, places.line_port_egm(line)),
                    recorder,
                    clock,
                    last_codes=codes,
                    was_up=was_up,
                    heard_before=heard_moment(restored.keys.get(heard_key(line.name)), clock),
                    missing_since=_missing_since(works, restored, clock),
                )
            )
            continue
        lines.append(
            LineJob(
                line,
                works,
                port_of(line, path),
                LinePage(places.gateway_folder / "pages" / f"{line.name}.page"),
                recorder,
                clock,
                polls_committed=restored.polls.get(line.name, 0),
                last_codes=codes,
                was_up=was_up,
                gaps=_open_gaps(works, restored),
                learned=_learned(works, restored),
                outbox_trouble=recorder.trouble,
            )
        )
    return Floor(tuple(lines), tuple(every), machines)


def _work(
    places: Places,
    line: LineInfo,
    egm: EgmInfo,
    restored: Restored,
    recorder: Recorder,
    clock: Clock,
    note: Note,
    register: Register,
    machines: Machines,
) -> EgmWork:
    site = places.site
    place = Place(
        site=site.site.id,
        gateway=site.gateway.id,
        jurisdiction=site.site.jurisdiction,
        line=line.name,
        address=egm.address,
        bank=egm.bank,
        zone=egm.zone,
        location=egm.location,
        linemode=line.mode,
    )
    facts = EgmFacts(
        asset=egm.asset,
        denomination=egm.denomination,
        currency=site.site.currency,
        par_percent=egm.par_percent,
        birthid=recorder.birthid,
        utc_offset_s=utc_offset(site),
        meter_digits=egm.meter_digits,
    )
    standing = Standing(register, egm, place, restored.keys)
    state = restored.states.get(standing.machine)
    return EgmWork(egm, facts, place, state, recorder, clock, note, standing, machines)


def _was_up(works: dict[int, EgmWork], restored: Restored) -> frozenset[int]:
    return frozenset(
        address
        for address, work in works.items()
        if restored.keys.get(up_key(work.info.asset)) == "1"
    )


def _last_codes(works: dict[int, EgmWork], restored: Restored) -> dict[int, tuple[int, ...]]:
    codes = {}
    for address, work in works.items():
        text = restored.keys.get(last_key(work.info.asset))
        if text is not None:
            codes[address] = codes_of(text)
    return codes


def _open_gaps(works: dict[int, EgmWork], restored: Restored) -> dict[int, tuple[str, int]]:
    gaps = {}
    for address, work in works.items():
        cause, _, wall_ns = restored.keys.get(gap_key(work.info.asset), "").partition(" ")
        if cause:
            gaps[address] = (cause, int(wall_ns))
    return gaps


def _learned(works: dict[int, EgmWork], restored: Restored) -> dict[int, str]:
    return {
        address: restored.keys.get(learned_key(work.info.asset), "")
        for address, work in works.items()
    }


def _missing_since(
    works: dict[int, EgmWork], restored: Restored, clock: Clock
) -> dict[int, Moment]:
    gaps = _open_gaps(works, restored)
    return {address: moment_ago(wall_ns, clock) for address, (_, wall_ns) in gaps.items()}
