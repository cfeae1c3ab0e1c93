"""The rules for EGMs: one row each."""

from __future__ import annotations

from typing import Final

from floor_sim.judge import egm_state as state
from floor_sim.judge import egm_wire as wire
from floor_sim.judge.rule import Row, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
_BITS: Final = "a line that carries the EGM's ninth bits: a bridge, a serial port, a capture"
_BITS_AWAY: Final = f"{_BITS}; a host that is away for 6 s"

EGM_RULES: Final = (
    Row("egm.answer-late", _E, "Begin an answer within 20 ms of the host's last byte.",
        "response time", wire.AnsweredLate),
    Row("egm.byte-gap", _E, "Send the bytes of an answer at most 5 ms apart.",
        "byte timing", wire.AnswerApart, "an answer of two bytes or more"),
    Row("egm.crc-wrong", _E, "End an answer of more than two bytes with the CRC of all bytes "
        "before it, low byte first.", "CRC", wire.AnswerCrc),
    Row("egm.answer-cut", _E, "Send answers to their end.", "message format", wire.AnswerCut),
    Row("egm.answer-wrong", _E, "Answer what was asked, in the layout of the poll, with decimal "
        "digits where they belong.", "long polls", wire.AnswerElse),
    Row("egm.other-address", _E, "Answer polls to your own address only.",
        "addressing", wire.AnsweredByOther),
    Row("egm.wakeup-set", _E, "Clear the wakeup bit on every byte of an answer.",
        "wakeup bit", wire.AnswerMarked),
    Row("egm.unasked", _E, "Keep silent until you are asked; 80 and messages to address 00 ask "
        "nobody.", "global long polls", wire.Unasked, "80, or a message to address 00"),
    Row("egm.resend-differs", _E, "When the same poll comes again, send the same answer, byte for "
        "byte.", "implied acknowledgement", wire.ResendDiffers, "an answer that is asked for "
        "again"),
    Row("egm.resend-missing", _W, "When the same poll comes again, send the answer again.",
        "implied acknowledgement", wire.ResendMissing, "an answer that is asked for again"),
    Row("egm.read-refused", _W, "Be silent to a long poll that you do not know.",
        "unsupported long polls", wire.ReadRefused, "a type R poll"),
    Row("egm.bad-crc", _E, "Refuse a message with a wrong CRC: NACK, and nothing else.",
        "NACK", wire.BadCrcObeyed, "a poll with a wrong CRC"),
    Row("egm.falls-silent", _W, "Answer a poll that you know; if the answer was lost, again.",
        "response time", wire.FallsSilent),
    Row("egm.busy-for-ever", _W, "Be busy for a moment only.", "busy", wire.BusyForEver,
        "an EGM that is busy"),
    Row("egm.unknown-exception", _N, "Tell exceptions that are described.",
        "exceptions", wire.UnknownException, "an exception"),
    Row("egm.wrong-mode", _W, "Tell in event mode what belongs there, and only there.",
        "real-time events", wire.WrongMode, "an exception"),
    Row("egm.event-mode-unasked", _E, "Tell real-time events only once 0E has asked for them.",
        "real-time events", wire.EventModeUnasked, "0E, or an EGM that has chirped"),
    Row("egm.idle-1f", _N, "Say 00 while nothing waits; 1F is obsolete.",
        "exceptions", wire.IdleOldStyle, "a general poll while nothing waits"),
    Row("egm.idle-event", _N, "Be silent in event mode while nothing waits.",
        "real-time events", wire.IdleEvent, "an EGM in event mode"),
    Row("egm.chirp-missing", _E, "Chirp once nobody has polled you for 5 s.",
        "loop break and sync", state.ChirpMissing, _BITS_AWAY),
    Row("egm.chirp-pace", _W, "Chirp every 200 ms.", "loop break and sync", state.ChirpPace,
        _BITS_AWAY),
    Row("egm.chirp-while-polled", _E, "Stop chirping once you are polled.",
        "loop break and sync", state.ChirpsWhilePolled),
    Row("egm.chirp-unmarked", _E, "Set the wakeup bit on a chirp.",
        "loop break and sync", state.ChirpUnmarked, _BITS_AWAY),
    Row("egm.unsynced-answer", _N, "After a loop break, answer only once you have heard a poll "
        "that is not your own.", "loop break and sync", state.AnswersUnsynced, _BITS_AWAY),
    Row("egm.pair-broken", _W, "Tell exceptions in the order in which they happened, each once: "
        "after an opening comes its closing.", "exceptions", state.PairBroken,
        "a door opened and closed, a game started and ended"),
    Row("egm.handpay-not-repeated", _W, "Tell 51 again every 15 s until 1B has read the handpay.",
        "handpays", state.HandpayNotRepeated, "a handpay that is not read"),
    Row("egm.handpay-empty", _E, "Tell with 1B the handpay that 51 has told of.",
        "handpays", state.HandpayEmpty, "exception 51 and poll 1B"),
    Row("egm.meter-back", _E, "Let meters only grow, unless an exception tells of a reset.",
        "meters", state.MeterBack, "a meter that is read twice"),
    Row("egm.features-untrue", _W, "Answer the polls of the features that A0 claims.",
        "configuration", state.FeaturesUntrue, "polls 7B, 70, 6F, 74 or B2"),
)  # fmt: skip
"""What an EGM must do and leave undone."""
