-- What stands beside a plan's terms without being signed: who answers for its reviews, what the signers were warned of.

-- Who answers for the plan's reviews on each side.
CREATE TABLE plan_owner (
  plan_id TEXT NOT NULL REFERENCES plan (id),
  side TEXT NOT NULL,
  person TEXT NOT NULL,
  PRIMARY KEY (plan_id, side)
);

-- Weeks that asked more of a side than it states, as shown to somebody who signed nevertheless.
CREATE TABLE signature_warning (
  plan_id TEXT NOT NULL,
  rev BIGINT NOT NULL,
  signer TEXT NOT NULL,                  -- the side that signed
  side TEXT NOT NULL,                    -- the side that is asked too much
  monday TEXT NOT NULL,
  load TEXT NOT NULL,                    -- hours, decimal text
  hours BIGINT NOT NULL,                 -- what the side states
  PRIMARY KEY (plan_id, rev, signer, side, monday),
  FOREIGN KEY (plan_id, rev, signer) REFERENCES plan_signature (plan_id, rev, side)
);

-- Secret links to a plan's calendar. Only the hash is kept: whoever reads the database can't read the calendar.
CREATE TABLE calendar_feed (
  id TEXT PRIMARY KEY,
  plan_id TEXT NOT NULL REFERENCES plan (id),
  company TEXT NOT NULL,                 -- whose people may revoke it: 'vendor' or the partner's id
  person TEXT NOT NULL,
  secret_sha256 TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX calendar_feed_by_plan ON calendar_feed (plan_id);
