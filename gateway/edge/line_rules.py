"""From a line of the site file to the rules of its session."""

from __future__ import annotations

from edge_config.site import LineInfo
from protocols.sas.host.steps import Rules


def rules_of(info: LineInfo) -> Rules:
    """Return the session's rules for a line of the site file."""
    return Rules(
        poll_interval_s=info.poll_interval_s,
        reply_timeout_s=info.reply_timeout_s,
        reply_gap_s=info.reply_gap_s,
        retry_first_s=min(1.0, info.retry_max_s),
        retry_max_s=info.retry_max_s,
        allow=info.allow,
        confirm=frozenset(info.confirm),
        real_time=info.real_time,
    )
