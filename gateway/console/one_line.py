"""One line of the screen: words on the left, words on the right, cut where it must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from gateway.console.columns import cut
from gateway.console.glyphs import Glyphs
from gateway.console.sight import TONE_CLASSES, Said, Tone

RIGHT_SHARE_MAX = 0.7
"""Share of a line that its right end may take."""

PART_CELLS_MIN = 12
"""Cells that a further part of a line must have; with fewer it says nothing and is left out."""

_REVERSE = Style(reverse=True)


class OneLine(Widget):
    """A line of the screen.

    Args:
        glyphs: the marks to use.
        fill: what stands between left and right; one cell wide.
        reverse: the line stands out as a bar.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(TONE_CLASSES.values())

    def __init__(
        self,
        glyphs: Glyphs,
        *,
        fill: str = " ",
        reverse: bool = False,
        id: str | None = None,  # noqa: A002 (Textual's word)
    ) -> None:
        super().__init__(id=id)
        self._glyphs = glyphs
        self._fill = fill
        self._reverse = reverse
        self._left: tuple[Said, ...] = ()
        self._right = Said("")

    @property
    def text(self) -> str:
        """Everything that the line says, whether it fits or not."""
        return "".join(said.text for said in (*self._left, self._right))

    def say(self, left: Sequence[Said], right: Said | None = None) -> None:
        """Say something else; what stays the same is not drawn again."""
        now = (tuple(left), right or Said(""))
        if now != (self._left, self._right):
            self._left, self._right = now
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line; the right end keeps its words, up to ``RIGHT_SHARE_MAX`` of the line."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        right = self._glyphs.plain(self._right.text)
        right = cut(right, int(width * RIGHT_SHARE_MAX), self._glyphs.ellipsis)
        segments: list[Segment] = []
        room = width - cell_len(right)
        for number, said in enumerate(self._left):
            if number and room < min(PART_CELLS_MIN, cell_len(said.text)):
                break
            text = cut(self._glyphs.plain(said.text), room, self._glyphs.ellipsis)
            room -= cell_len(text)
            segments.append(Segment(text, self._style(said.tone)))
        segments.append(Segment(self._fill * room, self._style(Tone.QUIET)))
        segments.append(Segment(right, self._style(self._right.tone)))
        strip = Strip(segments)
        return strip.apply_style(_REVERSE) if self._reverse else strip

    def _style(self, tone: Tone) -> Style:
        return self.get_component_rich_style(TONE_CLASSES[tone])
