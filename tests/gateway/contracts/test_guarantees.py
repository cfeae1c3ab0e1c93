"""The page of answers says what the tables say."""

import re
from pathlib import Path

import pytest

from gateway.contracts.entries import entries
from gateway.events.streams import STREAMS

PAGE = (Path(__file__).parents[3] / "gateway/GUARANTEES.md").read_text("utf-8")
KEPT = dict(re.findall(r"\| `([A-Z_]+)` \| ([0-9]+) days \|", PAGE))
OWNERS = {
    family: owner.strip()
    for owner, families in re.findall(r"\| ([a-z ,SM]+) \| (`[a-z]+`[^|]*) \|", PAGE)
    for family in re.findall(r"`([a-z]+)`", families)
}


def test_every_stream_stands_in_it_with_its_days():
    assert {row.name: str(row.retention_s // 86_400) for row in STREAMS} == KEPT


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.id)
def test_the_owner_of_each_type_is_the_one_that_it_names(entry):
    assert entry.owner in OWNERS.get(entry.family, entry.owner)


def test_every_owner_stands_in_it():
    named = " ".join(OWNERS.values())
    assert {entry.owner for entry in entries() if entry.owner not in named} == set()


def test_what_a_buyer_asks_is_answered():
    for words in ("authoritative", "guarantees", "secrets", "How long", "owns", "approval",
                  "observed, not official", "certified"):  # fmt: skip
        assert words in PAGE
