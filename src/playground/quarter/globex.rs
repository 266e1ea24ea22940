//! Globex has a plan of its own, which Acme never sees: returned and signed in January, and changed three times after. Each
//! part is played where the calendar of the other files has come to it.

use super::Story;
use super::february::open_deal;
use crate::fault::Fault;
use crate::playground::stage::{AMIR, GIL, INES, Stage, VERA_GLOBEX};

/// The link of the display campaign.
const CLIPS: &str = "https://www.globex.example/restore?utm_source=globex&utm_medium=display&utm_campaign=globex-restore-clips";

/// 8 and 9 January: proposed, returned, proposed again, signed.
pub(super) async fn plan(s: &mut Stage<'_>) -> Result<(), Fault> {
    s.on("2026-01-08 10:00").await?;
    s.types(GIL, "/plan create period:Q1 2026 name:Backup cadence:mid-and-end", "PLN-1 is a draft.").await?;
    s.types(
        GIL,
        "/campaign add name:Backup stories type:Social start:2026-02-02 end:2026-03-01 leads:28 pipeline:56k \
         slug:globex-backup-stories",
        "CMP-1 is added to PLN-1.",
    )
    .await?;
    s.types(
        GIL,
        "/campaign add name:Recovery workshop type:In-person event start:2026-02-24 leads:20 pipeline:40k \
         budget:8k results:by hand",
        "CMP-2 is added to PLN-1.",
    )
    .await?;
    s.types(GIL, "/plan propose", "PLN-1 is proposed").await?;
    s.on("2026-01-08 15:00").await?;
    s.presses(
        VERA_GLOBEX,
        ("PLN-1", "Return…"),
        &[("reason", "The restore clips that we pay half of are missing.")],
        "PLN-1 is returned: it is a draft again.",
    )
    .await?;
    s.types(
        GIL,
        "/campaign add name:Restore clips type:Display start:2026-02-02 end:2026-03-29 leads:56 pipeline:112k \
         budget:5.6k mdf:50% slug:globex-restore-clips",
        "CMP-3 is added to PLN-1.",
    )
    .await?;
    s.types(GIL, "/plan propose", "PLN-1 is proposed").await?;
    s.on("2026-01-09 10:00").await?;
    s.presses(INES, ("PLN-1", "Sign"), &[], "waits for the vendor's signature").await?;
    s.presses(VERA_GLOBEX, ("PLN-1", "Sign"), &[], "agreed by both sides as revision 1").await?;
    s.types(
        GIL,
        "/mdf request campaign:CMP-3 cost:5.6k amount:2.8k purpose:Clips and banners fund:pool-q1",
        "MDF-1 is submitted: cost EUR 5,600.00 · MDF EUR 2,800.00 (50 %).",
    )
    .await?;
    s.presses(
        AMIR,
        ("GLOBEX/MDF-1 ·", "Approve"),
        &[],
        "MDF-1 is approved. EUR 2,800.00 of Q1 MDF pool is committed.",
    )
    .await
}

/// 6 to 13 February: the first leads of both campaigns that run.
pub(super) async fn first_leads(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    s.on("2026-02-13 15:00").await?;
    story.clips = s.contacts(CLIPS, 12);
    s.world.hook.send().await?;
    Ok(())
}

/// 16 February: behind at the checkpoint, the stories get more to do. What was missed stays missed.
pub(super) async fn adjustment(s: &mut Stage<'_>) -> Result<(), Fault> {
    s.on("2026-02-16 14:00").await?;
    s.types(
        GIL,
        "/campaign edit campaign:CMP-1 leads:42 pipeline:84k reason:A second speaker has joined",
        "ADJ-1",
    )
    .await?;
    s.presses(INES, ("ADJ-1", "Sign"), &[], "waits for the vendor's signature").await?;
    s.presses(VERA_GLOBEX, ("ADJ-1", "Countersign"), &[], "revision 2").await
}

/// 18 and 19 February: the workshop's room is lost, and it moves to March.
pub(super) async fn postponement(s: &mut Stage<'_>) -> Result<(), Fault> {
    s.on("2026-02-18 16:00").await?;
    s.types(
        VERA_GLOBEX,
        "/campaign postpone campaign:CMP-2 start:2026-03-17 reason:The room was given away",
        "ADJ-2",
    )
    .await?;
    s.on("2026-02-19 09:00").await?;
    s.presses(INES, ("ADJ-2", "Countersign"), &[], "revision 3").await
}

/// 5 to 10 March: the clips bring leads, then are cancelled; their MDF goes back.
pub(super) async fn clips_go_on(s: &mut Stage<'_>, story: &mut Story) -> Result<(), Fault> {
    story.clips.extend(s.contacts(CLIPS, 20));
    s.world.hook.send().await?;
    s.types(
        GIL,
        "/campaign log campaign:CMP-3 spend:3,420 source:Partner co-investment note:Banners until now",
        "LOG-2 logged: EUR 3,420.00 spend (partner co-investment) on 2026-03-06",
    )
    .await
    .map(drop)
}

/// 9 and 10 March: Northwind cancels the clips, Globex countersigns.
pub(super) async fn cancellation_asked(s: &mut Stage<'_>) -> Result<(), Fault> {
    s.types(VERA_GLOBEX, "/campaign cancel campaign:CMP-3 reason:The product is renamed in April", "ADJ-3")
        .await
        .map(drop)
}

/// 10 March, and the deal that the clips brought on the day after.
pub(super) async fn cancellation(s: &mut Stage<'_>) -> Result<(), Fault> {
    s.presses(INES, ("ADJ-3", "Countersign"), &[], "revision 4").await
}

/// 11 March: a deal of somebody who had seen the clips.
pub(super) async fn deal(s: &mut Stage<'_>, story: &Story) -> Result<(), Fault> {
    open_deal(s, "Kranich: restore", "50400", story.clips[3]);
    s.world.hook.send().await?;
    Ok(())
}

/// 20 March: the workshop was on the 17th.
pub(super) async fn workshop(s: &mut Stage<'_>) -> Result<(), Fault> {
    s.types(
        GIL,
        "/campaign log campaign:CMP-2 leads:17 date:2026-03-19 note:Sign-in sheet",
        "LOG-3 logged: 17 leads on 2026-03-19",
    )
    .await?;
    s.types(
        GIL,
        "/campaign log campaign:CMP-2 spend:7,600 date:2026-03-17 source:Partner co-investment invoice:RW-3",
        "LOG-4 logged: EUR 7,600.00 spend (partner co-investment) on 2026-03-17",
    )
    .await
    .map(drop)
}
