-- When a request was filed for the first time, and by which side. What never was is its own side's alone, whatever becomes of
-- it: neither its state nor its end says so.
ALTER TABLE mdf_request ADD COLUMN first_filed_at BIGINT;    -- both or none
ALTER TABLE mdf_request ADD COLUMN first_filed_side TEXT;

UPDATE mdf_request SET first_filed_at =
  (SELECT MIN(a.at) FROM audit a WHERE a.item = mdf_request.id AND a.code = 'request_submitted');
-- These states have no other way into them than by filing.
UPDATE mdf_request SET first_filed_at = filed_at
WHERE first_filed_at IS NULL AND state NOT IN ('draft', 'withdrawn', 'cancelled');
UPDATE mdf_request SET first_filed_side = CASE
    WHEN COALESCE(
      (SELECT a.company FROM audit a WHERE a.item = mdf_request.id AND a.code = 'request_submitted' ORDER BY a.seq LIMIT 1),
      CASE WHEN on_behalf_of IS NULL THEN 'partner' ELSE 'vendor' END) = 'vendor' THEN 'vendor'
    ELSE 'partner' END
WHERE first_filed_at IS NOT NULL;
-- One that was returned could be made a draft of, which took it out of the other side's sight.
UPDATE mdf_request SET state = 'returned' WHERE state = 'draft' AND first_filed_at IS NOT NULL;
