"""Lets happen what a scenario says, as soon as what it waits for was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from floor_sim.faults import Fault
from floor_sim.faults.board import FaultError
from floor_sim.floor import Floor
from floor_sim.scenarios import stage
from floor_sim.scenarios.corner import Corner
from floor_sim.scenarios.faulty import filled
from floor_sim.scenarios.file import Step
from floor_sim.scenarios.judge import Judge, Told
from floor_sim.scenarios.matching import words_of

LOOK_S: Final = 0.1
"""How often it is looked how far the scenario is."""
SETTLE_S: Final = 1.5
"""Seconds without anything new at the beginning, and to see at the end what comes too often."""


class Story:
    """One scenario as it happens.

    Args:
        judge: told of all that happens.
        floor: where it happens.
        faster: how many times shorter people's pauses are.
        host_wait_s: seconds that a host has to poll the scenario's machines.

    Attributes:
        ended: moment at which it was over, or None.
    """

    def __init__(
        self, judge: Judge, floor: Floor, *, faster: float = 1.0, host_wait_s: float = 30.0
    ) -> None:
        self.judge = judge
        self.ended: float | None = None
        self._floor = floor
        self._faster = faster
        self._host_wait_s = host_wait_s
        self._next = 0
        self._quiet_since: float | None = None
        self._due = 0.0
        self._acting = False
        self._corner: Corner | None = None
        self._machines = [floor.machines[asset] for asset in judge.played.assets.values()]

    @property
    def waits_for(self) -> str:
        """What it waits for, in one line for people."""
        judge = self.judge
        if judge.started is None:
            return "a host that polls its machines and takes what waits there"
        found = judge.waits(self._due) or judge.undecided(self._due)
        if found:
            return words_of(found[0].step, judge.played)
        return "what happens next"

    def begin(self, now: float) -> None:
        """Wait for a host, and then begin."""
        until = now + self._host_wait_s
        self._floor.agenda.at(now, lambda at: self._wait(at, until))

    def _wait(self, now: float, until: float) -> None:
        """Begin once every machine is polled and has told what waited."""
        restless = [one for one in self._machines if not one.link_up or one.queued]
        outstanding = any(port.unacknowledged for one in self._machines for port in one.ports)
        if not restless and not (outstanding and self._quiet_since is None):
            self._quiet_since = now if self._quiet_since is None else self._quiet_since
            if now - self._quiet_since >= SETTLE_S:
                self.judge.tell(Told("start", now))
                self._due = now
                self._turn(now)
                return
        else:
            self._quiet_since = None
        if now >= until:
            self._give_up(now)
            return
        self._floor.agenda.at(now + LOOK_S, lambda at: self._wait(at, until))

    def _give_up(self, now: float) -> None:
        words = self.judge.played.words
        silent = [words[one.asset] for one in self._machines if not one.link_up]
        if silent:
            polls = sum(
                item.kind == "poll" and words.get(item.asset or "") in silent
                for item in self.judge.items
            )
            why = (
                f"no host had the link of {', '.join(silent)} up within {self._host_wait_s:g} s "
                f"(polls: {polls})"
            )
        else:
            waiting = [words[one.asset] for one in self._machines if one.queued]
            why = (
                f"the host polls, but in {self._host_wait_s:g} s it has not acknowledged what "
                f"waited at {', '.join(waiting) or 'its machines'}"
            )
        self.judge.tell(Told("cannot", now, -1, why))
        self.ended = now

    def _turn(self, now: float) -> None:
        """See how far it is, and let the next thing happen when it is time."""
        self._due = now
        judge, steps = self.judge, self.judge.played.file.steps
        judge.look(now)
        while self._next < len(steps) and not steps[self._next].happens:
            self._next += 1
        if self._acting:
            return
        if self._next < len(steps):
            step = steps[self._next]
            if step.at_once or not self._held(now):
                pause = step.exactly_s
                pause = step.after_s / self._faster if pause is None else pause
                number, self._next, self._acting = self._next, self._next + 1, True
                self._floor.agenda.at(now + pause, lambda at: self._act(number, step, at))
                return
        elif not judge.undecided(now):
            self._end(now)
            return
        self._floor.agenda.at(now + LOOK_S, self._turn)

    def _held(self, now: float) -> bool:
        """Say whether something above the next step is still looked for."""
        return any(watch.number < self._next for watch in self.judge.waits(now))

    def _end(self, now: float) -> None:
        """Look for a while whether something comes too often, and end."""

        def over(at: float) -> None:
            self.judge.look(at)
            if self._corner is not None:
                self._corner.close(at)
            self.ended = at

        self._floor.agenda.at(now + SETTLE_S, over)

    def _act(self, number: int, step: Step, now: float) -> None:
        self.judge.tell(Told("acting", now, number))
        if step.people is not None:
            self._people(step.people, now)
            self._acted(number, now)
        elif step.fault is not None:
            self._fault(number, step, step.fault, now)
        else:
            self._doings(number, step, now)

    def _acted(self, number: int, now: float) -> None:
        self.judge.tell(Told("acted", now, number))
        self._acting = False
        self._turn(now)

    def _cannot(self, number: int, why: str, now: float) -> None:
        self.judge.tell(Told("cannot", now, number, why))
        self._acting = False
        self._turn(now)

    def _people(self, word: str, now: float) -> None:
        info = self.judge.played.file.people
        assert info is not None, "the file was checked"
        if self._corner is None:
            self._corner = Corner(self._floor, info, self._machines, self._faster)
        if word == "come":
            self._corner.come(now)
        else:
            self._corner.go(now)

    def _fault(self, number: int, step: Step, said: dict[str, Any], now: float) -> None:
        played = self.judge.played
        word = step.machine or next(iter(played.assets))
        whole = filled(
            said, line=played.lines[word], asset=played.assets[word],
            address=played.addresses[word],
        )  # fmt: skip
        for group in {"bank", "panel"} & whole.keys():
            whole = {**whole, group: played.group(str(whole[group]))}
        try:
            self._floor.faults.add(Fault.model_validate(whole), now)
        except FaultError as error:
            self._cannot(number, str(error), now)
            return
        self._acted(number, now)

    def _doings(self, number: int, step: Step, now: float) -> None:
        words = step.machines or (step.machine or next(iter(self.judge.played.assets)),)
        assert step.does is not None, "the step is a doing"
        doings = [(word, does) for _ in range(step.repeat) for word in words for does in step.does]
        self._one(number, step, doings, 0, now)

    def _one(
        self, number: int, step: Step, doings: Sequence[tuple[str, str]], place: int, now: float
    ) -> None:
        """Do one thing, and plan the one behind it."""
        word, does = doings[place]
        machine = self._floor.machines[self.judge.played.assets[word]]
        if not stage.do(machine, does, now) and not step.if_possible:
            state = "has no power" if not machine.live else "was not in a state for it"
            self._cannot(number, f"{word} {state}: {does}", now)
            return
        if place + 1 == len(doings):
            self._acted(number, now)
            return
        again: Callable[[float], None] = lambda at: self._one(  # noqa: E731
            number, step, doings, place + 1, at
        )
        self._floor.agenda.at(now + step.every_s / self._faster, again)
