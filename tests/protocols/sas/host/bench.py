"""A host's session driven by hand."""

from __future__ import annotations

from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import Resume, Rules, Send

RULES = Rules()


class Bench:
    """A person at a terminal: puts time forward, answers polls, reads what was sent."""

    def __init__(self, *addresses: int, rules: Rules = RULES, resume: Resume | None = None):
        self.now = 100.0
        self.session = LineSession(addresses or (1,), rules, resume, self.now)
        self.sent: list[tuple[float, bytes]] = []

    def poll(self) -> Send:
        """Wait pauses out and return the next poll."""
        for _ in range(100):
            step = self.session.next_step(self.now)
            if isinstance(step, Send):
                self.sent.append((self.now, step.poll))
                return step
            assert step.until > self.now
            self.now = step.until
        raise AssertionError("it pauses for ever")

    def asked(self) -> Send:
        """Return the next poll that somebody must answer."""
        while (step := self.poll()).address is None:
            pass
        return step

    def says(self, text: str, after_s: float = 0.005, *, settle: bool = True):
        self.now += after_s
        turn = self.session.receive(self.now, bytes.fromhex(text))
        if turn is None:
            self.now = self.session.deadline
            turn = self.session.expire(self.now)
        if settle:
            self.session.settle()
        return turn

    def silent(self):
        self.now = self.session.deadline
        turn = self.session.expire(self.now)
        self.session.settle()
        return turn

    def idle(self):
        self.asked()
        return self.says("00")

    def up(self):
        """Bring every link up."""
        while not all(link.live for link in self.session.links.values()):
            self.idle()
        return self

    def between(self, poll: bytes) -> list[bytes]:
        """What was sent between the last two polls equal to ``poll``."""
        sent = [bytes_ for _, bytes_ in self.sent]
        last = len(sent) - 1 - sent[::-1].index(poll)
        before = last - 1 - sent[:last][::-1].index(poll)
        return sent[before + 1 : last]
