-- The trail as a chain, one for each program: a line holds its place, the hash before it, and its own.
-- Lines written before there was a chain have place 0, and verification names them.
ALTER TABLE audit ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN prev_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';      -- SHA-256 over canonical JSON of the line and prev_hash
CREATE UNIQUE INDEX audit_by_seq ON audit (program_id, seq) WHERE seq > 0;
CREATE INDEX audit_by_partner ON audit (partner_id, seq);

-- How long each chain is and where it ends, so that a cut tail is noticed. The last row that a transaction locks.
CREATE TABLE audit_head (
  program_id TEXT PRIMARY KEY REFERENCES program (id),
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);
