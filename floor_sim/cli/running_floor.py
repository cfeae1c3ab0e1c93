"""A floor that runs, as a command of another process reaches it: over its control API."""

from __future__ import annotations

import json
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click

from floor_sim.shell import CONTROL

ANSWER_S: Final = 10.0
"""Seconds that a floor has to answer."""

run_folder_option = click.option(
    "--run-folder",
    type=click.Path(path_type=Path),
    default="run/demo_floor",
    show_default=True,
    envvar="SLOTSIM_RUN_FOLDER",
    help="Run folder of the floor that runs.",
)


class NotDoneError(Exception):
    """The floor does not run, or refuses; the message says why, in one line."""


class RunningFloor:
    """A floor that runs in another process.

    Args:
        folder: its run folder.
        answer_s: seconds that it has to answer.
    """

    def __init__(self, folder: Path, answer_s: float = ANSWER_S) -> None:
        self._folder = folder
        self._answer_s = answer_s

    def get(self, path: str) -> Any:
        """Return what the control API has at ``path``; see ``ask``."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the answer to a request, as it was decoded from JSON.

        Raises:
            NotDoneError: the floor does not run, or refuses what is asked.
        """
        data = None if body is None else json.dumps(body)
        connection = self._connection()
        try:
            connection.request(method, path, data, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            told = json.load(answer)
        except (OSError, HTTPException, ValueError):
            raise NotDoneError(self._not_running("answers nothing")) from None
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise NotDoneError(_refusal(told))
        return told

    def _connection(self) -> HTTPConnection:
        try:
            url = json.loads((self._folder / CONTROL).read_text("utf-8"))["url"]
            place = urlsplit(str(url))
            if place.hostname is not None:
                return HTTPConnection(place.hostname, place.port, timeout=self._answer_s)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        raise NotDoneError(self._not_running("is not there"))

    def _not_running(self, what: str) -> str:
        return (
            f"no floor runs in {self._folder} (its {CONTROL} {what}); start one with slotsim run, "
            "or name its folder with --run-folder"
        )


def _refusal(told: Any) -> str:
    """Return in one line why the floor refused."""
    return str(told.get("detail", told) if isinstance(told, dict) else told)


def give_up(command: str, error: Exception) -> None:
    """Say why a command was not done, and end it: wrong usage."""
    click.echo(f"{command}: {error}", err=True)
    sys.exit(2)
