//! February: the webinar, the first mailing, three more requests, and an invoice that two people log.

use super::{GLOBEX, Story, WEBINAR, WEBINAR_MISSPELT, globex};
use crate::fault::Fault;
use crate::playground::crm::Deal;
use crate::playground::stage::{AMIR, GIL, PAT, Stage, VERA};
use serde_json::json;

pub(super) async fn play(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    before_the_webinar(s, story).await?;
    webinar(s).await?;
    globex::first_leads(s, story).await?;
    after_the_webinar(s, story).await?;
    mailing(s, story).await?;
    the_same_invoice_twice(s).await
}

async fn before_the_webinar(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-02-03 11:00").await?;
    s.contacts(&story.search_ads, 6);
    s.world.hook.send().await?;
    s.types(
        PAT,
        "/mdf request campaign:CMP-1 cost:8k amount:4k purpose:More search terms in February fund:pool-q1",
        "MDF-3 is submitted: cost EUR 8,000.00 · MDF EUR 4,000.00 (50 %).",
    )
    .await?;
    s.on("2026-02-04 10:00").await?;
    s.presses(
        AMIR,
        ("ACME/MDF-3 ·", "Approve less…"),
        &[("amount", "2.5k"), ("reason", "The pool is small")],
        "MDF-3 is approved for less than asked: The pool is small. EUR 2,500.00 of Q1 MDF pool is committed.",
    )
    .await?;
    story.viewers = s.contacts(WEBINAR, 10);
    s.world.hook.send().await?;
    s.on("2026-02-06 14:00").await?;
    story.globex = s.contacts(GLOBEX, 5);
    s.world.hook.send().await?;
    s.types(
        PAT,
        "/mdf request campaign:CMP-3 cost:6k amount:3k purpose:Layout and print of the guide fund:pool-q1",
        "MDF-4 is submitted: cost EUR 6,000.00 · MDF EUR 3,000.00 (50 %).",
    )
    .await?;
    s.on("2026-02-09 12:00").await?;
    s.presses(
        AMIR,
        ("ACME/MDF-4 ·", "Return…"),
        &[("reason", "Please leave the print out: the guide is a PDF.")],
        "MDF-4 is returned: Please leave the print out: the guide is a PDF.",
    )
    .await?;
    s.contacts(&story.search_ads, 7);
    // Nobody knows this campaign: the lead waits, it is never guessed.
    s.contacts("https://www.acme.example/?utm_source=acme&utm_campaign=spring-promo", 1);
    s.world.hook.send().await?;
    Ok(())
}

async fn webinar(s: &mut Stage<'_>) -> Result<(), Fault> {
    s.on("2026-02-10 16:00").await?;
    s.types(
        PAT,
        "/mdf request campaign:CMP-3 cost:5k amount:2.5k purpose:Layout of the guide resubmit:MDF-4",
        "MDF-4 is submitted: cost EUR 5,000.00 · MDF EUR 2,500.00 (50 %).",
    )
    .await?;
    s.on("2026-02-11 09:00").await?;
    s.presses(
        AMIR,
        ("ACME/MDF-4 ·", "Approve"),
        &[],
        "MDF-4 is approved. EUR 2,500.00 of Q1 MDF pool is committed.",
    )
    .await?;
    s.contacts(WEBINAR, 22);
    s.contacts(WEBINAR_MISSPELT, 8);
    s.world.hook.send().await?;
    s.on("2026-02-12 10:00").await?;
    s.types(
        PAT,
        "/campaign log campaign:CMP-2 spend:14,250.75 date:2026-02-10 source:MDF invoice:WEB-88 payer:Acme",
        "LOG-3 logged: EUR 14,250.75 spend (MDF) on 2026-02-10",
    )
    .await?;
    s.types(
        PAT,
        "/campaign log campaign:CMP-2 spend:4.1k date:yesterday source:Partner co-investment invoice:WEB-89",
        "LOG-4 logged: EUR 4,100.00 spend (partner co-investment) on 2026-02-11",
    )
    .await?;
    s.types(
        PAT,
        "/mdf request campaign:CMP-1 cost:10k amount:5k purpose:A second search engine fund:pool-q1",
        "MDF-5 is submitted: cost EUR 10,000.00 · MDF EUR 5,000.00 (50 %).",
    )
    .await?;
    s.on("2026-02-13 09:30").await?;
    s.presses(
        AMIR,
        ("ACME/MDF-5 ·", "Decline…"),
        &[("reason", "The first search engine is not used up yet.")],
        "MDF-5 is declined: The first search engine is not used up yet.",
    )
    .await
}

