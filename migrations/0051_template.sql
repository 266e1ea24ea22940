-- Plans and campaigns that the vendor keeps for every partner of its program. They belong to the program, and no column
-- says from which partner's plan one was saved: the trail does, for the operator.
CREATE TABLE template_state (code TEXT PRIMARY KEY);
INSERT INTO template_state (code) VALUES ('pending'), ('shared'), ('removed');

CREATE TABLE template (
  id TEXT PRIMARY KEY,
  program_id TEXT NOT NULL REFERENCES program (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,                -- the name as it is compared
  content TEXT NOT NULL,                 -- JSON; never changes
  state TEXT NOT NULL REFERENCES template_state (code),
  replaces TEXT REFERENCES template (id),
  saved_at BIGINT NOT NULL,
  saved_by TEXT NOT NULL
);
-- One shared template a name.
CREATE UNIQUE INDEX template_by_name ON template (program_id, name_key) WHERE state = 'shared';
