//! What an interaction's token opens: the first answer, follow-ups, edits.

use super::{Asked, Outcome, Reply};
use crate::callback::Answering;
use crate::error::{ApiError, Complaints};
use crate::model::World;
use crate::validate::message::message;

pub(crate) fn callback(world: &mut World, asked: Asked<'_>, id: u64, token: &str) -> Outcome {
    let with_response = asked.query.get("with_response").is_some_and(|with| with == "true");
    let json = world.answer(id, token, Answering { body: &asked.body, uploads: asked.uploads })?;
    Ok(if with_response { Reply::Json(json) } else { Reply::Empty })
}

pub(crate) fn route(world: &mut World, asked: Asked<'_>, app: u64, token: &str, rest: &[&str]) -> Outcome {
    let interaction = world.by_token(app, token)?;
    match (asked.method, rest) {
        ("POST", []) => {
            let mut complaints = Complaints::default();
            let input = message(&asked.body, "", &asked.uploads, &mut complaints);
            complaints.finish()?;
            let id = world.follow_up(interaction, input, asked.uploads)?;
            show(world, id)
        }
        ("GET", ["messages", which]) => {
            let id = world.token_message(interaction, which)?;
            show(world, id)
        }
        ("PATCH", ["messages", which]) => {
            let id = world.token_message(interaction, which)?;
            let mut complaints = Complaints::default();
            let input = message(&asked.body, "", &asked.uploads, &mut complaints);
            complaints.finish()?;
            world.edit_by_token(interaction, id, input, asked.uploads)?;
            show(world, id)
        }
        ("DELETE", ["messages", which]) => {
            let id = world.token_message(interaction, which)?;
            world.remove(id);
            Ok(Reply::Empty)
        }
        (_, [] | ["messages", _]) => Err(ApiError::method_not_allowed()),
        _ => Err(ApiError::not_found()),
    }
}

fn show(world: &World, id: u64) -> Outcome {
    let record = world.messages.get(&id).ok_or_else(ApiError::unknown_message)?;
    Ok(Reply::Json(world.message_json(record)))
}
