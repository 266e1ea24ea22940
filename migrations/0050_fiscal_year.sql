-- The month with whose first day a program's fiscal years start, and whether bot.toml says so.
ALTER TABLE program ADD COLUMN fiscal_start BIGINT NOT NULL DEFAULT 1;      -- 1 to 12
ALTER TABLE program ADD COLUMN fiscal_declared BIGINT NOT NULL DEFAULT 0;   -- 1: in bot.toml
