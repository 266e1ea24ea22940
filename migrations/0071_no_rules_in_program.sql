-- activity_rule says it now. What bot.toml declares is written there at the next start, and nothing else was in it.
ALTER TABLE program DROP COLUMN activity_rules;
