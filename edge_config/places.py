"""Where a site's files, ports and server are, once it is known from where it runs.

A site file has paths relative to its run folder. The run folder comes from, in this order: the
command line, the environment variable SLOTGW_RUN_FOLDER, the site file. The NATS address likewise
(SLOTGW_NATS_URL, and SLOTGW_NATS_MONITOR_URL for its monitoring port), so that one site file serves
a demo on a free port and a real server.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge_config.problems import ConfigError, Problem
from edge_config.site import EgmInfo, LineInfo, Site

RUN_FOLDER_VARIABLE = "SLOTGW_RUN_FOLDER"
NATS_URL_VARIABLE = "SLOTGW_NATS_URL"
NATS_MONITOR_VARIABLE = "SLOTGW_NATS_MONITOR_URL"
GATEWAY_FOLDER = "gateway"


@dataclass(frozen=True, slots=True)
class Places:
    """The settled paths and addresses of one site.

    Attributes:
        site: the site file's content.
        site_path: path of the site file, for reports.
        run_folder: absolute path.
        nats_url: address of the NATS server, without user and password.
        nats_monitor_url: its monitoring port, or None if it is not given.
    """

    site: Site
    site_path: str
    run_folder: Path
    nats_url: str
    nats_monitor_url: str | None = None

    @property
    def gateway_folder(self) -> Path:
        """Folder of what only the edge daemon writes."""
        return self.run_folder / GATEWAY_FOLDER

    @property
    def outbox(self) -> Path:
        """The outbox's SQLite file."""
        return self.gateway_folder / "outbox.sqlite"

    @property
    def status_socket(self) -> Path:
        """Unix socket on which the daemon tells its status."""
        return self.gateway_folder / "status.sock"

    @property
    def capture_socket(self) -> Path:
        """Unix socket on which the daemon tells what is on a line."""
        return capture_socket(self.run_folder)

    @property
    def replay_socket(self) -> Path:
        """Unix socket on which the daemon is asked to send stored events again."""
        return self.gateway_folder / "replay.sock"

    @property
    def request_socket(self) -> Path:
        """Unix socket on which people tell the daemon what no wire tells."""
        return self.gateway_folder / "request.sock"

    @property
    def privacy_key_file(self) -> Path:
        """File with the secret key of the pseudonyms."""
        return self.run_folder / self.site.privacy.key_file

    def line_port(self, line: LineInfo) -> Path:
        """Return the device of ``line``."""
        return self.run_folder / line.port

    def line_port_egm(self, line: LineInfo) -> Path | None:
        """Return the device of a tapped line's second wire, or None if it has one wire."""
        return self.run_folder / line.port_egm if line.port_egm else None

    def card_reader(self, egm: EgmInfo) -> Path | None:
        """Return the device of the card reader of ``egm``, or None if it has none."""
        return self.run_folder / egm.card_reader if egm.card_reader else None

    def nats_password(self, environment: Mapping[str, str] = os.environ) -> str:
        """Return the password of the site's NATS user.

        Raises:
            ConfigError: the file or variable that should hold it is missing or empty.
        """
        nats = self.site.nats
        if nats.password_env is not None:
            password = environment.get(nats.password_env, "")
            if not password:
                expected = f"the password of the NATS user {nats.user}"
                found = f"no environment variable {nats.password_env}"
                raise ConfigError(
                    [Problem(self.site_path, "nats.password_env", found, expected, "set it")]
                )
            return password
        assert nats.password_file is not None, "the loader lets no site through without one"
        return read_password(
            self.run_folder / nats.password_file,
            self.site_path,
            "nats.password_file",
            nats.user,
        )


def capture_socket(run_folder: Path) -> Path:
    """Return the capture socket of the gateway that runs in ``run_folder``."""
    return run_folder / GATEWAY_FOLDER / "capture.sock"


def find_places(
    site: Site,
    site_path: str | os.PathLike[str],
    *,
    run_folder: str | os.PathLike[str] | None = None,
    nats_url: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Places:
    """Settle the places of ``site``; ``run_folder`` and ``nats_url`` are from the command line."""
    folder = run_folder or environment.get(RUN_FOLDER_VARIABLE) or site.gateway.run_folder
    url = nats_url or environment.get(NATS_URL_VARIABLE) or site.nats.url
    return Places(
        site=site,
        site_path=os.fspath(site_path),
        run_folder=Path(folder).absolute(),
        nats_url=url,
        nats_monitor_url=environment.get(NATS_MONITOR_VARIABLE) or site.nats.monitor_url,
    )


def read_password(path: Path, site_path: str, key: str, user: str) -> str:
    """Return the one line of the file at ``path``.

    ``site_path``, ``key`` and ``user`` say in a report who asked for it.

    Raises:
        ConfigError: the file is missing, cannot be read, or is empty.
    """
    expected = f"the password of the NATS user {user}"
    hint = "write it there, readable by the gateway's user only"
    try:
        password = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not UTF-8"
        found = f"{path}: {reason.lower()}"
        raise ConfigError([Problem(site_path, key, found, expected, hint)]) from None
    if not password:
        raise ConfigError([Problem(site_path, key, f"an empty file {path}", expected, hint)])
    return password
