"""Replies as values: equal by content, unchangeable, and silent about their bytes."""

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import get_args

import pytest

from protocols.sas.replies import IdleReply, LongPollReply, MeterReading, Reply


def test_a_reply_shows_its_meaning_but_not_its_bytes():
    reply = LongPollReply(1, 0x3D, {"amount_cents": 4750}, raw=bytes.fromhex("013d12345678"))
    assert "4750" in repr(reply)
    assert "raw" not in repr(reply)
    for kind in get_args(Reply):
        assert is_dataclass(kind)
        assert not next(field for field in fields(kind) if field.name == "raw").repr


def test_a_reply_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        IdleReply(1).address = 2
    with pytest.raises(AttributeError):
        MeterReading("coin_in", 1, 8).value = 2
    with pytest.raises(TypeError):
        LongPollReply(1, 0x11).values["coin_in"] = 1