async fn after_the_webinar(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-02-16 12:00").await?;
    s.contacts(&story.search_ads, 6);
    s.contacts(WEBINAR, 12);
    s.world.hook.send().await?;
    globex::adjustment(s).await?;
    s.on("2026-02-17 12:00").await?;
    story.globex.extend(s.contacts(GLOBEX, 9));
    s.world.hook.send().await?;
    s.on("2026-02-18 11:00").await?;
    story.won = open_deal(s, "Cadenza: platform", "60000", story.viewers[0]);
    s.world.hook.send().await?;
    form_leads(s, story, 6).await?;
    globex::postponement(s).await?;
    s.on("2026-02-20 15:00").await?;
    story.growing = open_deal(s, "Dünenhof: platform", "45000", story.second_readers[2]);
    s.world.hook.send().await?;
    s.types(
        GIL,
        "/campaign log campaign:CMP-1 spend:500 source:Partner co-investment note:Two sponsored posts",
        "LOG-1 logged: EUR 500.00 spend",
    )
    .await?;
    Ok(())
}

async fn mailing(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-02-23 12:00").await?;
    s.contacts(&story.search_ads, 6);
    story.viewers.extend(s.contacts(WEBINAR, 8));
    // The CRM is asked for these fourteen while its allowance is used up.
    s.world.hubspot.use_up_allowance();
    s.world.hook.send().await?;
    form_leads(s, story, 6).await?;
    s.on("2026-02-25 10:00").await?;
    story.lost = open_deal(s, "Elbtal: platform and training", "72500", story.viewers[3]);
    s.world.hook.send().await?;
    s.on("2026-02-26 10:00").await?;
    story.globex.extend(s.contacts(GLOBEX, 10));
    s.world.hook.send().await?;
    s.on("2026-02-27 11:00").await?;
    form_leads(s, story, 4).await
}

/// Pat logs the invoice, and so does Vera, who was sent it too. Nobody notices until the checkpoint.
async fn the_same_invoice_twice(s: &mut Stage<'_>) -> Result<(), Fault> {
    s.types(
        PAT,
        "/campaign log campaign:CMP-1 spend:6,890 source:MDF invoice:ADS-02",
        "LOG-5 logged: EUR 6,890.00 spend (MDF) on 2026-02-27",
    )
    .await?;
    s.on("2026-02-27 17:00").await?;
    s.types(
        VERA,
        "/campaign log campaign:CMP-1 spend:6890 date:27 feb source:MDF invoice:ADS-02",
        "LOG-6 logged: EUR 6,890.00 spend (MDF) on 2026-02-27",
    )
    .await
    .map(drop)
}

/// A deal in euros with one contact.
pub(super) fn open_deal(s: &Stage<'_>, name: &str, amount: &str, contact: u64) -> u64 {
    let deal = Deal { name: name.to_owned(), amount: amount.to_owned(), currency: "EUR".to_owned() };
    s.world.hubspot.deal(&deal, &[contact])
}

/// So many people ask for the guide. The form service says so, and says the first of them twice.
pub(super) async fn form_leads(s: &mut Stage<'_>, story: &mut Story, how_many: usize) -> Result<(), Fault> {
    for place in 0..how_many {
        story.forms += 1;
        let (number, somebody) = (story.forms, s.somebody());
        let data = json!({
            "id": format!("form-{number}"), "email": somebody.email, "company": somebody.company,
            "country": somebody.country, "utm": {"source": "acme", "medium": "email", "campaign": "Migration Guide"},
        });
        let id = format!("msg_form_{number}");
        s.world.forms.post(&id, "lead.created", &data).await?;
        if place == 0 {
            s.world.forms.post(&id, "lead.created", &data).await?;
        }
    }
    Ok(())
}
