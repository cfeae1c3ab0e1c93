"""The table of what can be done by hand holds what can be done, and its examples work."""

import pytest

from floor_sim.doings import DOINGS, DoingError, do
from floor_sim.doings_table import TABLE, example, listing
from floor_sim.machine import service

ANY_WORD = {"card in", "option paytable"}


def test_every_doing_has_its_row_and_every_row_its_doing():
    assert [*TABLE] == [*DOINGS]
    assert [name for name in TABLE if f"\n{example(name)}  " not in f"\n{listing()}"] == []


@pytest.mark.parametrize("name", TABLE)
def test_the_example_of_a_doing_names_something_that_can_be_done(talk, name):
    machine = talk.machine
    service.power_on(machine, 0.0)
    assert do(machine, example(name), 1.0) in {True, False}
    if TABLE[name].takes and name not in ANY_WORD:
        with pytest.raises(DoingError):
            do(machine, f"{name} ?", 1.0)
