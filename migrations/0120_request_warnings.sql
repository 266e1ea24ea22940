-- What was warned of when a request, or its amendment, was filed: a JSON array of sentences. Whoever decides later reads the same.
ALTER TABLE mdf_request ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';
