-- What was said of each line when a decision was taken on a claim. The lines themselves are changed, judged anew and removed
-- once a claim is returned; what was decided on stays here.

CREATE TABLE claim_verdict (
  decision_id TEXT NOT NULL REFERENCES claim_decision (id),
  position BIGINT NOT NULL,
  what TEXT NOT NULL,
  supplier TEXT NOT NULL,
  invoice_number TEXT NOT NULL,
  claimed_minor BIGINT NOT NULL,         -- in the claim's currency
  accepted_minor BIGINT,                 -- of that, what was accepted; NULL: nobody had said anything of it
  reason TEXT,
  PRIMARY KEY (decision_id, position)
);
