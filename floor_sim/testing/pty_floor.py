"""A floor over ptys: ``slotsim run`` as a process of its own, asked over its control API."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from floor_sim import ledger
from floor_sim.machine.journal import Record

PATIENCE_S: Final = 30.0
"""Seconds that a floor has to start, to answer, to end, and to come to what a test waits for."""

LOOK_S: Final = 0.02


class PtyFloorError(Exception):
    """The floor did not do what was asked; the message says why."""


class PtyFloor:
    """A floor whose machines wait on ptys; people are away until ``play``.

    Args:
        floor_toml: the floor file.
        folder: its run folder.

    Raises:
        PtyFloorError: it does not start; the message ends with what slotsim said.
    """

    def __init__(self, floor_toml: Path, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "slotsim.log"
        control = folder / "control.json"
        control.unlink(missing_ok=True)
        with self._log.open("w") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-m", "floor_sim", "run", str(floor_toml), "--no-play",
                 "--run-folder", str(folder)],
                stderr=log,
            )  # fmt: skip
        try:
            self.until(control.exists, "the control API")
        except PtyFloorError:
            self.close()
            raise
        self._address = urlsplit(json.loads(control.read_text())["url"]).netloc

    def close(self) -> None:
        """End the floor, as a person with Ctrl-C would."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(PATIENCE_S)

    def port(self, line: str) -> Path:
        """Return what a host opens in place of the line's serial port, as files name it."""
        return self.folder / "lines" / line

    def do(self, asset: str, words: str) -> bool:
        """Do something at a machine by hand, as ``slotsim do`` does: ``door open slot``."""
        return bool(self._ask("POST", f"/machines/{asset}/do", {"action": words})["done"])

    def play(self, *, on: bool = True) -> None:
        """Let people come and play, or stop."""
        self._ask("POST", "/play", {"on": on})

    def state(self) -> dict[str, Any]:
        """Return how the floor is: what waits, what is open, on each line and machine."""
        return self._ask("GET", "/state")

    def records(self) -> list[Record]:
        """Return everything that happened, oldest first: the truth to compare with."""
        return list(ledger.records(self.folder))

    def meters(self, asset: str) -> dict[str, int]:
        """Return the machine's true meters by name; those that are 0 are left out."""
        meters: dict[str, int] = {}
        for record in self.records():
            if record.get("egm") == asset:
                meters.update(record.get("state", {}).get("meters", {}))
        return {name: count for name, count in meters.items() if count}

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait until ``condition`` holds.

        Raises:
            PtyFloorError: the floor has ended, or it took too long.
        """
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if self._process.poll() is not None or time.monotonic() > end:
                said = self._log.read_text()[-1_000:]
                raise PtyFloorError(f"waited in vain for {what}; slotsim said:\n{said}")
            time.sleep(LOOK_S)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        connection = HTTPConnection(self._address, timeout=PATIENCE_S)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise PtyFloorError(f"{path}: {said.decode(errors='replace')}")
        result = json.loads(said)
        assert isinstance(result, dict), "the control API answers with objects"
        return result
