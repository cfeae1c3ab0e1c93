"""Card numbers become keyed hashes here, before anything else sees them (P7)."""

from __future__ import annotations

import base64
import hmac
import logging
import os
import secrets
from pathlib import Path

from edge_config.problems import ConfigError, Problem

log = logging.getLogger(__name__)

KEY_BYTES = 32


class Pseudonyms:
    """Keyed hashes of card numbers, the same for the same card and key.

    Args:
        key: the site's secret, 32 bytes or more.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def card(self, number: str) -> str:
        """Return the pseudonym of a card: ``c``, then 125 bits of HMAC-SHA256 as 25 of A-Z2-7."""
        digest = hmac.digest(self._key, number.encode(), "sha256")
        return "c" + base64.b32encode(digest).decode()[:25]


def load_key(
    path: Path, what: str = "privacy", why: str = "pseudonyms made with another differ"
) -> bytes:
    """Read a key of the site; make one where there is none yet, readable by its owner only.

    Args:
        path: its file.
        what: what it is for.
        why: why a new one matters, for people.

    Raises:
        ConfigError: the file cannot be read or made, or is too short to be a key.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "w") as file:
                file.write(secrets.token_hex(KEY_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
            log.warning("made a new %s key in %s: %s", what, path, why)
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise ConfigError(
            [
                Problem(
                    str(path), f"{what}.key_file", str(error), f"{KEY_BYTES} bytes in hex",
                    "remove the file to have a new key made, or restore the old one",
                )
            ]
        ) from error  # fmt: skip
    if len(key) < KEY_BYTES:
        raise ConfigError(
            [
                Problem(
                    str(path), f"{what}.key_file", f"{len(key)} bytes", f"{KEY_BYTES} bytes in hex",
                    "restore the site's key: a shorter one can be guessed",
                )
            ]
        )  # fmt: skip
    return key
