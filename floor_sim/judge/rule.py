"""What a rule is: a row of the table, and a state machine that hears a line and finds fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from floor_sim.judge.conversation import Conversation, Listener


class Severity(StrEnum):
    """How bad it is to break a rule."""

    ERROR = "error"
    """Events or readings are lost, or a machine takes the link for down or the message for none."""
    WARNING = "warning"
    """It works until something else goes wrong too."""
    NOTE = "note"
    """Allowed, and worth knowing; it fails nobody."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a line is judged.

    Attributes:
        tolerance_s: by how much the moments of what was heard may be wrong.
        control: control polls are expected.
    """

    tolerance_s: float = 0.0
    control: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """One breach of a rule.

    Attributes:
        at: when.
        about: what it is about, the same in every run: a poll, an exception. Empty: nothing more.
        address: whose machine; 0 for the line.
        text: what happened, for people.
        since: when it began; the excerpt begins there.
    """

    at: float
    about: str
    address: int
    text: str
    since: float


Tell = Callable[[Broken], None]


class Rule(Listener):
    """Hears one line and tells of each breach. Subclasses take what they need.

    Args:
        line: the line as it is at every moment.
        settings: how it is judged.
        tell: told of each breach.

    Attributes:
        chances: how often the rule could have been broken.
    """

    def __init__(self, line: Conversation, settings: Settings, tell: Tell) -> None:
        self.line = line
        self.settings = settings
        self.chances = 0
        self._tell = tell
        self.begin()

    def begin(self) -> None:
        """Begin without a memory."""

    def broken(
        self, at: float, text: str, *, about: str = "", address: int = 0, since: float | None = None
    ) -> None:
        """Tell of a breach."""
        self._tell(Broken(at, about, address, text, at if since is None else since))


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of the table.

    Attributes:
        id: its name in reports and baselines; never changed once it was published.
        severity: how bad a breach is.
        says: what is to be done or left undone, in our words.
        topic: what it is about; ``basis`` says what the rules of a topic rest on.
        judge: makes its state machine.
        exercised_by: what has to happen on the line before it can be judged.
    """

    id: str
    severity: Severity
    says: str
    topic: str
    judge: Callable[[Conversation, Settings, Tell], Rule]
    exercised_by: str = ""

    @property
    def side(self) -> Literal["host", "egm"]:
        """Who is judged by it."""
        return "egm" if self.id.startswith("egm.") else "host"


@dataclass(slots=True)
class Deadlines:
    """Things that must be done by a moment, by key.

    Attributes:
        due: moment, when it began, by key.
    """

    due: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)

    def set(self, key: tuple[int, int], due: float, since: float) -> None:
        """Expect something, unless it is expected already."""
        self.due.setdefault(key, (due, since))

    def met(self, key: tuple[int, int]) -> bool:
        """Take note that it was done; say whether it was expected."""
        return self.due.pop(key, None) is not None

    def missed(self, now: float) -> Iterable[tuple[tuple[int, int], float, float]]:
        """Return what is overdue: key, moment, when it began; each once."""
        if not self.due:
            return ()
        late = [(key, *times) for key, times in self.due.items() if now > times[0]]
        for key, _, _ in late:
            del self.due[key]
        return late
