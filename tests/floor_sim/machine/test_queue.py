"""Twenty wait in order, flags go first, and what is lost is said to be lost."""

PLAIN = [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x1A, 0x1B, 0x1C]


def test_twenty_exceptions_wait_in_order(talk):
    talk.happens(*PLAIN, *PLAIN)
    assert talk.told("lost") == []
    assert talk.drain() == [f"{code:02x}" for code in [*PLAIN, *PLAIN]]


def test_the_twenty_first_pushes_the_oldest_out_and_raises_70_first(talk):
    talk.happens(*PLAIN, *PLAIN, 0x20)
    assert talk.told()[-2:] == ["20", "70"]
    assert talk.told("lost") == ["11"]
    assert talk.drain() == ["70", *(f"{code:02x}" for code in [*PLAIN[1:], *PLAIN]), "20"]


def test_in_some_markets_the_newest_is_lost(conversation, port_settings):
    talk = conversation(port_settings(overflow_loses="newest"))
    talk.sync()
    talk.happens(*PLAIN, *PLAIN, 0x20)
    assert talk.told("lost") == ["20"]
    assert talk.drain() == ["70", *(f"{code:02x}" for code in [*PLAIN, *PLAIN])]


def test_70_is_one_flag_however_many_are_lost(talk):
    talk.happens(*PLAIN, *PLAIN, *PLAIN)
    assert talk.told().count("70") == 1
    assert talk.told("lost") == [f"{code:02X}" for code in PLAIN]


def test_what_was_sent_and_awaits_its_ack_is_not_the_one_that_is_lost(talk):
    talk.happens(*PLAIN, *PLAIN)
    assert talk.says("81") == "11"
    talk.happens(0x20)
    assert talk.told("lost") == ["12"]


def test_every_exception_is_either_handed_over_or_said_to_be_lost(talk):
    talk.happens(*PLAIN, *PLAIN, 0x51, 0x52, 0x20, 0x21, 0x51)
    talk.drain()
    assert sorted(talk.told("acked") + talk.told("lost")) == sorted(talk.told())


def test_priority_exceptions_go_out_before_the_queue_in_their_own_order(talk):
    talk.happens(0x11, 0x8F, 0x52, 0x6F, 0x67, 0x57, 0x51, 0x12)
    assert talk.drain() == ["57", "67", "6f", "51", "52", "8f", "11", "12"]


def test_with_secure_validation_52_and_3d_are_flags_before_51(conversation, port_settings):
    order = (0x3D, 0x3E, 0x52, 0x51, 0x70)
    talk = conversation(port_settings(priority=order))
    talk.sync()
    talk.happens(0x11, 0x51, 0x52, 0x3D)
    assert talk.drain() == ["3d", "52", "51", "11"]


def test_with_standard_validation_tickets_queue_up(talk):
    talk.happens(0x11, 0x3D, 0x3D, 0x12)
    assert talk.drain() == ["11", "3d", "3d", "12"]


def test_a_flag_that_is_raised_twice_is_told_once_and_the_second_is_lost(talk):
    talk.happens(0x6F, 0x6F)
    assert talk.told("lost") == ["6F"]
    assert talk.drain() == ["6f"]


def test_a_flag_that_is_raised_again_while_its_answer_is_under_way_is_told_again(talk):
    talk.happens(0x6F)
    assert talk.says("81") == "6f"
    talk.happens(0x6F)
    assert talk.told("lost") == []
    assert talk.drain() == ["6f"]
    assert talk.told("acked") == ["6F", "6F"]


def test_an_unknown_code_is_a_value_like_any_other(talk):
    talk.happens(0xD4)
    assert talk.drain() == ["d4"]


def test_the_queue_and_its_flags_outlive_a_power_cut(talk):
    talk.happens(0x11, 0x12, 0x51)
    assert talk.says("81") == "51"
    talk.sync()
    assert talk.says("81") == "11"
    again = talk.reboot()
    assert again.drain() == ["11", "12", "17"]


def test_what_was_sent_before_a_power_cut_is_not_acknowledged_by_what_comes_after(talk):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    again = talk.reboot()
    again.sync()
    assert again.told("acked") == []
    assert again.drain() == ["11", "17"]


def test_a_machine_that_had_power_before_says_that_it_was_lost(conversation, settings):
    talk = conversation(settings).reboot().reboot()
    assert talk.drain() == ["17", "18", "17"]
