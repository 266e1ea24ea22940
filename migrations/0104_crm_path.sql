-- SHA-256 of the last part of a source's address, so that a source taken out of the configuration is still answered there.
ALTER TABLE crm_source ADD COLUMN path_sha256 TEXT;
