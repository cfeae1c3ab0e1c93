"""Numbers without a hole, per gateway and per family."""

import dataclasses

import pytest

from gateway.outbox.sequences import Sequences
from gateway.outbox.types import SequenceError


def test_both_sequences_go_on_where_they_were(author):
    before = Sequences(0, {})
    after = before.advanced([author.row("door"), author.row("power"), author.row("door")])
    assert (after.last, after.families) == (3, {"door": 2, "power": 1})
    assert (before.last, before.families) == (0, {})


@pytest.mark.parametrize("sequence", [0, 1, 3])
def test_a_number_left_out_or_taken_again_is_a_defect(author, sequence):
    row = author.row()
    second = dataclasses.replace(author.row(), sequence=sequence)
    with pytest.raises(SequenceError, match=f"sequence {sequence}, expected 2"):
        Sequences(0, {}).advanced([row, second])


@pytest.mark.parametrize("number", [1, 3])
def test_a_familys_number_left_out_or_taken_again_is_a_defect(author, number):
    row = author.row("tilt")
    second = dataclasses.replace(author.row("tilt"), familysequence=number)
    with pytest.raises(SequenceError, match=f"number {number} of family tilt, expected 2"):
        Sequences(0, {}).advanced([row, second])
