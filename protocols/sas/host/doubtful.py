"""Which answers are asked for once more before they are believed."""

from __future__ import annotations

from collections.abc import Mapping

from protocols.sas.host.link import EgmLink
from protocols.sas.host.steps import Rules
from protocols.sas.replies import ExceptionReply, Reply
from protocols.sas.tables.exceptions import EXCEPTIONS


def doubtful(
    reply: Reply, link: EgmLink, links: Mapping[int, EgmLink], rules: Rules, late_s: float
) -> bool:
    """Whether a first answer may be something else: one byte has no check and no address.

    Args:
        reply: what ``link`` seems to have answered.
        link: who was asked.
        links: the EGMs of the line, by address.
        rules: of the line.
        late_s: seconds for which it may still be the late answer of somebody who was given up.
    """
    if not isinstance(reply, ExceptionReply) or reply.real_time:
        return False
    return (
        reply.code in rules.confirm
        or reply.code not in EXCEPTIONS
        or reply.code in (link.address, link.address | 0x80)  # a chirp? an echo?
        or late_s > 0
        or (reply.code in links and not links[reply.code].live)  # a chirp?
    )


def said_once(settled: Reply, answers: tuple[Reply, Reply], rules: Rules) -> bool:
    """Whether an exception that must be said twice was said in one of two answers alone.

    That is each of those that a line is to confirm, and each that no table has. Both answers of an
    idle machine may have been spoiled, or either of a machine that had something to say: nobody
    knows.

    Args:
        settled: which of the answers is likely.
        answers: what was said to one poll, the first and the second time.
        rules: of the line.
    """
    first, second = answers
    if not isinstance(settled, ExceptionReply) or first.raw == second.raw:
        return False
    named = (isinstance(one, ExceptionReply) and one.code in rules.confirm for one in answers)
    return settled.code not in EXCEPTIONS or any(named)
