-- What happened to one item: its history, and who filed it before somebody else corrected it.
CREATE INDEX audit_by_item ON audit (item, id);
