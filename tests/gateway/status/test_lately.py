"""The marks of a link's last minutes: the worst moment of each, and what nobody knew."""

import pytest

from gateway.status.lately import MINUTES, Lately, level


def marks(*looks):
    lately = Lately()
    for minute, share in looks:
        lately.note(share, 60.0 * minute + 7)
    return lately.text()


@pytest.mark.parametrize(
    ("share", "expected"),
    [(1.0, 7), (0.99, 6), (0.98, 5), (0.95, 4), (0.9, 3), (0.75, 2), (0.5, 1), (0.0, 0)],
)
def test_what_is_nearly_right_is_told_apart(share, expected):
    assert level(share) == expected


def test_the_worst_moment_of_a_minute_makes_its_mark():
    assert marks((0, 1.0), (0, 0.4), (0, 1.0), (1, 1.0)) == "17"


def test_minutes_in_which_nobody_looked_or_knew_are_told_as_such():
    assert marks((0, 1.0), (3, None), (4, 0.99)) == "7---6"


def test_no_more_than_the_last_minutes_are_kept():
    assert marks(*((minute, minute % 2) for minute in range(30))) == "07070707"
    assert len(marks((0, 1.0), (10_000, 1.0))) == MINUTES
    assert marks((0, 1.0), (10_000, 1.0)) == "-------7"
