-- Who signed an adjustment: one person of each side, on the same rev of it. Adding a change makes another rev, which has
-- no signatures yet.

CREATE TABLE adjustment_signature (
  adjustment_id TEXT NOT NULL REFERENCES adjustment (id),
  rev BIGINT NOT NULL,
  side TEXT NOT NULL,                    -- 'vendor' or 'partner'
  person TEXT NOT NULL,
  content_sha256 TEXT NOT NULL,          -- of the canonical content: the base revision and each change
  signed_at BIGINT NOT NULL,
  stands_for TEXT,                       -- who is away and for whom it was given
  PRIMARY KEY (adjustment_id, rev, side),
  UNIQUE (adjustment_id, rev, person)    -- nobody signs for both sides
);

-- Who signed a stop for the side that stopped, so that the other side's countersignature makes it an adjustment.
ALTER TABLE campaign ADD COLUMN stopped_signed_by TEXT;
ALTER TABLE campaign ADD COLUMN stopped_signed_at BIGINT;
ALTER TABLE campaign ADD COLUMN stopped_signed_for TEXT;
