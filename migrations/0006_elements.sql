-- What a plan holds beside its campaigns: tasks, promises, hours, and what people set for a campaign by hand.

ALTER TABLE plan ADD COLUMN routing_hours BIGINT;   -- leads are accepted within so many hours
ALTER TABLE plan ADD COLUMN hours_vendor BIGINT;    -- hours a week that the side gives the plan
ALTER TABLE plan ADD COLUMN hours_partner BIGINT;

ALTER TABLE campaign ADD COLUMN effort_vendor BIGINT;   -- hours in all; without it, the type's
ALTER TABLE campaign ADD COLUMN effort_partner BIGINT;
ALTER TABLE campaign ADD COLUMN curve TEXT NOT NULL DEFAULT '{}';     -- JSON of what is set for its curves by hand
ALTER TABLE campaign ADD COLUMN checked TEXT NOT NULL DEFAULT '[]';   -- JSON array of the checklist items that are done
ALTER TABLE campaign ADD COLUMN stopped_at BIGINT;      -- stopped by one side until the other countersigns
ALTER TABLE campaign ADD COLUMN stopped_by TEXT;
ALTER TABLE campaign ADD COLUMN stopped_side TEXT;
ALTER TABLE campaign ADD COLUMN stopped_reason TEXT;

CREATE TABLE task_state (code TEXT PRIMARY KEY);
INSERT INTO task_state (code) VALUES ('open'), ('done'), ('closed');

-- Who does what for a campaign, by when.
CREATE TABLE task (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  plan_id TEXT NOT NULL REFERENCES plan (id),
  campaign_id TEXT NOT NULL REFERENCES campaign (id),
  number BIGINT NOT NULL,
  kind TEXT,                             -- the template item that it came from
  what TEXT NOT NULL,
  side TEXT NOT NULL,
  owner TEXT,
  due_on TEXT NOT NULL,
  state TEXT NOT NULL REFERENCES task_state (code),
  settled_at BIGINT,
  settled_by TEXT,
  UNIQUE (partner_id, number)
);
CREATE INDEX task_by_campaign ON task (campaign_id);
CREATE INDEX task_by_plan ON task (plan_id);

CREATE TABLE promise_state (code TEXT PRIMARY KEY);
INSERT INTO promise_state (code) VALUES ('open'), ('kept'), ('broken'), ('withdrawn');

-- What one side undertook.
CREATE TABLE promise (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  plan_id TEXT NOT NULL REFERENCES plan (id),
  campaign_id TEXT REFERENCES campaign (id),
  number BIGINT NOT NULL,
  side TEXT NOT NULL,
  what TEXT NOT NULL,
  due_on TEXT NOT NULL,
  state TEXT NOT NULL REFERENCES promise_state (code),
  settled_at BIGINT,
  settled_by TEXT,
  made_at BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  UNIQUE (partner_id, number)
);
CREATE INDEX promise_by_plan ON promise (plan_id);
