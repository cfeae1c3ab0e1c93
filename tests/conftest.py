"""What every test may rely on."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
from collections.abc import Iterator
from types import FrameType

import pytest

STUCK_S = 1000
"""So long after its start, longer than any test's own time-out, a test is stuck where
pytest-timeout's signal cannot reach it: what is raised inside a callback is swallowed by the event
loop. Its stack is printed and the worker ends."""

_errors_fd = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_errors_fd] = os.dup(2)  # capturing takes the number 2 for itself
    if hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, _nobody_waits)


def _nobody_waits(number: int, frame: FrameType | None) -> None:
    """Fail the test whose SIGTERM came too early or too late, where it would end the worker."""
    del number, frame
    raise AssertionError("SIGTERM came when nobody listened for it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    faulthandler.dump_traceback_later(STUCK_S, exit=True, file=item.config.stash[_errors_fd])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a command run inside a test did to the log: the next test reads it too."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    for handler in list(root.handlers):
        if handler not in handlers and type(handler).__module__ == "logging":
            root.removeHandler(handler)
