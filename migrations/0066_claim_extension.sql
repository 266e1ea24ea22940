-- More time to claim a request: asked by the partner, decided by the vendor. At most one waits per request.
CREATE TABLE claim_extension_state (code TEXT PRIMARY KEY);
INSERT INTO claim_extension_state (code) VALUES ('waiting'), ('approved'), ('declined'), ('void');

CREATE TABLE claim_extension (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  request_id TEXT NOT NULL REFERENCES mdf_request (id),
  rev BIGINT NOT NULL,
  state TEXT NOT NULL REFERENCES claim_extension_state (code),
  due_day TEXT NOT NULL,                 -- the last local day to claim when it was asked for
  until_day TEXT NOT NULL,               -- the one that is asked for
  reason TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  decided_by TEXT,
  stands_for TEXT,
  decided_at BIGINT,
  decline_reason TEXT,
  CHECK (until_day > due_day)
);
CREATE UNIQUE INDEX claim_extension_waiting ON claim_extension (request_id) WHERE state = 'waiting';
CREATE INDEX claim_extension_by_request ON claim_extension (request_id, asked_at);
