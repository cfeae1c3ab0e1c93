-- The outbox, version 3: what meaning remembers, and the small facts, prove themselves like events.
PRAGMA user_version = 3;

-- SHA-256 over name and content; NULL in rows that version 2 wrote last.
ALTER TABLE state ADD COLUMN digest BLOB CHECK (digest IS NULL OR length(digest) = 32);
ALTER TABLE fact ADD COLUMN digest BLOB CHECK (digest IS NULL OR length(digest) = 32);
