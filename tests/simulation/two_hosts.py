"""The floor whose machines have two SAS ports: a certified host on the first, we on the second."""

from __future__ import annotations

from collections import defaultdict

from floor_sim.floor_file import FloorFile
from tests.simulation.certified_host import CertifiedHost
from tests.simulation.world import ROOT, read_file


class TwoHostsFloor:
    """Mixed into a ``World``: a certified host on a line of its own beside each of our lines."""

    site_file = ROOT / "edge_config" / "sites" / "two_hosts.toml"

    def __post_init__(self):
        self.port = 1
        super().__post_init__()
        self.hosts = []
        for name, line in self.lines.items():
            if name.startswith("H"):
                on_line = [egm for egm in self.floor.file.egms if egm.line == name]
                assets = {egm.address: egm.asset for egm in on_line}
                self.hosts.append(CertifiedHost(line, assets))

    def floor_file(self):
        """Say what the floor is."""
        return read_file(ROOT / "edge_config" / "floors" / "two_hosts.toml", FloorFile)

    def told_the_host(self):
        """Exceptions that the certified host acknowledged, by asset."""
        told = defaultdict(list)
        for record in self.journal.records:
            if record["what"] == "acked" and record["port"] == 0:
                told[record["egm"]].append(record["code"])
        return told

    def host_heard(self):
        """Exceptions that the certified host heard, by asset."""
        return {asset: codes for host in self.hosts for asset, codes in host.heard.items()}
