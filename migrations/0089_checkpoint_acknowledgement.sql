-- Who has acknowledged a checkpoint's report: one person of each side.

CREATE TABLE checkpoint_acknowledgement (
  checkpoint_id TEXT NOT NULL REFERENCES checkpoint (id),
  side TEXT NOT NULL,                    -- 'vendor' or 'partner'
  person TEXT NOT NULL,
  stands_for TEXT,                       -- who is away and for whom it was given
  at BIGINT NOT NULL,
  PRIMARY KEY (checkpoint_id, side),
  UNIQUE (checkpoint_id, person)         -- nobody acknowledges for both sides
);
