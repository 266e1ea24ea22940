//! Who may decide, pay, reverse and claw back a claim: within their limit, never an own one, never what was decided for them.

use crate::claim_stories::{filed, holds, over};
use crate::declare::declared;
use crate::harness::{World, stories};
use crate::setup::{BLUE, blue_sky};
use tandem::flow::declare;
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    for_whom_a_claim_was_approved_does_not_pay_it,
    who_cut_the_lines_does_not_pay,
    a_reversal_keeps_to_the_limit_and_is_never_of_an_own_claim,
    who_approved_does_not_record_what_comes_back,
    who_paid_does_not_reverse_and_who_reversed_does_not_take_back,
    a_partner_is_not_archived_while_money_is_promised,
);

async fn for_whom_a_claim_was_approved_does_not_pay_it(w: &mut World) {
    let [amir, finn] = [Who::Amir, Who::Finn].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    finn.runs("/away until:2026-02-17 delegate:<@2002>").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    assert_eq!(w.word("SELECT stands_for FROM claim_decision").await, Who::Finn.id().to_string());
    finn.runs("/away clear:True").await;
    assert_eq!(
        finn.at(ACME).runs("/claim pay claim:CLM-1 reference:SEPA-1").await,
        "What CLM-1 pays was decided by you, or for you. Somebody else has to pay it."
    );
    holds(w, 21_000, 7_000, 2_000, 0).await;
}

async fn who_cut_the_lines_does_not_pay(w: &mut World) {
    let [amir, finn] = [Who::Amir, Who::Finn].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    finn.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Decide lines…", &[("lines", "1: 3,000 wine")]).await;
    let answer = amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    assert!(answer.starts_with("CLM-1 is approved. EUR 1,500.00"), "{answer}");
    assert_eq!(
        finn.at(ACME).runs("/claim pay claim:CLM-1 reference:SEPA-1").await,
        "What CLM-1 pays was decided by you, or for you. Somebody else has to pay it."
    );
    holds(w, 21_000, 7_500, 1_500, 0).await;
}

async fn a_reversal_keeps_to_the_limit_and_is_never_of_an_own_claim(w: &mut World) {
    let [amir, finn] = [Who::Amir, Who::Finn].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    // Pat has changed to the vendor, with Amir's rights.
    w.discord.set_roles(GUILD, Who::Pat.id(), &[4002]);
    let reverse = "/claim reverse claim:CLM-1 reason:Audit confirm:CLM-1";
    assert_eq!(
        w.person(Who::Pat).at(ACME).runs(reverse).await,
        "You had a hand in this claim. Somebody else has to decide it."
    );
    // Amir is given less than what he approved: he can't take it back either.
    crate::rules::owner(w);
    w.discord.create_role_with_id(4201, GUILD, "Deputies", 0);
    let give = "/setup role role:Deputies action:give what:approve_claims company:vendor limit:1k";
    assert!(w.person(Who::Nobody).runs(give).await.contains("approve claims up to EUR 1,000.00"));
    w.discord.set_roles(GUILD, Who::Amir.id(), &[4201]);
    assert_eq!(
        amir.at(ACME).forges(reverse).await,
        "EUR 2,000.00 is above your limit of EUR 1,000.00. Somebody with a higher limit has to decide it. \
         People with <@&4002> or <@&4003> can."
    );
    let answer = finn.at(ACME).runs(reverse).await;
    assert!(answer.starts_with("CLM-1 is reversed: Audit."), "{answer}");
    holds(w, 21_000, 9_000, 0, 0).await;
}

async fn who_approved_does_not_record_what_comes_back(w: &mut World) {
    let [amir, finn, nobody] = [Who::Amir, Who::Finn, Who::Nobody].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    finn.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    w.discord.set_roles(GUILD, Who::Nobody.id(), &[4003]);
    nobody.at(ACME).runs("/claim pay claim:CLM-1 reference:SEPA-1").await;
    amir.at(ACME).runs("/claim reverse claim:CLM-1 reason:Audit confirm:CLM-1").await;
    let back = "/claim clawback claim:CLM-1 amount:500 reference:IN-1";
    assert_eq!(
        finn.at(ACME).runs(back).await,
        "What CLM-1 pays was decided by you, or for you. Somebody else has to pay it."
    );
    assert_eq!(
        nobody.at(ACME).runs(back).await,
        "EUR 500.00 of CLM-1 came back. EUR 1,500.00 is still to come."
    );
}

