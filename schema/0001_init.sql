-- Version 1: the record of challenges.
--
-- A pid begins with its second of issue and sorts in that order, so rows
-- arrive at the end of the tree and expired ones are a range of the key:
-- neither inserting nor sweeping needs another index.
CREATE TABLE challenge (
    pid             TEXT    NOT NULL PRIMARY KEY,
    code            TEXT    NOT NULL,  -- lower-case
    attempts_left   INTEGER NOT NULL,  -- answers it still takes, 1 or more
    created_unix_ms INTEGER NOT NULL,
    expires_unix_ms INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- What the installation keeps to itself: one row, made at first use.
CREATE TABLE secret (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID, STRICT;
