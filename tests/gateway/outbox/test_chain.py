"""The chain by hand, and what a changed, lost or invented row does to it."""

import dataclasses
from hashlib import sha256

import pytest

from gateway.outbox.chain import FAULTS_MAX, Anchor, Link, chained, verify
from gateway.outbox.types import GENESIS


def links(count, family="door"):
    head = GENESIS
    made = []
    for number in range(1, count + 1):
        body = b'{"n":%d}' % number
        head = chained(head, number, f"gw1.b.{number}", body)
        made.append(Link(number, f"gw1.b.{number}", family, number, body, head))
    return made


def test_the_chain_value_is_what_the_page_says():
    by_hand = sha256(b"\0" * 32 + b"\0\0\0\0\0\0\0\x07" + b"\0\x05" + b"gw1.7" + b"{}").digest()
    assert chained(GENESIS, 7, "gw1.7", b"{}") == by_hand


def test_where_the_id_ends_is_part_of_the_chain():
    assert chained(GENESIS, 1, "a", b"bc") != chained(GENESIS, 1, "ab", b"c")


def test_an_untouched_outbox_has_no_faults():
    rows = links(5)
    verified = verify(rows, [])
    assert verified.faults == ()
    assert (verified.rows, verified.last_sequence, verified.head) == (5, 5, rows[-1].chain)


@pytest.mark.parametrize("change", [{"body": b'{"n":9}'}, {"id": "gw1.b.9"}, {"chain": bytes(32)}])
def test_a_changed_row_shows(change):
    rows = links(5)
    rows[2] = dataclasses.replace(rows[2], **change)
    faults = verify(rows, []).faults
    assert faults[0].startswith("event 3 ")
    # a changed chain value also spoils the row after it; a changed body is told once
    assert len(faults) == (2 if "chain" in change else 1)


def test_a_row_taken_out_shows_and_so_does_its_place_in_the_family():
    rows = links(5)
    del rows[2]
    faults = verify(rows, []).faults
    assert faults[0] == "events 3 to 3 are missing"
    assert faults[1] == "event 4 is number 4 of family door, expected 3"


def test_two_rows_exchanged_show():
    rows = links(3)
    one, two = rows[0].body, rows[1].body
    rows[0] = dataclasses.replace(rows[0], body=two)
    rows[1] = dataclasses.replace(rows[1], body=one)
    assert len(verify(rows, []).faults) == 2


def test_an_anchor_stands_for_the_rows_it_covers():
    rows = links(6)
    kept = [*rows[2:4], rows[5]]
    anchors = [Anchor(1, 2, rows[1].chain), Anchor(5, 5, rows[4].chain)]
    verified = verify(kept, anchors)
    assert verified.faults == ()
    assert (verified.rows, verified.pruned, verified.last_sequence) == (3, 3, 6)


def test_an_anchor_with_another_value_shows():
    rows = links(3)
    assert verify(rows[2:], [Anchor(1, 2, bytes(32))]).faults


def test_a_pruned_row_that_is_still_there_shows():
    rows = links(3)
    assert any("there twice" in fault for fault in verify(rows, [Anchor(1, 2, b"x" * 32)]).faults)


def test_behind_an_anchor_a_family_may_start_anywhere_but_not_go_back():
    rows = links(4)
    late = dataclasses.replace(rows[3], family="power", familysequence=9)
    anchors = [Anchor(1, 2, rows[1].chain)]
    assert verify([rows[2], late], anchors).faults == ()
    again = dataclasses.replace(rows[3], familysequence=3)
    assert verify([rows[2], again], anchors).faults != ()


def test_the_faults_told_one_by_one_are_bounded():
    rows = [dataclasses.replace(link, body=b"gone") for link in links(FAULTS_MAX + 7)]
    verified = verify(rows, [])
    assert len(verified.faults) == FAULTS_MAX
    assert verified.faults_untold == 7


def test_an_outbox_without_rows_starts_at_genesis():
    assert verify([], []) == verify(iter(()), iter(()))
    assert verify([], []).head == GENESIS
