"""A line to type what was found of an event, or a note: told as an event with the user's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from gateway.console.keys import REMARK_KEYS, bindings
from gateway.console.page import WordList
from gateway.console.sight import Said, Sight, Tone
from gateway.console.telling import Tell
from gateway.events.families.remarks import DISPOSITIONS, REMARK_MAX

NOT_HERE: Final = (
    "This console only reads over NATS: start it with --staff-password-file, or acknowledge and "
    "note with slotgw console SITE.toml on the gateway's own computer."
)
_NUMBERED = dict(enumerate(DISPOSITIONS, start=1))


@dataclass(frozen=True, slots=True)
class About:
    """What a remark is about.

    Attributes:
        words: for people.
        asset: asset number, or None for the gateway's own.
        event: id of the event, or None.
        event_type: its short type.
        acknowledge: it is an acknowledgement; else a note.
        gateway: token of the gateway that it is for.
    """

    words: str
    asset: str | None
    event: str | None = None
    event_type: str = ""
    acknowledge: bool = False
    gateway: str = ""


class RemarkScreen(ModalScreen[str]):
    """Takes one remark; gives what was told, in words, or nothing.

    Args:
        about: what it is about.
        tell: tells it.
        sight: how to draw.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(REMARK_KEYS)
    AUTO_FOCUS = "#remark"

    def __init__(self, about: About, tell: Tell, sight: Sight) -> None:
        super().__init__()
        self._about, self._tell, self._sight = about, tell, sight
        what = "number of what was found, then words" if about.acknowledge else "what to note"
        self._input = Input(
            placeholder=f"{what}; enter signs it, esc leaves it",
            max_length=REMARK_MAX, compact=True, id="remark",
        )  # fmt: skip
        self._words = WordList(sight, id="remark-words")

    def compose(self) -> ComposeResult:
        """Lay the parts out: what it is about, the line to type in."""
        with Vertical(id="remark-box"):
            yield self._input
            yield self._words

    def on_mount(self) -> None:
        """Say what can be said."""
        self._say("")

    def line(self) -> Input:
        """Return the line that everything typed is for."""
        return self._input

    def draw(self) -> None:
        """Leave it as it stands: it is about what was chosen."""

    @on(Input.Changed, "#remark")
    def _typed(self) -> None:
        self._say("")

    def _say(self, error: str) -> None:
        said = [Said(self._about.words, Tone.NOTE)]
        if error:
            said.append(Said(f"Not told: {error}", Tone.BAD))
        if self._about.acknowledge:
            chosen = self._chosen()
            said += [
                Said(f"{'>' if name == chosen else ' '} {number} {name}: {meaning}",
                     Tone.GOOD if name == chosen else Tone.PLAIN)
                for number, (name, meaning) in enumerate(DISPOSITIONS.items(), start=1)
            ]  # fmt: skip
        said.append(Said("It is told as an event, with your name as this computer knows it. No "
                         "card and ticket numbers.", Tone.QUIET))  # fmt: skip
        self._words.say(said, self._sight, empty=Said(""))

    def _chosen(self) -> str:
        typed = self._input.value.strip()
        return _NUMBERED.get(int(typed[0]), "") if typed[:1].isdecimal() else ""

    @on(Input.Submitted, "#remark")
    async def _submitted(self) -> None:
        typed = self._input.value.strip()
        request: dict[str, object] = {"do": "note", "remark": typed, "asset": self._about.asset}
        if self._about.event is not None:
            request["event"] = self._about.event
        if self._about.acknowledge:
            chosen = self._chosen()
            if not chosen:
                self._say(f"begin with what was found, 1 to {len(DISPOSITIONS)}")
                return
            request |= {"do": "acknowledge", "remark": typed[1:].strip(), "disposition": chosen,
                        "event_type": self._about.event_type}  # fmt: skip
        answer = await self._tell(request, self._about.gateway)
        if answer.error:
            self._say(answer.error)
        else:
            self.dismiss(", ".join(answer.events))

    def action_close(self) -> None:
        """Go back; nothing is told."""
        self.dismiss("")
