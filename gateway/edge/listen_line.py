"""One line on which somebody else's host polls: we hear both sides, and say nothing.

There is no P2 here: the host acknowledges for us, whether we have committed or not. So what was
heard is committed as fast as the disk takes it, reading never waits for more than a few commits,
and every stretch that was not heard is a gap.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from edge_config.site import LineInfo
from gateway.edge.answer_times import AnswerTimes
from gateway.edge.clock import Clock, moment
from gateway.edge.doubt_book import DoubtBook
from gateway.edge.egm import EgmWork, Seen
from gateway.edge.heard_egm import GAP_MAX_S, NOT_READ, HeardEgm
from gateway.edge.keys import gap_key, heard_key, up_key
from gateway.edge.listen_memory import heard_text
from gateway.edge.long_polls import LongPolls
from gateway.edge.port import PortError
from gateway.edge.reading import Tag
from gateway.edge.recorder import Recorded, Recorder
from gateway.edge.standing import nobody
from gateway.edge.supervise import Backoff, TransientError
from gateway.edge.tap_port import Receiver
from gateway.events.fact import Fact, JsonObject
from gateway.events.moment import Moment
from gateway.meaning.observation import Commanded, GapSeen, LinkChange, Observation
from protocols.sas.errors import AddressError, UnexpectedError
from protocols.sas.heard import Chirp, Exchange, Heard, HostBack, HostSilent, Noise, Verdict, Wire
from protocols.sas.host.steps import LinkChanged
from protocols.sas.listener import Listener
from protocols.sas.replies import ExceptionReply, IdleReply, LongPollReply, SignatureReply
from protocols.sas.settings import poll_row

log = logging.getLogger(__name__)

NOT_LISTENING: Final = "not_listening"
OUT_OF_STEP: Final = "out_of_step"
HEARD: Final = "heard"
IDLE: Final = b"\x00"
LOOK_S: Final = 0.5  # at least so often we look whether we are to stop
KEEP_S: Final = 5.0  # how often the moment of the last exchange is kept: a gap begins no earlier
COMMITS_MAX: Final = 4  # commits that may wait for the disk before reading waits for them
STRANGERS_MAX: Final = 127
UNTOLD_COMMANDS: Final = frozenset({0x80, 0x86})
"""Levels of progressives: a controller repeats them every few seconds for ever, and exception 53
tells when they stop. They order nothing that anybody would look for."""


class ListenJob:
    """Listens to one line for ever.

    Args:
        info: the site's row of the line.
        works: the work for each EGM, by address.
        port: its receive wires.
        last_codes: each address's last committed exception, and those before it in doubt.
        was_up: addresses whose link was up when the last process ended.
        heard_before: when the last process last heard the line, or None: none has listened.
        missing_since: since when a gap lasted that it did not tell, by address.
    """

    def __init__(
        self,
        info: LineInfo,
        works: Mapping[int, EgmWork],
        port: Receiver,
        recorder: Recorder,
        clock: Clock,
        *,
        last_codes: Mapping[int, tuple[int, ...]],
        was_up: frozenset[int],
        heard_before: Moment | None,
        missing_since: Mapping[int, Moment],
    ) -> None:
        self.info = info
        self.works = works
        self.port = port
        self.state = "waiting for the port"
        self.state_since = moment(clock)
        self.cycle_s: float | None = None
        self.links = {address: HeardEgm(address) for address in works}
        self.long_polls, self.answer_times = LongPolls(), AnswerTimes()
        self._recorder = recorder
        self._clock = clock
        self._stopping = False
        self._listener = Listener(clock.monotonic())
        self._host_silent_since: float | None = None
        self._unsure = False  # a poll of the host was not understood: who was acknowledged?
        self._silent: tuple[HeardEgm, bytes] | None = None  # who did not answer which poll
        self._dropped = 0
        self._strangers: set[int] = set()
        self._polled_at: dict[int, float] = {}
        self._commits: deque[Recorded] = deque()
        self._doubts = DoubtBook(works, last_codes)
        self._heard_s: float | None = None
        self._kept_s: float | None = None if heard_before is None else clock.monotonic()
        for address, link in self.links.items():
            ended = missing_since.get(address, heard_before)
            began = None if ended is None else ended.monotonic_s
            heard = address in was_up or address in missing_since
            until = None if heard else clock.monotonic() + GAP_MAX_S
            link.resume(last_codes.get(address, ()), began, NOT_LISTENING, until)
        self._gaps_kept = {at: since.monotonic_s for at, since in missing_since.items()}

    async def run(self, backoff: Backoff) -> None:
        """Open the port and listen.

        Raises:
            TransientError: the port is away.
        """
        try:
            self.port.open()
        except PortError as error:
            self._say(error.state)
            raise TransientError(str(error)) from error
        backoff.well()
        self._begin()
        try:
            while not self._stopping:
                await self._step()
            self._keep_heard(self._clock.monotonic(), due_s=0.0)
        except PortError as error:
            self._say(error.state)
            self._deaf("our port is away")
            raise TransientError(str(error)) from error
        finally:
            self.port.close()

    def stop(self) -> None:
        """Stop after what is being heard."""
        self._stopping = True

    def wish(self, address: int, what: str, tag: Tag) -> None:
        """Ask for nothing: whoever only listens takes what the host asks for."""

    def _begin(self) -> None:
        skew_s = self.info.wires_apart_s if self.port.two_wires else 0.0
        self._listener = Listener(self._clock.monotonic(), skew_s=skew_s)
        self._dropped = self.port.dropped_bytes
        self._unsure = False
        self._silent = None
        self._polled_at.clear()
        if self._kept_s is None:  # from now on whatever a process misses is a gap
            self._heard_s = self._clock.monotonic()
            self._keep_heard(self._heard_s, due_s=0.0)
        self._say("listening" if self._host_silent_since is None else "no host is heard")

    async def _step(self) -> None:
        until = min(self._listener.deadline, self._clock.monotonic() + LOOK_S)
        heard = await self.port.read(until)
        now = self._clock.monotonic()
        if self.port.dropped_bytes != self._dropped:
            self._dropped = self.port.dropped_bytes
            self._missed(now, NOT_LISTENING)
        if heard is None:
            told = self._listener.quiet(now)
        else:
            told = self._listener.hear(
                heard.symbols.data, heard.at, wire=heard.wire, wakeup=heard.symbols.wakeup
            )
        for item in told:
            self._take(item)
        self._keep_heard(now)
        while self._commits and (len(self._commits) > COMMITS_MAX or self._commits[0].done.done()):
            await self._commits.popleft().on_disk()

    def _take(self, item: Heard) -> None:
        match item:
            case Exchange():
                self._exchange(item)
            case Verdict():
                link = self.links.get(item.address)
                if link is not None:
                    link.verdict(item, item.at_s)
            case Noise():
                self._noise(item)
            case Chirp():
                if self.info.ninth_bit_by == "none" and not self.port.two_wires:
                    self._missed(item.at_s, OUT_OF_STEP)  # or an answer that we heard late
            case HostSilent():
                self._host_silent(item)
            case HostBack():
                self._host_back(item.at_s)

    def _noise(self, item: Noise) -> None:
        if item.wire is Wire.MACHINE and item.error.raw == IDLE:
            return  # whoever that was had nothing to say
        self._missed(item.at_s, OUT_OF_STEP)
        if item.wire is not Wire.MACHINE:
            self._unsure = True

    def _missed(self, now: float, cause: str) -> None:
        for link in self.links.values():
            link.missed(now, cause)

    # ------------------------------------------------------------------ one exchange

    def _exchange(self, heard: Exchange) -> None:
        request, now = heard.request, heard.answered_s or heard.asked_s
        self._host_back(heard.asked_s)
        self._heard_s = heard.asked_s
        if heard.commanded:
            self._commanded(heard)
        answered = heard.reply is not None and bool(heard.reply.raw)
        nobody = request.address not in self.links
        for link in self.links.values():
            if link.address != request.address:
                link.others_poll(answered=answered, nobody=nobody)
        silent, self._silent = self._silent, None
        if silent is not None and silent[1] != request.raw:
            silent[0].missed(now, NOT_READ)  # its host did not ask again: did it hear an answer?
        if isinstance(heard.error, UnexpectedError | AddressError) or (heard.error and nobody):
            self._missed(now, OUT_OF_STEP)  # who knows whose answer that was
        unsure, self._unsure = self._unsure, False
        if nobody:
            if answered:
                self._stranger(request.address)
            return
        self._keep_cycle(heard)
        link = self.links[request.address]
        if not answered and link.live and request.kind == "general":
            self._silent = (link, request.raw)
        self._of_egm(heard, link, now, unsure=unsure)

    def _of_egm(self, heard: Exchange, link: HeardEgm, now: float, *, unsure: bool) -> None:
        work = self.works[link.address]
        self.long_polls.heard(heard)
        changes, understood = link.heard(heard, now)
        seen: list[Seen] = [self._change(change, now) for change in changes]
        keys: dict[str, str] = {}
        if changes:
            keys[up_key(work.info.asset)] = "1" if link.live else "0"
        gap = link.gap(now) if understood else None
        if gap is not None:
            began = moment(self._clock, gap.began)
            seen.append(GapSeen(work.info.asset, gap.cause, began, moment(self._clock, now)))
        if seen:
            keys |= self._gap_kept(link, work.info.asset)
        if understood and (unsure or not heard.repeat):
            marked = link.possible_repeat(heard, unsure=unsure and heard.repeat)
            keys |= self._doubts.after(link.address, heard.reply, link.doubts)
            if not isinstance(heard.reply, IdleReply):
                seen += self._observations(heard, link, now, marked=marked)
        self._observe(work, seen, keys)

    def _gap_kept(self, link: HeardEgm, asset: str) -> dict[str, str]:
        """Keep since when a machine has been missed, until that is told: by the next process."""
        since, kept = link.missing_since, self._gaps_kept.get(link.address)
        if since == kept:
            return {}
        if since is None:
            del self._gaps_kept[link.address]
            return {gap_key(asset): ""}
        self._gaps_kept[link.address] = since
        return {gap_key(asset): f"{NOT_LISTENING} {moment(self._clock, since).wall_ns}"}

    def _observations(
        self, heard: Exchange, link: HeardEgm, now: float, *, marked: bool
    ) -> list[Observation]:
        reply = heard.reply
        if not isinstance(reply, ExceptionReply | LongPollReply | SignatureReply):
            return []
        empty_at = link.empty_at
        return [
            Observation(
                asset=self.works[link.address].info.asset,
                line=self.info.name,
                address=link.address,
                reply=reply,
                poll=heard.request.raw,
                asked=moment(self._clock, heard.asked_s),
                observed=moment(self._clock, now),
                occurred_after=None if empty_at is None else moment(self._clock, empty_at),
                possible_repeat=marked,
                trigger=HEARD,
            )
        ]

    def _observe(self, work: EgmWork, seen: list[Seen], keys: Mapping[str, str]) -> None:
        """Hand over what was seen; readings that meaning would like are the host's business."""
        done = work.observe(seen, keys=keys)
        if done.recorded is not None:
            self._commits.append(done.recorded)
        elif keys:  # with no event to go with
            self._commits.append(self._recorder.record([], keys=keys))

    def _change(self, change: LinkChanged, now: float) -> LinkChange:
        figures = asdict(self.links[change.address].figures)
        asset, before, after = self.works[change.address].info.asset, change.before, change.after
        at = moment(self._clock, now)
        return LinkChange(asset, before.value, after.value, change.reason, at, figures)

    def _keep_cycle(self, heard: Exchange) -> None:
        if heard.request.kind != "general" or heard.repeat:
            return
        before = self._polled_at.get(heard.request.address)
        self._polled_at[heard.request.address] = heard.asked_s
        if before is not None:
            self.cycle_s = heard.asked_s - before

    # ------------------------------------------------------------------ the host

    def _commanded(self, heard: Exchange) -> None:
        """Tell what the host ordered: which command, never with what in it."""
        command = heard.request.command
        if command is None or command in UNTOLD_COMMANDS:
            return
        base = heard.request.base
        row = poll_row(command if base is None else base)
        words = "a command that no table has" if row is None else row.name.replace("_", " ")
        to_all = heard.request.address == 0
        for address, work in self.works.items():
            if to_all or address == heard.request.address:
                at = moment(self._clock, heard.asked_s)
                self._observe(work, [Commanded(work.info.asset, command, words[:80], at)], {})

    def _stranger(self, address: int) -> None:
        if address not in self._strangers and len(self._strangers) < STRANGERS_MAX:
            self._strangers.add(address)
            log.warning(
                "line %s: address %d answers its host, and the site file has no EGM there; "
                "what it says is not told",
                self.info.name,
                address,
            )
            data: JsonObject = {"reason": "unknownaddress", "address": address}
            asset = nobody(self.info.name, address)
            self._tell("egm.unregistered", self._clock.monotonic(), data, asset)

    def _host_silent(self, item: HostSilent) -> None:
        if self._host_silent_since is not None:
            return
        self._host_silent_since = item.since_s
        self._say("no host is heard")
        silent_s = item.at_s - item.since_s
        self._tell("link.hostsilent", item.at_s, {"reason": f"no poll for {silent_s:.0f} s"})
        log.warning("line %s: no host has polled for %.0f s", self.info.name, silent_s)
        self._unheard("its host does not poll", item.at_s)

    def _host_back(self, at: float) -> None:
        if self._host_silent_since is None:
            return
        silent_s = max(0.0, at - self._host_silent_since)
        self._host_silent_since = None
        self._say("listening")
        self._tell("link.hostback", at, {"reason": "polls again", "silent_s": round(silent_s, 3)})
        log.warning("line %s: its host polls again", self.info.name)

    def _tell(self, name: str, at: float, data: JsonObject, asset: str | None = None) -> None:
        fact = Fact(
            type=name,
            asset=asset,
            data={"line": self.info.name, **data},
            observed=moment(self._clock, at),
        )
        self._commits.append(self._recorder.record([fact]))

    # ------------------------------------------------------------------ not hearing

    def _deaf(self, reason: str) -> None:
        """Our own ears are away: what is said from now on is missed."""
        now = self._clock.monotonic()
        self._missed(now, NOT_LISTENING)
        self._unheard(reason, now)

    def _unheard(self, reason: str, now: float) -> None:
        for address, link in self.links.items():
            seen: list[Seen] = [self._change(change, now) for change in link.unheard(reason)]
            self._observe(self.works[address], seen, {})

    def _keep_heard(self, now: float, due_s: float = KEEP_S) -> None:
        """Keep when the line was last heard, so that the next process knows what it missed.

        With it since when what was missed and is not told yet.
        """
        if self._heard_s is None or (self._kept_s is not None and now - self._kept_s < due_s):
            return
        keys = {heard_key(self.info.name): heard_text(moment(self._clock, self._heard_s))}
        for address, link in self.links.items():
            link.forget_old_news(now)
            keys |= self._gap_kept(link, self.works[address].info.asset)
            self._observe(self.works[address], [], {})  # what waited for a serial number
        self._commits.append(self._recorder.record([], keys=keys))
        self._heard_s, self._kept_s = None, now

    def _say(self, state: str) -> None:
        if self.state != state:
            self.state = state
            self.state_since = moment(self._clock)
