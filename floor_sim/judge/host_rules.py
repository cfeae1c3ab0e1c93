"""The rules for hosts: one row each."""

from __future__ import annotations

from typing import Final

from floor_sim.judge import host_acks as acks
from floor_sim.judge import host_events as events
from floor_sim.judge import host_frames as frames
from floor_sim.judge import host_sync as sync
from floor_sim.judge import host_timing as timing
from floor_sim.judge import host_use as use
from floor_sim.judge.rule import Row, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
_BITS: Final = "a line that carries the host's ninth bits: a bridge, a serial port, a capture"

HOST_RULES: Final = (
    Row("host.poll-too-fast", _E, "Leave 200 ms between two polls of one EGM, or 40 ms where it "
        "says so in A0; only a poll whose answer did not come may follow sooner.",
        "polling rate", timing.PolledTooFast),
    Row("host.poll-too-slow", _E, "Poll each EGM within 5 s, else it takes its link for down.",
        "polling rate", timing.PolledTooSlowly),
    Row("host.uneven", _N, "Poll the EGMs of a line about equally often.",
        "polling rate", timing.Uneven, "two EGMs on the line that answer for 30 s"),
    Row("host.event-mode-slow", _W, "Poll an EGM in event mode quickly, at least once a second: "
        "its events are to arrive as they happen.",
        "real-time events", timing.SlowInEventMode, "an EGM in event mode"),
    Row("host.byte-gap", _E, "Send the bytes of a message at most 5 ms apart.",
        "byte timing", timing.BytesApart, "a message of two bytes or more"),
    Row("host.talks-over", _E, "Let an EGM finish its answer before you speak.",
        "byte timing", timing.TalksOver),
    Row("host.impatient", _E, "Wait 20 ms for an answer to begin before you send anything else.",
        "response time", timing.Impatient),
    Row("host.ack-late", _E, "Acknowledge an answer within 30 s by sending another poll.",
        "implied acknowledgement", timing.AckTooLate, "an answer that is kept"),
    Row("host.wakeup-missing", _E, "Set the wakeup bit on the first byte of every message.",
        "wakeup bit", frames.WakeupMissing, _BITS),
    Row("host.wakeup-extra", _E, "Clear the wakeup bit on every byte but the first.",
        "wakeup bit", frames.WakeupExtra, _BITS),
    Row("host.crc-wrong", _E, "End polls of type S, M and G with the CRC of all bytes before it, "
        "low byte first.", "CRC", frames.CrcWrong, "a poll with a CRC"),
    Row("host.crc-on-read", _E, "Send polls of type R without a CRC.",
        "long polls, type R", frames.CrcOnRead, "a type R poll"),
    Row("host.message-cut", _E, "Send messages to their end, CRC included.",
        "message format", frames.CutShort, "a long poll"),
    Row("host.bytes-behind-poll", _E, "Send nothing right behind a general poll, and clear bit 7 "
        "of the address of a long poll.", "message format", frames.BytesBehind),
    Row("host.length-byte", _E, "Count in a length byte what follows it, without the CRC.",
        "message format", frames.LengthByte, "a poll with a length byte"),
    Row("host.bad-data", _E, "Put into a poll what it takes: as many bytes, and decimal digits "
        "where they belong.", "data formats", frames.BadData, "a poll with data"),
    Row("host.not-for-all", _E, "Send to address 00 only what may go to all EGMs.",
        "global long polls", frames.NotForAll, "a long poll to address 00"),
    Row("host.unknown-command", _W, "Send only commands that are described.",
        "long polls", frames.UnknownCommand, "a long poll"),
    Row("host.impossible-date", _E, "Set machines to a date and time that exist.",
        "date and time", frames.ImpossibleDate, "poll 7F"),
    Row("host.event-asked-again", _W, "Send something else than the same general poll after an "
        "event has arrived whole; on a line with one EGM, 80. A lone byte may be doubted now and "
        "then, not every time.",
        "implied acknowledgement", acks.EventAskedAgain, "an event"),
    Row("host.reading-asked-again", _W, "Send something else before the same long poll again: "
        "without it the EGM repeats the stored answer, and old readings pass for new.",
        "implied acknowledgement", acks.ReadingAskedAgain, "an answer to a long poll"),
    Row("host.event-refused", _E, "In event mode, send something else before a long poll that was "
        "answered by an event: the same poll at once refuses the event.",
        "real-time events", acks.EventTakenForAnswer, "an event that answers a long poll"),
    Row("host.asked-thrice", _E, "Ask for an answer once more if it was damaged, and not a third "
        "time.", "implied acknowledgement", acks.AskedThrice, "an answer that was asked for again"),
    Row("host.queue-stuck", _E, "Acknowledge an event before you poll for the next: one that comes "
        "again and again hides all behind it.",
        "implied acknowledgement", acks.QueueStuck, "an event"),
    Row("host.damage-acknowledged", _E, "Ask again for an answer that was damaged before anything "
        "else goes out on the line.",
        "implied acknowledgement", acks.DamageAcknowledged, "a damaged answer"),
    Row("host.silence-passed-over", _W, "Repeat a general poll that was not answered once before "
        "anything else goes out: any other message acknowledges an answer that was lost.",
        "implied acknowledgement", acks.SilencePassedOver, "an EGM that does not answer once"),
    Row("host.endless-retries", _W, "Give a poll up after some tries, so that others get theirs.",
        "retries", acks.RetriesWithoutEnd, "a poll that is not answered"),
    Row("host.sync-missing", _E, "Send 80, or poll another address, before you poll an EGM that "
        "was away: else it never answers.",
        "loop break and sync", sync.SyncMissing, "an EGM that is out of sync"),
    Row("host.chirp-ignored", _W, "Poll an EGM that chirps.",
        "loop break and sync", sync.ChirpIgnored, "an EGM that chirps"),
    Row("host.nobody-there", _N, "Poll addresses at which there is an EGM.",
        "addressing", sync.NobodyThere, "a poll that is not answered"),
    Row("host.no-general-polls", _E, "Send general polls: long polls alone never collect events.",
        "general polls", events.NoGeneralPolls),
    Row("host.handpay-unread", _E, "Read a handpay with 1B within 15 s of 51.",
        "handpays", events.HandpayRead, "exception 51"),
    Row("host.reset-before-read", _E, "Read a handpay with 1B before 94 resets it.",
        "handpays", events.ResetBeforeRead, "poll 94"),
    Row("host.method-after-reset", _E, "Say with A8 how a handpay is paid before 94 resets it.",
        "handpays", events.MethodAfterReset, "poll A8"),
    Row("host.cash-out-unvalidated", _E, "Answer 57 with 57 and 58 within 10 s, if you validate "
        "tickets.", "validation", events.CashOutValidated,
        "exception 57, told to a host that validates"),
    Row("host.number-unasked", _E, "Give a validation number (58) only to a cash-out that 57 has "
        "told of.", "validation", events.NumberUnasked, "poll 58"),
    Row("host.ticket-unanswered", _E, "Answer 67 with 70 and 71 within 30 s, if you redeem "
        "tickets.", "ticket redemption", events.TicketAnswered,
        "exception 67, told to a host that redeems"),
    Row("host.ticket-unread", _E, "Read a ticket with 70 before 71 decides on it.",
        "ticket redemption", events.TicketUnread, "poll 71"),
    Row("host.ticket-end-unread", _W, "Ask with 71 FF how a ticket ended after 68.",
        "ticket redemption", events.TicketEndRead, "exception 68, told to a host that redeems"),
    Row("host.transfer-end-unread", _W, "Ask with 72 how a transfer ended after 69.",
        "AFT", events.TransferEndRead, "exception 69, told to a host that transfers"),
    Row("host.options-unread", _N, "Read identity and options anew after 3C.",
        "configuration", events.OptionsRead, "exception 3C"),
    Row("host.reading-lost", _W, "In event mode, ask again later for what an event has answered "
        "instead.", "real-time events", events.ReadingLost, "an event that answers a long poll"),
    Row("host.unsupported-again", _W, "Stop sending a long poll to which an EGM is always silent.",
        "unsupported long polls", use.UnsupportedAgain, "a long poll that is not answered"),
    Row("host.busy-dropped", _W, "Ask an EGM again that was busy.",
        "busy", use.BusyDropped, "an EGM that is busy"),
    Row("host.nack-ignored", _W, "Send a poll that was refused twice differently, or not at all.",
        "NACK", use.NackIgnored, "a NACK"),
    Row("host.control-poll", _E, "Send nothing that changes a machine, if you are to read only.",
        "long polls, type S", use.ControlPoll),
    Row("host.b0-base", _E, "Wrap in B0 only polls that know denominations, for game 0.",
        "multi-denomination", use.WrappedWrongly, "poll B0"),
    Row("host.b0-refused-again", _W, "Stop sending a B0 poll that an EGM has refused with a "
        "reason.", "multi-denomination", use.WrappedErrorAgain, "an answer to poll B0"),
    Row("host.broadcast-lapsed", _W, "Send progressive values at least every 5 s once you do.",
        "progressives", use.BroadcastLapsed, "poll 80 or 86"),
)  # fmt: skip
"""What a host must do and leave undone."""
