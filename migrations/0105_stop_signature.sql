-- What the signature under a stop binds: the plan's revision when it was given, and the SHA-256 of what was signed. Those
-- from before bound nothing, so they are void: that side resumes the campaign and stops it again.
ALTER TABLE campaign ADD COLUMN stopped_signed_revision BIGINT;
ALTER TABLE campaign ADD COLUMN stopped_signed_sha256 TEXT;
UPDATE campaign SET stopped_signed_by = NULL, stopped_signed_at = NULL, stopped_signed_for = NULL;
