-- Weeks that would ask more of a side than it states, as shown to somebody who signed an adjustment nevertheless.

CREATE TABLE adjustment_warning (
  adjustment_id TEXT NOT NULL,
  rev BIGINT NOT NULL,
  signer TEXT NOT NULL,                  -- the side that signed
  side TEXT NOT NULL,                    -- the side that is asked too much
  monday TEXT NOT NULL,
  load TEXT NOT NULL,                    -- hours, decimal text
  hours BIGINT NOT NULL,                 -- what the side states
  PRIMARY KEY (adjustment_id, rev, signer, side, monday),
  FOREIGN KEY (adjustment_id, rev, signer) REFERENCES adjustment_signature (adjustment_id, rev, side)
);
