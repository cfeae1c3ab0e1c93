"""The values stay what they are once made, and the errors say whose fault it is."""

import dataclasses

import pytest

from gateway.outbox import types


def test_a_row_cannot_be_changed_once_it_is_made(author):
    with pytest.raises(dataclasses.FrozenInstanceError):
        author.row().body = b"other"


def test_a_locked_outbox_is_an_outbox_that_cannot_be_opened():
    assert issubclass(types.OutboxLockedError, types.OpenError)
    assert not issubclass(types.CommitError, types.OpenError)
