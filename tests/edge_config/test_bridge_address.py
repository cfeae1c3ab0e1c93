"""Where a line on a bridge is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_config.bridge_address import BridgeAddress, bridge_mistake, parse_bridge_address, plain


@pytest.mark.parametrize(
    ("text", "host", "bridge"),
    [
        ("127.0.0.1:7401/3", "127.0.0.1", "127.0.0.1:7401"),
        ("tcp://127.0.0.1:7401/3", "127.0.0.1", "127.0.0.1:7401"),
        ("localhost:7401/3", "127.0.0.1", "127.0.0.1:7401"),
        ("127.8.8.8:7401/3", "127.8.8.8", "127.8.8.8:7401"),
        ("tcp://[::1]:7401/3", "::1", "[::1]:7401"),
    ],
)
def test_a_line_on_a_bridge_is_found(text, host, bridge):
    address = parse_bridge_address(text)
    assert address == BridgeAddress(host, 7401, 3)
    assert address.bridge == bridge
    assert plain(text) == f"{bridge}/3"


@pytest.mark.parametrize(
    "text",
    ["", "7401/3", "127.0.0.1/3", "127.0.0.1:7401", "127.0.0.1:0/3", "127.0.0.1:70000/3",
     "127.0.0.1:7401/0", "127.0.0.1:7401/255", "127.0.0.1:7401/x", "127.0.0.1:7401/-1",
     "127.0.0.1:\u0663/3", "udp://127.0.0.1:7401/3"],
)  # fmt: skip
def test_what_is_no_line_on_a_bridge_is_told(text):
    assert bridge_mistake(text)
    assert plain(text) == text


@pytest.mark.parametrize("host", ["10.0.0.9", "0.0.0.0", "bridge.casino.example", "[fe80::1]"])
def test_a_bridge_elsewhere_is_refused_because_tcp_is_not_sealed(host):
    assert "of this computer" in bridge_mistake(f"{host}:7401/3")


@given(st.text(max_size=30))
def test_any_text_is_a_line_on_a_bridge_or_told(text):
    mistake = bridge_mistake(text)
    assert mistake or parse_bridge_address(text)
