"""The floor bank by bank."""

from gateway.console.banks import NO_BANK, banks
from gateway.console.floor import WELL
from gateway.status.model import EgmWord
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench

EGMS = sample_floors.troubled().egms


def test_every_egm_stands_in_one_bank_in_the_order_of_its_location():
    found = banks(reversed(EGMS), worst_first=False)
    assert [bank.name for bank in found] == ["01", "02", "03", "04", "05", "06"]
    assert [egm.asset for egm in found[0].egms] == ["10101", "10102", "10103", "10104"]
    assert sum(len(bank.egms) for bank in found) == len(EGMS)


def test_the_worst_bank_comes_first_and_says_why():
    found = banks(EGMS, worst_first=True)
    assert found[0].name == "06"
    assert found[0].words() == "4 link down"
    assert found[1].words() == "1 quarantined, 1 degraded, 1 in play"


def test_an_egm_without_a_bank_is_not_left_out():
    (bank,) = banks([EGMS[0].model_copy(update={"bank": ""})], worst_first=False)
    assert bank.name == NO_BANK


def test_a_bank_where_nobody_plays_is_all_idle():
    idle = EGMS[0].model_copy(update={"state": EgmWord.IDLE})
    assert banks([idle], worst_first=False)[0].words() == "all idle"


async def test_enter_on_a_bank_lists_its_egms_on_the_floor(tmp_path):
    bench = Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"))
    async with bench.open((80, 24)) as pilot:
        await pilot.press("2", "s", "enter")
        await bench.drawn(pilot)
        listed = [line.split()[1] for line in bench.text("#floor")[1:] if line.strip()]
        assert listed == ["10601", "10602", "10603", "10604"]
        assert "/bank:06" in "\n".join(bench.text())


async def test_f_lists_only_banks_that_need_somebody(tmp_path):
    bench = Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"))
    async with bench.open((80, 24)) as pilot:
        for egm in list(bench.floor.egms.values()):
            if egm.bank != "02" and egm.state not in WELL:
                well = {"state": EgmWord.IDLE}
                bench.floor.egms[egm.asset] = egm.model_copy(update=well)
        await pilot.press("2", "f")
        await bench.drawn(pilot)
        rows = [line.split()[0] for line in bench.text("#map")[1:] if line.strip()]
        assert rows == ["02"]
        assert "1 of 6 banks" in "\n".join(bench.text())
