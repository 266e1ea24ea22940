//! What people see: each notice once, each card once, both by the outbox id that a message carries.

use super::{Checker, Wrong};
use crate::sim::model::Notice;
use discord_local::Message;

impl Checker {
    /// Takes in messages that have come.
    ///
    /// # Errors
    /// A message that nobody queued, that is there twice, or that came in the quiet hours whose end it waits for.
    pub fn sees(&mut self, messages: &[Message], now_ms: i64) -> Wrong {
        for message in messages {
            let Some(mark) = mark(message) else { continue };
            let Some(notice) = self.model.notices.get(&mark).cloned() else {
                return Err(format!("a message carries {mark}, which was never queued: {}", message.text()));
            };
            if notice.channel != message.channel_id.to_string() {
                return Err(format!("notice {mark} is in channel {}", message.channel_id));
            }
            if notice.kind == "post" && notice.not_before > now_ms {
                return Err(format!("notice {mark} came in quiet hours: {}", message.text()));
            }
            if let Some(other) = self.model.posted.insert(thing(&notice), message.id)
                && other != message.id
            {
                return Err(format!("{} is visible twice: {}", thing(&notice), message.text()));
            }
        }
        Ok(())
    }

    /// Once nothing waits, whatever was queued is visible.
    ///
    /// # Errors
    /// What is not.
    pub fn all_is_seen(&mut self, now_ms: i64) -> Wrong {
        let (posted, mut missing) = (&self.model.posted, None);
        self.model.unseen.retain(|_, notice| {
            if posted.contains_key(&thing(notice)) {
                return false;
            }
            if notice.not_before <= now_ms {
                missing.get_or_insert_with(|| thing(notice));
            }
            true
        });
        missing.map_or(Ok(()), |missing| Err(format!("{missing} was queued and is not visible")))
    }
}

/// What a notice makes visible: a post of its own, or a card in its channel.
pub fn thing(notice: &Notice) -> String {
    match &notice.card {
        Some(card) => format!("card {card} in {}", notice.channel),
        None => format!("notice {}", notice.id),
    }
}

/// The outbox id in the footer of a message of ours.
pub fn mark(message: &Message) -> Option<String> {
    let footer = message.embeds.last()?["footer"]["text"].as_str()?;
    let mark = footer.rsplit(' ').next()?;
    (mark.len() == 13).then(|| mark.to_owned())
}
