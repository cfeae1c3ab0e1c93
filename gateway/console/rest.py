"""Everything of the console that its first picture does not need, imported right after it.

A module imported hours later may come from another version, if the gateway was updated meanwhile.
"""

from gateway.console import (  # noqa: F401 (importing them is what this module is for)
    checks_page,
    command_screen,
    desk,
    machine_screen,
    page_data,
    pages,
)
