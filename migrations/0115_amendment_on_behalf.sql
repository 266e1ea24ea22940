-- For whom an amendment was asked: the partner, when the vendor asked for it. It then counts as asked by both.
ALTER TABLE mdf_request ADD COLUMN amend_behalf_of TEXT REFERENCES partner (id);
