"""Bills and bonuses."""

import pytest


@pytest.mark.parametrize(
    ("code", "amount"), [(0x47, "1.00"), (0x4A, "20.00"), (0x4D, "2.00"), (0x50, "200.00")]
)
def test_a_bill_says_what_it_is_worth(code, amount, seat):
    (bill,) = seat.says(code)
    assert bill.data == {"denomination": {"amount": amount, "currency": "USD"}, "count": 1}
    assert seat.wishes == []


def test_any_bill_in_real_time_names_itself(seat):
    (bill,) = seat.says(0x4F, country=0x37, bill=0x06, bill_count=311)
    assert bill.data == {
        "denomination": {"amount": "50.00", "currency": "USD"},
        "country": "USA",
        "bills_total": 311,
        "count": 1,
    }


def test_any_bill_without_figures_asks_what_it_was(seat):
    (bill,) = seat.says(0x4F)
    assert "denomination" not in bill.data
    assert seat.wishes == [("bills", "bill")]
    (named,) = seat.answers(0x48, country=0x37, bill=0x07, bill_count=12)
    assert (named.type, named.sas_code) == ("bill.identified", None)
    assert named.data["denomination"]["amount"] == "100.00"


def test_a_last_bill_that_never_was_is_not_told(seat):
    assert seat.answers(0x48, country=0, bill=0, bill_count=0) == []


def test_a_bill_code_outside_the_table_is_not_guessed(seat):
    (bill,) = seat.says(0x4F, country=0x99, bill=0x77, bill_count=3)
    assert bill.data == {"bills_total": 3, "count": 1}


def test_a_bonus_tells_its_parts_in_real_time(seat):
    (bonus,) = seat.says(0x7C, multiplier=2, multiplied_win=500, tax_status=1, bonus=250)
    assert bonus.data == {
        "multiplier": 2, "multiplied_win_credits": 500, "tax_status": 1, "bonus_credits": 250,
    }  # fmt: skip
    assert seat.says(0x7C)[0].data == {}
