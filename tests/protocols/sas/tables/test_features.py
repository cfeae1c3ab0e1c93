"""The feature bytes of poll A0, in words."""

from protocols.sas.tables.aft import AFT_STATUS
from protocols.sas.tables.features import bit_texts, features_of


def test_a_machine_says_what_it_supports():
    features = features_of((0xD0, 0xCA, 0x01, 0x00))
    assert features.names == (
        "validation extensions",
        "ticket redemption",
        "extended meters",
        "AFT",
        "multi-denomination extensions",
        "fast poll, 40 ms",
    )
    assert features.validation == "secure enhanced"
    assert features.meter_model == "credits metered when played or paid"
    assert features.fast_poll


def test_what_nobody_names_is_a_number():
    features = features_of((0x60, 0x03, 0x08, 0x80))
    assert features.names == ("byte 3 bit 3", "byte 4 bit 7")
    assert (features.validation, features.meter_model, features.fast_poll) == ("3", "3", False)


def test_bits_are_named_or_numbered():
    assert bit_texts(0x81, AFT_STATUS) == ("printer available", "any AFT enabled")
    assert bit_texts(0x102, AFT_STATUS) == ("partial transfers to host", "bit 8")
    assert bit_texts(0, AFT_STATUS) == ()
