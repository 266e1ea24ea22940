-- PostgreSQL has no REPLACE, and ON CONFLICT DO UPDATE fires the triggers of updates. A fund has each of its accounts as long as
-- it is there.
CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% keeps its rows', TG_TABLE_NAME;
END $$;
CREATE TRIGGER account_balance_no_delete BEFORE DELETE ON account_balance FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER account_balance_no_truncate BEFORE TRUNCATE ON account_balance FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
