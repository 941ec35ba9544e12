-- Version 2: challenges remember which profile asked, so that a picture that
-- was lost is drawn again as it was.
ALTER TABLE challenge ADD COLUMN profile TEXT NOT NULL DEFAULT '';
