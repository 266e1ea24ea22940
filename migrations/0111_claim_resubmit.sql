-- A returned claim has time to be filed again, whatever the request's own last day: the last local day of that time.
ALTER TABLE claim ADD COLUMN resubmit_by TEXT;
