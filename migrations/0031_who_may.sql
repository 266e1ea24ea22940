-- Who may is declared in bot.toml, or set in chat beside it; what is declared is never changed in chat.
ALTER TABLE partner ADD COLUMN declared BIGINT NOT NULL DEFAULT 1;      -- 1: in bot.toml
ALTER TABLE role_grant ADD COLUMN declared BIGINT NOT NULL DEFAULT 1;   -- 1: in bot.toml
