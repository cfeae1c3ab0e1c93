"""A few hundred stretches of meters; ``make transitions`` draws thousands, half of them unseen."""

from __future__ import annotations

from tests.transitions.run_transitions import FIRST_SEED, draw, failed
from tests.transitions.score import RIGHT


def test_no_verdict_on_meters_is_wrong_and_hardly_any_is_left_open():
    score = draw(160, FIRST_SEED["built"] + 100_000)
    assert not failed(score)
    drawn = {one.label for one in score.eventful}
    assert drawn >= {"rolled over", "RAM clear", "denomination", "zeroed", "went back"}
    assert drawn <= RIGHT.keys()
    assert score.totals > 3_000
    assert any(one.power and one.label == "RAM clear" for one in score.eventful)
    assert any(one.power and one.label == "rolled over" for one in score.eventful)
