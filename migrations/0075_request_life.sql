-- What a request needs beyond its first decision: several approvers, amendments, a last day to claim.

ALTER TABLE mdf_request ADD COLUMN share_percent TEXT NOT NULL DEFAULT '50';  -- share of the eligible cost that is paid
ALTER TABLE mdf_request ADD COLUMN considered_minor BIGINT;    -- less than asked, as the first of several approvers said
ALTER TABLE mdf_request ADD COLUMN claim_due TEXT;             -- the last local day on which it can be claimed
ALTER TABLE mdf_request ADD COLUMN quotes TEXT;
ALTER TABLE mdf_request ADD COLUMN amend_cost_minor BIGINT;    -- all or none: what is asked of an approved request
ALTER TABLE mdf_request ADD COLUMN amend_amount_minor BIGINT;
ALTER TABLE mdf_request ADD COLUMN amend_reason TEXT;
ALTER TABLE mdf_request ADD COLUMN amend_by TEXT;
ALTER TABLE mdf_request ADD COLUMN amend_at BIGINT;
