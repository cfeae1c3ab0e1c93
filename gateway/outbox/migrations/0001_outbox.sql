-- The outbox, version 1.
PRAGMA application_id = 0x534C4F42; -- "SLOB", slot outbox
PRAGMA user_version = 1;

-- Every event once, as it is sent. Rows are never changed, only pruned.
CREATE TABLE event (
    sequence       INTEGER PRIMARY KEY CHECK (sequence > 0), -- gapless; a hole is covered by an anchor
    id             TEXT    NOT NULL,
    type           TEXT    NOT NULL,
    family         TEXT    NOT NULL,
    familysequence INTEGER NOT NULL CHECK (familysequence > 0),
    subject        TEXT    NOT NULL,
    asset          TEXT,
    stream         TEXT    NOT NULL,
    time_ns        INTEGER NOT NULL, -- observed, nanoseconds since 1970-01-01 UTC
    body           BLOB    NOT NULL, -- CloudEvents JSON
    chain          BLOB    NOT NULL CHECK (length(chain) = 32) -- SHA-256 over the chain before and this row
);

-- Events that no stream has acknowledged and nobody has refused.
CREATE TABLE pending (
    stream   TEXT    NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (stream, sequence)
) WITHOUT ROWID;

-- How the delivery of an event ended. Not covered by the chain.
CREATE TABLE delivery (
    sequence   INTEGER PRIMARY KEY,
    outcome    TEXT    NOT NULL CHECK (outcome IN ('acknowledged', 'refused')),
    stream     TEXT,    -- that acknowledged
    stream_seq INTEGER, -- the stream's number of the message
    duplicate  INTEGER, -- 1: the stream had it already
    reason     TEXT,    -- of a refusal
    ended_ns   INTEGER NOT NULL -- when this was stored, nanoseconds since 1970-01-01 UTC
);
CREATE INDEX delivery_by_age ON delivery (outcome, ended_ns);

-- An event is pending from its insertion until its delivery ended.
CREATE TRIGGER event_begins AFTER INSERT ON event BEGIN
    INSERT INTO pending VALUES (NEW.stream, NEW.sequence);
END;
CREATE TRIGGER event_ends AFTER INSERT ON delivery BEGIN
    DELETE FROM pending
    WHERE stream = (SELECT stream FROM event WHERE sequence = NEW.sequence)
      AND sequence = NEW.sequence;
END;

-- A run of pruned events: their sequences, and the chain value of the last of them.
CREATE TABLE anchor (
    first INTEGER PRIMARY KEY,
    last  INTEGER NOT NULL CHECK (last >= first),
    chain BLOB    NOT NULL CHECK (length(chain) = 32)
);

-- What meaning remembers, by name (an asset number); stored with the events it led to.
CREATE TABLE state (
    name TEXT PRIMARY KEY,
    body BLOB NOT NULL
) WITHOUT ROWID;

-- Small facts of the gateway (the birth id and the like).
CREATE TABLE fact (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
) WITHOUT ROWID;

-- Numbers that change with nearly every transaction, on one page.
CREATE TABLE counter (
    kind  TEXT    NOT NULL CHECK (kind IN (
        'family',   -- name: family; the last familysequence
        'poll',     -- name: line; number of the last covered poll
        'pending',  -- name: stream; rows pending for it
        'ended'     -- name: 'acknowledged' or 'refused'; rows ever, pruned ones included
    )),
    name  TEXT    NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
