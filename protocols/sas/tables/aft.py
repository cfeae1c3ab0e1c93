"""Code tables of AFT polls 72, 73 and 74."""

from __future__ import annotations

from typing import Final

TRANSFER_CODES: Final = {
    0x00: "full transfer", 0x01: "partial transfer", 0x80: "cancel", 0xFE: "interrogate",
    0xFF: "interrogate",
}  # fmt: skip
"""Transfer code of a 72 request; only FE and FF read and change nothing."""

TRANSFER_TYPES: Final = {
    0x00: "in-house, host to EGM", 0x10: "bonus coin out, host to EGM",
    0x11: "bonus jackpot, host to EGM", 0x20: "in-house, host to ticket",
    0x40: "debit, host to EGM", 0x60: "debit, host to ticket", 0x80: "in-house, EGM to host",
    0x90: "win, EGM to host",
}  # fmt: skip
"""Transfer type of poll 72."""

TRANSFER_FLAGS: Final = {
    0: "host cash-out control", 1: "host cash-out value", 2: "hard mode",
    3: "host cash-out requested", 4: "lock after transfer", 5: "custom ticket",
    6: "only if locked", 7: "receipt requested",
}  # fmt: skip
"""Bits of the flags of poll 72."""

TRANSFER_STATUS: Final = {
    0x00: "full transfer done", 0x01: "partial transfer done", 0x40: "pending",
    0x80: "cancelled by host", 0x81: "transaction id not unique",
    0x82: "transfer type or index not valid", 0x83: "amount or expiry not valid",
    0x84: "above the EGM's limit", 0x85: "not a multiple of the denomination",
    0x86: "cannot do partial transfers to host",
    0x87: "cannot transfer now (door, tilt, disabled, cash-out)",
    0x88: "not registered (debit needs it)", 0x89: "registration key differs",
    0x8A: "no POS id (debit needs it)", 0x8B: "no won credits to cash out",
    0x8C: "no denomination set", 0x8D: "expiry not valid for a ticket",
    0x8E: "ticket device not available", 0x8F: "restricted credits of another pool are present",
    0x90: "cannot print the receipt", 0x91: "receipt fields missing",
    0x92: "receipt not allowed for this type", 0x93: "asset number zero or different",
    0x94: "not locked, and the request needs the lock", 0x95: "transaction id not valid",
    0x9F: "unexpected error", 0xC0: "not compatible with the current transfer",
    0xC1: "transfer code not supported", 0xFF: "no transfer information",
}  # fmt: skip
"""Status of a 72 answer."""

RECEIPT_STATUS: Final = {
    0x00: "printed", 0x20: "printing", 0x40: "pending", 0xFF: "none",
}  # fmt: skip
"""Receipt status of a 72 answer."""

REGISTRATION_CODES: Final = {
    0x00: "initialise", 0x01: "register", 0x40: "ask the operator", 0x80: "unregister",
    0xFF: "read",
}  # fmt: skip
"""Code of a 73 request; only FF reads and changes nothing."""

REGISTRATION_STATUS: Final = {
    0x00: "ready", 0x01: "registered", 0x40: "pending", 0x80: "not registered",
}  # fmt: skip
"""Status of a 73 answer."""

LOCK_CODES: Final = {0x00: "lock", 0x80: "cancel lock", 0xFF: "query"}
"""Lock code of a 74 request; only FF reads and changes nothing."""

LOCK_CONDITIONS: Final = {
    0: "transfer to EGM", 1: "transfer from EGM", 2: "transfer to printer", 3: "bonus award",
}  # fmt: skip
"""Bits of the transfer condition of a 74 request."""

LOCK_STATUS: Final = {0x00: "locked", 0x40: "lock pending", 0xFF: "not locked"}
"""Lock status of a 74 answer."""

AVAILABLE_TRANSFERS: Final = {
    0: "to EGM", 1: "from EGM", 2: "to printer", 3: "win to host pending", 4: "bonus to EGM",
    7: "lock after transfer",
}  # fmt: skip
"""Bits of the available transfers of a 74 answer."""

HOST_CASH_OUT: Final = {0: "controllable by host", 1: "enabled", 2: "hard mode"}
"""Bits of the host cash-out status of a 74 answer."""

AFT_STATUS: Final = {
    0: "printer available", 1: "partial transfers to host", 2: "custom ticket data",
    3: "registered", 4: "in-house enabled", 5: "bonus enabled", 6: "debit enabled",
    7: "any AFT enabled",
}  # fmt: skip
"""Bits of the AFT status of a 74 answer."""
