"""Every conversation in the files beside this one, held with a simulated machine in memory."""

from pathlib import Path

import pytest

from tests.floor_sim.conversations.talk import Conversation, check, conversations

HERE = Path(__file__).parent
ALL = [
    pytest.param(one, id=f"{path.stem}: {one.title}")
    for path in sorted(HERE.glob("*.md"))
    for one in conversations(path)
]


@pytest.mark.parametrize("conversation", ALL)
def test_the_floor_talks_as_written(conversation):
    check(conversation)


def test_there_are_conversations_and_each_has_steps():
    assert len(ALL) >= 40
    assert all(param.values[0].steps for param in ALL)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (("0.0 > 80", "0.2 > 81 < 11"), "00"),
        (("0.0 > 80", "0.2 > 81 < nothing"), "00"),
        (("0.0 > 80", "0.2 > 81", "0.4 > 80"), "before 0.4"),
        (("0.0 > 80", "0.2 > 81"), "after the last step"),
        (("0.0 > 80", "0.2 > 01 1A < 01 1A 00 00 00 00 C3 FD"), "C3 FC"),
        (("0.0 > 80", "0.2 >> 81"), "no step"),
    ],
)
def test_what_is_not_said_so_fails(steps, words):
    with pytest.raises(AssertionError, match=words):
        check(Conversation("wrong", {}, steps))
