-- CRM campaigns that the configuration maps to ours. A row may name a campaign that doesn't exist yet.
CREATE TABLE crm_mapping (
  source_id TEXT NOT NULL REFERENCES crm_source (id),
  crm_id TEXT NOT NULL,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  campaign_number BIGINT NOT NULL,
  PRIMARY KEY (source_id, crm_id)
);

-- Changes of campaigns that the matching of the source's waiting leads has not seen yet.
ALTER TABLE crm_source ADD COLUMN unmatched_changes BIGINT NOT NULL DEFAULT 0;
