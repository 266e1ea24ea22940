-- Each partner numbers its invoices itself: a reference counts once per fund and partner.
ALTER TABLE fund_accrual DROP CONSTRAINT fund_accrual_fund_id_reference_key;
ALTER TABLE fund_accrual ADD UNIQUE (fund_id, partner_id, reference);
