//! The question whether a campaign is executed: a card in the shared channel, with its button until it is answered or asks
//! nothing any more. Another last day has a question of its own.

use crate::clock::Clock;
use crate::domain::campaign::Campaign;
use crate::domain::program::Partner;
use crate::fault::Fault;
use crate::store::{Tx, card, outbox};
use crate::text;
use chrono::NaiveDate;

/// Asks about a campaign that counts as executed on the day `by_itself` if nobody answers.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn ask(
    tx: &mut Tx,
    clock: &Clock,
    partner: &Partner,
    campaign: &Campaign,
    by_itself: NaiveDate,
) -> Result<(), Fault> {
    let card = text::campaign::is_it_done(campaign, by_itself);
    let key = key(&campaign.id, campaign.period.end());
    outbox::show_card_unasked(tx, clock, &partner.program_id, (&key, &partner.channel_id), &card).await
}

/// Takes the button from the question about the end of a campaign, if one waits for its answer, and says what came instead.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn close(
    tx: &mut Tx,
    clock: &Clock,
    partner: &Partner,
    (id, end): (&str, NaiveDate),
    said: &str,
) -> Result<(), Fault> {
    let key = key(id, end);
    let Some(kept) = card::load(tx, &key).await? else { return Ok(()) };
    if kept.wanted.buttons.is_empty() {
        return Ok(());
    }
    let card = text::campaign::answered(kept.wanted, said);
    outbox::show_card(tx, clock, &key, &partner.channel_id, &card).await
}

fn key(campaign_id: &str, end: NaiveDate) -> String {
    format!("done:{campaign_id}:{end}")
}
