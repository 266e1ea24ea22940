-- The files of a message, kept between the moment when somebody points at it and the one when they say which slot of
-- which claim they prove. Removed after two days: the links in it are dead by then.
CREATE TABLE proof_offer (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  person TEXT NOT NULL,                  -- who pointed at it; nobody else may use it
  message_id TEXT NOT NULL,
  author TEXT NOT NULL,
  posted_at BIGINT NOT NULL,
  files TEXT NOT NULL,                   -- JSON: name, size, type and link of each
  at BIGINT NOT NULL
);
CREATE INDEX proof_offer_by_time ON proof_offer (at);
