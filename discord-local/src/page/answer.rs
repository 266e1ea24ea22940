//! What the page gets back: JSON, or a [`Failure`] with one sentence.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::answer::{Answer, Modal, Refused};
use crate::model::World;

/// `{"error": sentence}` with a status: 422 for what a client refuses to send, 404, 400 or 403 else.
#[derive(Debug)]
pub(super) struct Failure(pub StatusCode, pub String);

pub(super) type Outcome = Result<Json<Value>, Failure>;

impl Failure {
    pub fn missing(what: &str) -> Self {
        Self(StatusCode::NOT_FOUND, what.to_owned())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        // Reasons of the client are written to stand after a colon; on the page they stand alone.
        let mut letters = refused.0.chars();
        let mut sentence: String =
            letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        sentence.push_str(letters.as_str());
        if !sentence.ends_with(['.', '!', '?', '…']) {
            sentence.push('.');
        }
        Self(StatusCode::UNPROCESSABLE_ENTITY, sentence)
    }
}

impl From<JsonRejection> for Failure {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

/// A JSON body whose refusal is a [`Failure`].
pub(super) struct Given<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let Json(given) = Json::<T>::from_request(request, state).await?;
        Ok(Self(given))
    }
}

/// A query whose refusal is a [`Failure`].
pub(super) struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Query(asked) = Query::<T>::from_request_parts(parts, state).await?;
        Ok(Self(asked))
    }
}

/// An id: digits in a text, because a browser's numbers end at 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(pub u64);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| serde::de::Error::custom(format!("\"{text}\" isn't an id")))
    }
}

/// An answer as the page reads it; messages themselves come with the channel.
pub(super) fn answer_json(answer: &Answer) -> Value {
    let kind = match answer {
        Answer::Message(_) => "message",
        Answer::Updated(_) => "updated",
        Answer::Modal(_) => "form",
        Answer::Acknowledged => "acknowledged",
        Answer::Thinking(_) => "thinking",
        Answer::Removed => "removed",
        Answer::NoAnswer => "no_answer",
    };
    let mut json = json!({ "answer": kind, "text": answer.text() });
    if let Some(message) = answer.message() {
        json["message"] = json!(message.id.to_string());
        json["channel"] = json!(message.channel_id.to_string());
        json["ephemeral"] = json!(message.is_ephemeral());
    }
    if let Some(modal) = answer.modal() {
        json["form"] = modal_json(modal);
    }
    json
}

fn modal_json(modal: &Modal) -> Value {
    let inputs = modal.inputs.iter().map(|input| {
        json!({
            "custom_id": input.custom_id,
            "label": input.label,
            "paragraph": input.paragraph,
            "required": input.required,
            "min_length": input.min_length,
            "max_length": input.max_length,
            "value": input.value,
            "placeholder": input.placeholder,
        })
    });
    json!({
        "interaction": modal.interaction.to_string(),
        "custom_id": modal.custom_id,
        "title": modal.title,
        "inputs": inputs.collect::<Vec<_>>(),
    })
}

impl World {
    /// The form that answered this interaction, if a form did.
    pub(super) fn form(&self, interaction: u64) -> Option<Modal> {
        match &self.interactions.get(&interaction)?.stage {
            crate::model::Stage::Answered { kind: 9, data } => {
                Some(crate::interaction::modal(interaction, data))
            }
            _ => None,
        }
    }
}
