-- A line that is accepted is spent by two: its fund's part is log_entry_id, what the partner bears is rest_entry_id.
ALTER TABLE claim_line ADD COLUMN rest_entry_id TEXT REFERENCES log_entry (id);
