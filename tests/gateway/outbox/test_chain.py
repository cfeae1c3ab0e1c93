"""The chain by hand, and what a changed, lost or invented row does to it."""

import dataclasses
from hashlib import sha256

import pytest

from gateway.outbox.chain import (
    FAULTS_MAX,
    Anchor,
    Link,
    Stub,
    chained,
    chained_1,
    chained_lost,
    digest_of,
    verify,
)
from gateway.outbox.types import GENESIS, Row


def link_of(row, head):
    digest = digest_of(row)
    chain = chained(head, digest)
    return Link(
        row.sequence, row.id, row.family, row.familysequence, row.body, chain, digest, digest
    )


def row_of(number, family="door", body=None):
    return Row(
        number, f"gw1.b.{number}", f"{family}.opened", family, number, "slot.v1.x", "10101",
        "SLOT_SIGNIFICANT", number, body or b'{"n":%d}' % number,
    )  # fmt: skip


def links(count, family="door"):
    head = GENESIS
    made = []
    for number in range(1, count + 1):
        made.append(link_of(row_of(number, family), head))
        head = made[-1].chain
    return made


def stub_of(link):
    return Stub(link.sequence, link.family, link.familysequence, link.digest, link.chain)


def recomputed(link, **change):
    """The link of a row of which something was changed."""
    row = dataclasses.replace(row_of(link.sequence, link.family), **change)
    return dataclasses.replace(link, computed=digest_of(row))


def test_the_digest_and_the_chain_value_are_what_the_page_says():
    row = Row(7, "gw1.7", "a.b", "a", 2, "s.t", None, "S", 9, b"{}")
    by_hand = sha256(
        b"\0\0\0\0\0\0\0\x07" b"\0\0\0\0\0\0\0\x02" b"\0\0\0\0\0\0\0\x09" b"\0"
        b"\0\x05" b"\0\x03" b"\0\x01" b"\0\x03" b"\0\0" b"\0\x01" b"\0\0\0\x02"
        b"gw1.7" b"a.b" b"a" b"s.t" b"S" b"{}"
    ).digest()  # fmt: skip
    assert digest_of(row) == by_hand
    assert chained(GENESIS, by_hand) == sha256(b"\0" * 32 + by_hand).digest()


def test_the_chain_value_of_version_1_is_what_it_was():
    by_hand = sha256(b"\0" * 32 + b"\0\0\0\0\0\0\0\x07" + b"\0\x05" + b"gw1.7" + b"{}").digest()
    assert chained_1(GENESIS, 7, "gw1.7", b"{}") == by_hand


def test_an_outbox_begun_by_version_1_goes_on_with_digests():
    head = chained_1(GENESIS, 1, "gw1.b.1", b"{}")
    old = Link(1, "gw1.b.1", "door", 1, b"{}", head)
    new = link_of(row_of(2), head)
    assert verify([old, new], []).faults == ()
    assert verify([dataclasses.replace(old, body=b"[]"), new], []).faults != ()


@pytest.mark.parametrize(
    "change",
    [
        {"id": "gw1.b.9"}, {"type": "door.closed"}, {"family": "power"}, {"familysequence": 9},
        {"subject": "slot.v1.y"}, {"asset": None}, {"asset": ""}, {"stream": "SLOT_PLAY"},
        {"time_ns": -1}, {"body": b""}, {"sequence": 9},
    ],
    ids=str,
)  # fmt: skip
def test_all_that_is_stored_of_an_event_is_part_of_its_digest(change):
    assert digest_of(dataclasses.replace(row_of(3), **change)) != digest_of(row_of(3))


def test_where_one_text_ends_is_part_of_the_digest():
    one = dataclasses.replace(row_of(1), id="a", type="bc")
    assert digest_of(one) != digest_of(dataclasses.replace(row_of(1), id="ab", type="c"))


def test_the_chain_goes_through_a_stub_and_shows_what_was_changed_before_it():
    rows = links(4)
    verified = verify([rows[0], rows[2], rows[3]], [], [stub_of(rows[1])])
    assert (verified.faults, verified.shed, verified.rows) == ((), 1, 3)
    forged = link_of(row_of(1, body=b'{"n":9}'), GENESIS)
    faults = verify([forged, rows[2], rows[3]], [], [stub_of(rows[1])]).faults
    assert faults == ("the stub of event 2 or its chain value was changed",)


def test_lost_events_stand_in_the_chain_with_their_numbers():
    head = chained_lost(GENESIS, 1, 3)
    new = link_of(row_of(4), head)
    verified = verify([new], [Anchor(1, 3, head, lost=True)])
    assert (verified.faults, verified.lost, verified.pruned) == ((), 3, 0)
    assert verify([new], [Anchor(1, 3, b"x" * 32, lost=True)]).faults != ()


def test_what_was_sealed_must_be_what_the_chain_leads_to():
    rows = links(5)
    assert verify(rows, [], seals={3: rows[2].chain, 5: rows[4].chain}).faults == ()
    assert verify(rows, [], seals={3: bytes(32)}).faults == (
        "event 3: the chain does not lead to what was sealed",
    )
    assert verify(rows, [], seals={9: bytes(32)}).faults == ("event 9 was sealed and is not there",)
    anchors = [Anchor(1, 3, rows[2].chain)]
    assert verify(rows[3:], anchors, seals={3: rows[2].chain}).faults == ()
    assert "can no longer be checked" in verify(rows[3:], anchors, seals={2: b""}).faults[0]


def test_an_untouched_outbox_has_no_faults():
    rows = links(5)
    verified = verify(rows, [])
    assert verified.faults == ()
    assert (verified.rows, verified.last_sequence, verified.head) == (5, 5, rows[-1].chain)


@pytest.mark.parametrize(
    "change", [{"computed": bytes(32)}, {"computed": None}, {"digest": bytes(32)}, {"chain": b"x"}]
)
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
    rows[0] = recomputed(rows[0], body=two)
    rows[1] = recomputed(rows[1], body=one)
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
    rows = [recomputed(link, body=b"gone") for link in links(FAULTS_MAX + 7)]
    verified = verify(rows, [])
    assert len(verified.faults) == FAULTS_MAX
    assert verified.faults_untold == 7


def test_an_outbox_without_rows_starts_at_genesis():
    assert verify([], []) == verify(iter(()), iter(()))
    assert verify([], []).head == GENESIS
