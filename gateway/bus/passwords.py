"""The users' passwords: made once, one file each, readable by the owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from gateway.bus.users import USERS

PASSWORD_BYTES = 24
"""Random bytes in a password."""


def make_passwords() -> dict[str, str]:
    """Return a new random password for each user."""
    return {user: secrets.token_urlsafe(PASSWORD_BYTES) for user in USERS}


def password_file(folder: Path, user: str) -> Path:
    """Return where the password of ``user`` is kept."""
    return folder / f"{user}.password"


def keep_passwords(folder: Path) -> dict[str, str]:
    """Return the passwords in ``folder`` by user; those that are not there are made.

    Raises:
        OSError: a file cannot be read or written, or is empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = {}
    for user, fresh in make_passwords().items():
        path = password_file(folder, user)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            kept[user] = path.read_text().strip()
            if not kept[user]:
                raise OSError(f"{path} is empty: delete it, and a password is made") from None
        else:
            with os.fdopen(handle, "w") as file:
                file.write(fresh + "\n")
            kept[user] = fresh
    return kept
