//! January: two plans are written and signed, money is asked for, search ads bring their first leads.

use super::{Story, globex, tag};
use crate::fault::Fault;
use crate::playground::crm::{Contact, Deal};
use crate::playground::stage::{AMIR, FINN, OLGA, PAT, Stage, VERA};

pub(super) async fn play(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    plan(s, story).await?;
    sign(s).await?;
    globex::plan(s).await?;
    ask_for_money(s, story).await?;
    first_leads(s, story).await
}

/// Pat of Acme writes the plan, Vera of Northwind adds the trade show that Northwind pays for most.
async fn plan(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-01-05 10:00").await?;
    s.types(
        PAT,
        "/plan create period:Q1 2026 name:Cloud migration cadence:monthly 2 \
         jbp-revenue:600k marketing-share:25% win-rate:30%",
        "PLN-1 is a draft.",
    )
    .await?;
    let card = s
        .types(
            PAT,
            "/campaign add name:Search ads type:Paid search start:2026-01-01 end:2026-03-31 leads:90 pipeline:170k \
             won:40k budget:17k mdf:50% segment:IT leads of German mid-size companies message:Move without downtime \
             offer:Migration check channel:Search engines",
            "CMP-1 is added to PLN-1.",
        )
        .await?;
    story.search_ads = format!(
        "https://www.acme.example/migration-check?utm_source=acme&utm_medium=cpc&utm_id={}",
        tag(&card, "utm_id")
    );
    s.types(
        PAT,
        "/campaign add name:Zero-downtime webinar type:Webinar start:2026-02-10 leads:60 pipeline:180k won:60k \
         budget:20k mdf:40% slug:northwind-acme-webinar-q1 segment:Heads of infrastructure \
         message:A migration live on stage offer:Recording and checklist channel:Webinar platform",
        "CMP-2 is added to PLN-1.",
    )
    .await?;
    s.types(
        PAT,
        "/campaign add name:Migration guide mailing type:Email start:2026-02-16 end:2026-03-20 \
         sends:2026-02-16, 2026-03-09 leads:56 pipeline:84k budget:6k mdf:50% slug:migration-guide \
         segment:Acme's newsletter readers message:Seven steps offer:Guide as PDF channel:E-mail",
        "CMP-3 is added to PLN-1.",
    )
    .await?;
    let card = s
        .types(
            VERA,
            "/campaign add name:CloudExpo stand type:Trade show start:2026-03-17 end:2026-03-19 leads:84 pipeline:200k \
             budget:41k mdf:50% results:by hand segment:Visitors of CloudExpo Berlin message:Two companies, one road \
             offer:Workshop voucher channel:Stand in hall 4",
            "CMP-4 is added to PLN-1.",
        )
        .await?;
    story.trade_show = tag(&card, "utm_id");
    Ok(())
}

/// Both sides sign. Money can be asked for before, and not approved.
async fn sign(s: &mut Stage<'_>) -> Result<(), Fault> {
    s.on("2026-01-06 11:00").await?;
    s.types(VERA, "/plan propose", "PLN-1 is proposed").await?;
    s.on("2026-01-06 15:00").await?;
    s.presses(VERA, ("PLN-1", "Sign"), &[], "Signed. PLN-1 waits for the partner's signature.").await?;
    s.types(
        PAT,
        "/mdf request campaign:CMP-2 cost:15k amount:7.5k purpose:Webinar platform, moderator and invitations \
         fund:acme-q1 leads:60 pipeline:180k",
        "MDF-1 is submitted: cost EUR 15,000.00 · MDF EUR 7,500.00 (50 %).",
    )
    .await?;
    s.presses(
        AMIR,
        ("ACME/MDF-1 ·", "Approve"),
        &[],
        "requests are approved only once both sides have signed",
    )
    .await?;
    s.on("2026-01-07 09:30").await?;
    s.presses(OLGA, ("PLN-1", "Sign"), &[], "PLN-1 is agreed by both sides as revision 1.").await
}

/// One request is approved whole; a large one passes its first approver's limit and is retyped by the second.
async fn ask_for_money(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.presses(
        AMIR,
        ("ACME/MDF-1 ·", "Approve"),
        &[],
        "MDF-1 is approved. EUR 7,500.00 of Acme Q1 MDF is committed.",
    )
    .await?;
    s.on("2026-01-12 09:30").await?;
    s.types(
        PAT,
        "/mdf request campaign:CMP-4 cost:41k amount:20.5k purpose:Stand, furniture and staff at CloudExpo \
         fund:acme-q1 leads:84 pipeline:200k",
        "MDF-2 is submitted: cost EUR 41,000.00 · MDF EUR 20,500.00 (50 %).",
    )
    .await?;
    s.presses(AMIR, ("ACME/MDF-2 ·", "Approve"), &[], "above your limit of EUR 20,000.00").await?;
    story.first_readers = s.contacts(&story.search_ads, 6);
    s.world.hook.send().await?;
    s.on("2026-01-13 11:00").await?;
    let typo = [("confirm", "25,500")];
    s.presses(FINN, ("ACME/MDF-2 ·", "Approve"), &typo, "the amount retyped has to be EUR 20,500.00").await?;
    let right = [("confirm", "20,500")];
    s.presses(
        FINN,
        ("ACME/MDF-2 ·", "Approve"),
        &right,
        "MDF-2 is approved. EUR 20,500.00 of Acme Q1 MDF is committed.",
    )
    .await
}

async fn first_leads(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-01-19 12:00").await?;
    story.second_readers = s.contacts(&story.search_ads, 7);
    let sent = s.world.hook.send().await?;
    // HubSpot did not get our answer, and sends the same once more.
    s.world.hook.send_again(&sent).await?;
    s.on("2026-01-22 16:00").await?;
    s.types(
        PAT,
        "/campaign log campaign:CMP-4 spend:12,000 date:2026-01-20 source:Partner co-investment invoice:CE-2201 \
         note:Deposit for the stand",
        "LOG-1 logged: EUR 12,000.00 spend (partner co-investment) on 2026-01-20",
    )
    .await?;
    s.on("2026-01-26 12:00").await?;
    s.contacts(&story.search_ads, 7);
    // One of the first six reads on, on another device: the CRM takes them for somebody new.
    let again = Contact {
        email: " READER0@alsterwerk.example".to_owned(),
        first_url: story.search_ads.clone(),
        ..Contact::default()
    };
    s.world.hubspot.contact(&again);
    s.world.hook.send().await?;
    s.on("2026-01-27 15:00").await?;
    let deal = Deal {
        name: "Brenner: move to the cloud".to_owned(),
        amount: "38400.50".to_owned(),
        currency: "EUR".to_owned(),
    };
    story.reopened = s.world.hubspot.deal(&deal, &[story.first_readers[1]]);
    s.world.hook.send().await?;
    s.on("2026-01-30 17:00").await?;
    s.types(
        PAT,
        "/campaign log campaign:CMP-1 spend:5,480 source:MDF invoice:ADS-01",
        "LOG-2 logged: EUR 5,480.00 spend (MDF) on 2026-01-30",
    )
    .await?;
    Ok(())
}
