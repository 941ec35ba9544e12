-- Version 3: an entry has a note. A token keeps what an application asks for.
ALTER TABLE challenge ADD COLUMN note TEXT NOT NULL DEFAULT '';
