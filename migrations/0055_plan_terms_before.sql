-- What a signed plan's own terms were before an adjustment changed them (JSON): the cadence until an instant, the hours a
-- week until a day. Checkpoints that came and weeks that are over keep what held for them.
ALTER TABLE plan ADD COLUMN terms_before TEXT NOT NULL DEFAULT '{}';
