-- When the digest of a day's open decisions comes: 09:00, or none.
INSERT INTO program_rule_name (code) VALUES ('digest');
