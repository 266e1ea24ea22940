-- The program, its partners, who may do what; saved replies, the audit trail, and what waits to be said in chat.
-- Columns are TEXT and BIGINT only, so that one set of SQL serves SQLite and PostgreSQL:
-- ids TEXT, instants BIGINT (Unix ms, UTC), days TEXT (ISO 8601), money BIGINT (minor units) beside a TEXT currency.

CREATE TABLE program (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  guild_id TEXT NOT NULL UNIQUE,
  time_zone TEXT NOT NULL,
  currency TEXT NOT NULL,
  approvals_channel TEXT NOT NULL,
  confirm_from BIGINT NOT NULL,          -- minor units of the program's currency
  thresholds TEXT NOT NULL,              -- JSON: percent limits of the status colours
  activity_rules TEXT NOT NULL,          -- JSON: what activity types pay, where the program says otherwise
  lock_no BIGINT NOT NULL DEFAULT 0,
  archived_at BIGINT
);

CREATE TABLE partner (
  id TEXT PRIMARY KEY,
  program_id TEXT NOT NULL REFERENCES program (id),
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  channel_id TEXT NOT NULL,              -- the shared channel
  tier TEXT,
  currency TEXT NOT NULL,
  lock_no BIGINT NOT NULL DEFAULT 0,     -- taken first by everything that changes this partner's data
  archived_at BIGINT,
  UNIQUE (program_id, key)
);
CREATE INDEX partner_by_channel ON partner (channel_id);

-- One row per role and capability. company is 'vendor' or a partner's id.
CREATE TABLE role_grant (
  program_id TEXT NOT NULL REFERENCES program (id),
  role_id TEXT NOT NULL,
  company TEXT NOT NULL,
  capability TEXT NOT NULL,
  limit_minor BIGINT,                    -- in the program's currency; NULL = unlimited (or not a limited capability)
  PRIMARY KEY (program_id, role_id, company, capability)
);

-- Short numbers run per partner, so that nobody can count the others.
CREATE TABLE counter (
  partner_id TEXT NOT NULL REFERENCES partner (id),
  noun TEXT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (partner_id, noun)
);

-- The command road's idempotency: the first write of every request, and the reply that a repeat gets.
CREATE TABLE request_log (
  key TEXT PRIMARY KEY,
  received_at BIGINT NOT NULL,
  reply TEXT                             -- JSON; NULL only inside the transaction that handles it
);
CREATE INDEX request_log_by_time ON request_log (received_at);

-- Ids and hashes only: no names, no free text of people. Append-only (triggers).
CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  program_id TEXT NOT NULL REFERENCES program (id),
  partner_id TEXT,
  actor TEXT NOT NULL,                   -- a person's id, 'clock' or 'config'
  company TEXT NOT NULL,                 -- 'vendor', a partner's id, or '' for the system
  code TEXT NOT NULL,                    -- what happened, or 'refused:<code>'
  item TEXT NOT NULL,                    -- the id of what it happened to, or ''
  detail TEXT NOT NULL                   -- JSON of ids, amounts, hashes
);
CREATE INDEX audit_by_program ON audit (program_id, id);

-- One card per item and place. wanted is what it should say now; message_id where it was posted.
CREATE TABLE card (
  key TEXT PRIMARY KEY,                  -- 'mdf:<request id>:approvals', 'plan:<id>:shared', …
  channel_id TEXT NOT NULL,
  message_id TEXT,
  wanted TEXT NOT NULL,                  -- JSON of the card
  wanted_no BIGINT NOT NULL,
  shown_no BIGINT NOT NULL DEFAULT 0     -- the wanted_no that the message is known to show
);

CREATE TABLE outbox_kind (code TEXT PRIMARY KEY);
INSERT INTO outbox_kind (code) VALUES ('post'), ('card');

CREATE TABLE outbox (
  id TEXT PRIMARY KEY,                   -- sorts by time; is the nonce of the message
  lane TEXT NOT NULL,                    -- deliveries of one lane keep their order (the channel)
  kind TEXT NOT NULL REFERENCES outbox_kind (code),
  channel_id TEXT NOT NULL,
  card_key TEXT,
  body TEXT NOT NULL,                    -- JSON of what to post ('' for a card: its wanted text is in card)
  created_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,                -- protocol time, Unix ms: not tried before
  lease BIGINT NOT NULL DEFAULT 0,       -- protocol time, Unix ms: who holds it, holds it until then
  attempts BIGINT NOT NULL DEFAULT 0,
  first_try_at BIGINT,                   -- protocol time, Unix ms: written before anything is sent
  last_error TEXT,
  message_id TEXT,
  done_at BIGINT,
  dead_at BIGINT
);
-- Only what waits is in it, so finding the head of each lane costs nothing however much was delivered before.
CREATE INDEX outbox_waiting ON outbox (lane, id) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_dead ON outbox (dead_at, id) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_card ON outbox (card_key, id) WHERE card_key IS NOT NULL;

CREATE TABLE outbox_file (
  outbox_id TEXT NOT NULL REFERENCES outbox (id),
  position BIGINT NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  base64 TEXT NOT NULL,
  PRIMARY KEY (outbox_id, position)
);

-- A cron slot is a unique row: whoever inserts it does the job, nobody else.
CREATE TABLE cron_slot (
  job TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  done_at BIGINT NOT NULL,
  late BIGINT NOT NULL,                  -- ms between due and done
  PRIMARY KEY (job, due_at)
);

-- Random keys made once per database (keyed hashes of e-mail addresses).
CREATE TABLE secret_key (
  name TEXT PRIMARY KEY,
  hex TEXT NOT NULL
);
