-- Who is away, and who stands in for them.
CREATE TABLE absence (
  program_id TEXT NOT NULL REFERENCES program (id),
  person TEXT NOT NULL,
  company TEXT NOT NULL,                 -- 'vendor' or a partner's id
  roles TEXT NOT NULL,                   -- JSON array: the roles that the person had then
  delegate TEXT NOT NULL,
  until_at BIGINT NOT NULL,              -- the first instant at which the person is back
  PRIMARY KEY (program_id, person)
);

-- For whom somebody decided while they stood in.
ALTER TABLE plan_signature ADD COLUMN stands_for TEXT;
ALTER TABLE request_decision ADD COLUMN stands_for TEXT;
