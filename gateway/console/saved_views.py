"""Views of the floor that a person keeps by name: filter, order, faults only; a small file."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gateway.console.view import FILTER_CHARACTERS_MAX, Order, View

VIEWS_MAX: Final = 30
"""Views that are kept."""
FILE_BYTES_MAX: Final = 64 * 1024
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,19}\Z")


class ViewsError(Exception):
    """A view cannot be kept; says why."""


class SavedViews:
    """The views that one person keeps.

    A file that cannot be read, or that another version wrote, is as good as none: it is written
    anew at the next change.

    Args:
        path: the file; None keeps nothing over the console's end.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._views = {} if path is None else _read(path)

    @property
    def views(self) -> Mapping[str, View]:
        """The views by name, in order of their names."""
        return dict(sorted(self._views.items()))

    def keep(self, name: str, view: View) -> None:
        """Keep ``view`` as ``name``, instead of one that is called so.

        Raises:
            ViewsError: the name does not fit, there are too many, or the file cannot be written.
        """
        if _NAME.match(name) is None:
            raise ViewsError("a name has 1 to 20 of a-z 0-9 _ - and begins with a letter")
        if name not in self._views and len(self._views) >= VIEWS_MAX:
            raise ViewsError(f"{VIEWS_MAX} views are kept already: forget one first")
        self._views[name] = view
        self._write()

    def forget(self, name: str) -> None:
        """Keep ``name`` no more.

        Raises:
            ViewsError: the file cannot be written.
        """
        if self._views.pop(name, None) is not None:
            self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        text = json.dumps(
            {
                name: {"order": view.order, "faults_only": view.faults_only, "filter": view.text}
                for name, view in self._views.items()
            },
            indent=2,
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self._path.parent, delete=False
            ) as file:
                file.write(text)
            Path(file.name).replace(self._path)  # another console's file is whole at every moment
        except OSError as error:
            raise ViewsError(f"{self._path}: {error.strerror or error}") from None


def views_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where a person's views are kept."""
    home = environment.get("XDG_CONFIG_HOME") or os.fspath(Path.home() / ".config")
    return Path(home) / "slotgw" / "console_views.json"


def _read(path: Path) -> dict[str, View]:
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(FILE_BYTES_MAX))
    except (OSError, ValueError, RecursionError):
        return {}
    found: dict[str, View] = {}
    for name, one in told.items() if isinstance(told, dict) else ():
        if _NAME.match(name) is None or not isinstance(one, dict) or len(found) >= VIEWS_MAX:
            continue
        order, text = one.get("order"), one.get("filter")
        found[name] = View(
            Order(order) if order in set(Order) else Order.LOCATION,
            one.get("faults_only") is True,
            text[:FILTER_CHARACTERS_MAX] if isinstance(text, str) else "",
        )
    return found