/// One person could else take back what was paid, and say alone that the money has come back.
async fn who_paid_does_not_reverse_and_who_reversed_does_not_take_back(w: &mut World) {
    let [amir, finn, nobody] = [Who::Amir, Who::Finn, Who::Nobody].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    w.discord.set_roles(GUILD, Who::Nobody.id(), &[4003]);
    // Nobody pays for Finn, who is away.
    finn.runs("/away until:2026-02-17 delegate:<@2008>").await;
    let answer = nobody.at(ACME).runs("/claim pay claim:CLM-1 amount:500 reference:SEPA-1").await;
    assert!(answer.starts_with("EUR 500.00 of CLM-1 is paid"), "{answer}");
    let finns = Who::Finn.id().to_string();
    assert_eq!(w.word("SELECT stands_for FROM claim_payment").await, finns);
    let detail = w.word("SELECT detail FROM audit WHERE code = 'claim_payment'").await;
    assert!(detail.contains(&format!("\"for\":\"{finns}\"")), "{detail}");
    finn.runs("/away clear:True").await;
    let reverse = "/claim reverse claim:CLM-1 reason:Audit confirm:CLM-1";
    for payer in [finn, nobody] {
        assert_eq!(
            payer.at(ACME).runs(reverse).await,
            "CLM-1 was paid by you, or for you. Somebody else has to reverse it."
        );
    }
    nobody.runs("/away until:2026-02-17 delegate:<@2002>").await;
    assert_eq!(
        amir.at(ACME).runs(reverse).await,
        "<@2008> paid CLM-1, and one of you stands in for the other. Somebody else has to reverse it."
    );
    nobody.runs("/away clear:True").await;
    // Both is given what Finn may: who takes the claim back does not say that the money is there.
    w.discord.set_roles(GUILD, Who::Both.id(), &[4003]);
    let both = w.person(Who::Both).at(ACME);
    assert!(both.runs(reverse).await.starts_with("CLM-1 is reversed: Audit."));
    let back = "/claim clawback claim:CLM-1 amount:500 reference:IN-1";
    assert_eq!(
        both.runs(back).await,
        "What CLM-1 pays was decided by you, or for you. Somebody else has to pay it."
    );
    both.runs("/away until:2026-02-17 delegate:<@2008>").await;
    assert_eq!(
        nobody.at(ACME).runs(back).await,
        "<@2009> had a hand in CLM-1 or in what it pays, and one of you stands in for the other. \
         Somebody else has to record it."
    );
    both.runs("/away clear:True").await;
    finn.runs("/away until:2026-02-17 delegate:<@2008>").await;
    let answer = nobody.at(ACME).runs(back).await;
    assert_eq!(answer, "EUR 500.00 of CLM-1 came back. All of it is back.");
    let detail = w.word("SELECT detail FROM audit WHERE code = 'claim_clawed_back'").await;
    assert!(detail.contains(&format!("\"for\":\"{finns}\"")), "{detail}");
    holds(w, 21_500, 8_500, 0, 0).await;
}

/// Blue Sky, which was added in chat, and Acme, which bot.toml declares.
async fn a_partner_is_not_archived_while_money_is_promised(w: &mut World) {
    blue_sky(w).await;
    let [nobody, vera, finn] = [Who::Nobody, Who::Vera, Who::Finn].map(|who| w.person(who));
    let blue = w.person(Who::Both).at(BLUE);
    vera.at(BLUE).presses(&w.card(BLUE, "PLN-1"), "Sign", &[]).await;
    blue.presses(&w.card(BLUE, "PLN-1"), "Sign", &[]).await;
    finn.runs("/fund create key:blue-q1 name:Blue Q1 kind:mdf currency:USD amount:10k valid-from:2026-01-01 valid-until:2026-06-30 partner:blue").await;
    blue.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Print fund:blue-q1").await;
    let answer = finn.presses(&w.card(APPROVALS, "BLUE/MDF-1"), "Approve", &[("confirm", "1,000")]).await;
    assert!(answer.starts_with("MDF-1 is approved."), "{answer}");
    assert_eq!(
        nobody.runs("/partner archive partner:blue").await,
        "Blue Sky can't be archived: MDF-1 holds USD 1,000.00. Pay what is owed with /claim pay, give back the rest \
         with /mdf close or /mdf cancel, then archive."
    );
    vera.at(BLUE).runs("/mdf close request:MDF-1 confirm:MDF-1").await;
    assert!(nobody.runs("/partner archive partner:blue").await.contains("Nothing has happened yet."));

    over(w).await;
    let config = declared(|text| text.replace("\"acme\"", "\"acme-two\""));
    let refused = declare::apply(&w.running.app, &config).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "program \"northwind\": the partner \"acme\" is no longer declared, but MDF-1 holds EUR 9,000.00; declare it \
         again, pay what is owed and give back the rest (/claim pay, /mdf close), then remove it"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM partner WHERE archived_at IS NOT NULL").await, 0);
}
