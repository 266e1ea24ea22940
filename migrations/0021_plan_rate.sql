-- Rates into a plan's currency, entered while it is a draft and frozen with its revisions.
CREATE TABLE plan_rate (
  plan_id TEXT NOT NULL REFERENCES plan (id),
  currency TEXT NOT NULL,
  rate TEXT NOT NULL,                    -- decimal: units of the plan's currency for one of this
  entered_on TEXT NOT NULL,              -- the plan's local day
  PRIMARY KEY (plan_id, currency)
);
