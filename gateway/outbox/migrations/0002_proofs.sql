-- The outbox, version 2: rows that prove themselves, stubs of shed rows, losses to be told, replays.
PRAGMA user_version = 2;

-- SHA-256 over all that is stored of the event; NULL in rows of version 1, where the chain alone
-- covers sequence, id and body.
ALTER TABLE event ADD COLUMN digest BLOB CHECK (digest IS NULL OR length(digest) = 32);

-- What stays of an event that was given up because the disk filled.
CREATE TABLE stub (
    sequence       INTEGER PRIMARY KEY,
    family         TEXT    NOT NULL,
    familysequence INTEGER NOT NULL,
    digest         BLOB,             -- of the event; NULL for one of version 1
    chain          BLOB    NOT NULL CHECK (length(chain) = 32),
    shed_ns        INTEGER NOT NULL  -- when, nanoseconds since 1970-01-01 UTC
);

-- Events that nobody will get, until that has been told as an event itself.
CREATE TABLE loss (
    number   INTEGER PRIMARY KEY,
    cause    TEXT    NOT NULL,
    asset    TEXT,
    rows     INTEGER NOT NULL,
    first    INTEGER NOT NULL, -- sequence
    last     INTEGER NOT NULL, -- sequence
    began_ns INTEGER NOT NULL, -- observed, of the first
    ended_ns INTEGER NOT NULL  -- observed, of the last
);

-- Events that a person had sent again: each time under a fresh message id.
CREATE TABLE replay (
    sequence INTEGER PRIMARY KEY,
    times    INTEGER NOT NULL CHECK (times > 0)
);

-- 1: these events were lost with a damaged file; their chain value is made of their numbers.
ALTER TABLE anchor ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
