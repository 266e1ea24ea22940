//! March: what the second checkpoint brought to light is mended, deals are won, lost and opened again, the trade show.

use super::february::{form_leads, open_deal};
use super::{Story, WEBINAR, globex};
use crate::fault::Fault;
use crate::playground::crm::Deal;
use crate::playground::stage::{PAT, Stage, VERA, local};
use serde_json::json;

pub(super) async fn play(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    after_the_checkpoint(s, story).await?;
    second_mailing(s, story).await?;
    trade_show(s, story).await?;
    deals_close(s, story).await?;
    last_days(s, story).await
}

async fn after_the_checkpoint(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-03-02 10:00").await?;
    s.types(VERA, "/report variance", "Variance report").await?;
    s.on("2026-03-02 14:00").await?;
    s.contacts(&story.search_ads, 7);
    open_deal(s, "Fjordline: platform", "36000", story.viewers[11]);
    s.world.hook.send().await?;
    s.on("2026-03-05 10:00").await?;
    s.types(
        PAT,
        "/campaign log campaign:CMP-1 reverse:LOG-6 note:Logged twice",
        "LOG-7 reversal: EUR -6,890.00 spend (MDF) on 2026-02-27",
    )
    .await?;
    s.world.hubspot.stage(story.reopened, "closedwon");
    open_deal(s, "Grimm: backup", "41000", story.globex[0]);
    s.world.hook.send().await?;
    s.on("2026-03-06 09:00").await?;
    s.types(
        PAT,
        "/campaign log campaign:CMP-3 spend:5.4k date:2026-02-16 source:MDF invoice:MAIL-7",
        "LOG-8 logged: EUR 5,400.00 spend (MDF) on 2026-02-16",
    )
    .await?;
    globex::clips_go_on(s, story).await
}

async fn second_mailing(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-03-09 12:00").await?;
    s.contacts(&story.search_ads, 8);
    story.viewers.extend(s.contacts(WEBINAR, 3));
    // Came by itself: no campaign made this lead.
    s.contacts("https://www.acme.example/", 1);
    s.world.hook.send().await?;
    globex::cancellation_asked(s).await?;
    s.on("2026-03-10 11:00").await?;
    globex::cancellation(s).await?;
    s.world.hubspot.change_deal(story.growing, "amount", "52000");
    let dollars =
        Deal { name: "Havelmoor: backup".to_owned(), amount: "9000".to_owned(), currency: "USD".to_owned() };
    s.world.hubspot.deal(&dollars, &[story.globex[7]]);
    s.world.hook.send().await?;
    s.on("2026-03-11 12:00").await?;
    globex::deal(s, story).await?;
    form_leads(s, story, 10).await?;
    s.on("2026-03-12 15:00").await?;
    let deal = json!({
        "id": "form-deal-1", "amount": "24000.00", "currency": "EUR", "stage": "proposal", "lead_ids": ["form-2"],
        "created_at": "2026-03-12T14:00:00Z",
    });
    s.world.forms.post("msg_deal_1", "deal.created", &deal).await?;
    s.on("2026-03-16 12:00").await?;
    s.contacts(&story.search_ads, 9);
    s.world.hubspot.delete_contact(story.first_readers[4]);
    s.world.hook.send().await?;
    form_leads(s, story, 8).await?;
    // This deal's first webhooks get lost on the way; HubSpot sends them again when it is already won.
    let late = open_deal(s, "Isarblick: platform", "18000", story.viewers[5]);
    story.late = Some((late, s.world.hook.lose()));
    s.on("2026-03-18 10:00").await?;
    s.world.hubspot.stage(story.reopened, "contractsent");
    s.world.hook.send().await?;
    Ok(())
}

/// Leads of the trade show are counted on paper and logged by hand.
async fn trade_show(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-03-20 09:00").await?;
    for (entry, leads, day) in [(9, 20, 17), (10, 24, 18), (11, 15, 19)] {
        s.types(
            PAT,
            &format!("/campaign log campaign:CMP-4 leads:{leads} date:2026-03-{day} note:Badges scanned"),
            &format!("LOG-{entry} logged: {leads} leads on 2026-03-{day}"),
        )
        .await?;
    }
    s.types(PAT, "/campaign log campaign:CMP-2 leads:5", "Leads of CMP-2 are counted by the CRM.").await?;
    s.types(
        PAT,
        "/campaign log campaign:CMP-4 spend:27,350 date:2026-03-19 source:MDF invoice:CE-2290",
        "LOG-12 logged: EUR 27,350.00 spend (MDF) on 2026-03-19",
    )
    .await?;
    globex::workshop(s).await?;
    form_leads(s, story, 4).await?;
    // Won, says the form service, before it has said what: the message about the deal itself comes four days later.
    let won = json!({"id": "form-deal-2", "stage": "closed"});
    s.world.forms.post("msg_deal_2_won", "deal.won", &won).await?;
    s.on("2026-03-20 16:00").await?;
    s.world.hubspot.stage(story.won, "closedwon");
    s.world.hook.send().await?;
    Ok(())
}

async fn deals_close(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-03-23 12:00").await?;
    s.contacts(&story.search_ads, 8);
    let late = story.late.take();
    if let Some((deal, _)) = &late {
        s.world.hubspot.stage(*deal, "closedwon");
    }
    s.world.hook.send_backwards().await?;
    s.on("2026-03-23 13:00").await?;
    if let Some((_, lost)) = &late {
        s.world.hook.send_again(lost).await?;
    }
    s.on("2026-03-24 10:00").await?;
    s.world.hubspot.stage(story.lost, "closedlost");
    let visitor = format!("https://www.acme.example/voucher?utm_source=acme&utm_id={}", story.trade_show);
    let visitor = s.contacts(&visitor, 1);
    s.world.hook.send().await?;
    let deal = json!({
        "id": "form-deal-2", "amount": "9600", "currency": "EUR", "lead_ids": ["form-5"],
        "created_at": "2026-03-12T15:30:00Z", "updated_at": "2026-03-12T15:30:00Z",
    });
    let told = local("2026-03-12 16:30")?.timestamp_millis();
    s.world.forms.post_of("msg_deal_2", "deal.created", told, &deal).await?;
    s.on("2026-03-26 11:00").await?;
    open_deal(s, "Jura: platform", "80000", visitor[0]);
    s.world.hook.send().await?;
    Ok(())
}

async fn last_days(s: &mut Stage<'_>, _story: &mut Story) -> Result<(), Fault> {
    s.on("2026-03-27 15:00").await?;
    s.types(
        PAT,
        "/campaign log campaign:CMP-4 leads:13 note:Came to the follow-up workshop",
        "LOG-13 logged: 13 leads on 2026-03-27",
    )
    .await?;
    s.on("2026-03-31 10:00").await?;
    s.types(
        PAT,
        "/campaign log campaign:CMP-1 spend:4.2k date:yesterday source:MDF invoice:ADS-03",
        "LOG-14 logged: EUR 4,200.00 spend (MDF) on 2026-03-30",
    )
    .await?;
    s.types(
        PAT,
        "/mdf request campaign:CMP-4 cost:2.4k amount:1.2k purpose:Vouchers of the follow-up workshop fund:acme-q1",
        "MDF-6 is submitted: cost EUR 2,400.00 · MDF EUR 1,200.00 (50 %).",
    )
    .await
    .map(drop)
}
