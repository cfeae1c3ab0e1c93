"""What can be wrong between the EGMs of a site file and what becomes of them.

Works on the parsed file before validation; whatever has not the right shape is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edge_config.explain import nearest
from edge_config.problems import Mistake, shown
from edge_config.wiring_checks import Row, rows_of


def register_mistakes(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield every mistake between ``[[egms]]`` and ``[[changes]]``."""
    egms, changes = rows_of(data, "egms"), rows_of(data, "changes")
    yield from _serials(egms)
    yield from _assets(egms, changes)
    yield from _moments(changes)


def _serials(egms: list[Row]) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for index, row in egms:
        serial = row.get("serial")
        if not isinstance(serial, str) or not serial:
            continue
        other = first.setdefault(serial, index)
        if other != index:
            expected = "a serial number of its own for every EGM"
            hint = f"it is also that of egms[{other}]; a swap could not be told"
            yield Mistake(("egms", index, "serial"), f"{shown(serial)} again", expected, hint)


def _assets(egms: list[Row], changes: list[Row]) -> Iterator[Mistake]:
    assets = [asset for _, row in egms if isinstance(asset := row.get("asset"), str)]
    known = frozenset(assets)
    for index, row in changes:
        asset = row.get("asset")
        if isinstance(asset, str) and asset not in known:
            expected = "the asset number of an EGM of this file"
            hint = nearest(asset, assets) or "write its [[egms]] table first"
            yield Mistake(("changes", index, "asset"), shown(asset), expected, hint)


def _moments(changes: list[Row]) -> Iterator[Mistake]:
    first: dict[tuple[str, str], int] = {}
    for index, row in changes:
        asset, since = row.get("asset"), row.get("since")
        if not row.keys() - {"asset", "since"}:
            expected = "at least one key that says what changes, for example location"
            yield Mistake(("changes", index), "a change of nothing", expected)
        if not isinstance(asset, str) or since is None:
            continue
        other = first.setdefault((asset, str(since)), index)
        if other != index:
            found = f"{shown(since)} again for EGM {asset}"
            hint = f"put it into changes[{other}], or give it another moment"
            yield Mistake(("changes", index, "since"), found, "one change at a time", hint)
