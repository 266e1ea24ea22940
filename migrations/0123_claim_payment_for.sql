-- Who is away and for whom a payment was recorded: the two count as one where somebody else has to take it back.
ALTER TABLE claim_payment ADD COLUMN stands_for TEXT;
