//! What a failed request to Discord means for a delivery. The source of the codes is "Opcodes and Status Codes" of
//! Discord's API v10 documentation.

use crate::fault::Fault;
use serenity::http::{ErrorResponse, HttpError};
use std::error::Error as _;

const UNKNOWN_MESSAGE: isize = 10_008;
const THREAD_EXISTS: isize = 160_004;
const UNKNOWN_EVENT: isize = 10_070;
const FINISHED_EVENT: isize = 180_000;
/// Refusals by which Discord says "not now": sending is switched off for a while, or it is overloaded.
const NOT_NOW: [isize; 2] = [40_004, 130_000];
/// What serenity puts where the answer is no error of Discord's API at all, but of something in front of it.
const NOT_DISCORDS: isize = -1;

/// Why a request didn't do what it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The message to change is not there any more.
    MessageGone,
    /// The message has its thread already.
    ThreadExists,
    /// The scheduled event to change is not there any more, or is over.
    EventGone,
    /// Discord did it, but its answer can't be read.
    Unreadable(String),
    /// May go well later: no answer, a fault of Discord's, a rate limit.
    Passing(String),
    /// Will be refused again however often it is tried.
    Final(String),
}

impl Trouble {
    /// The trouble in words.
    pub(super) fn reason(&self) -> &str {
        match self {
            Trouble::MessageGone => "the message was deleted",
            Trouble::ThreadExists => "the message has a thread already",
            Trouble::EventGone => "the event is over or was deleted",
            Trouble::Unreadable(reason) | Trouble::Passing(reason) | Trouble::Final(reason) => reason,
        }
    }
}

impl From<serenity::Error> for Trouble {
    fn from(error: serenity::Error) -> Self {
        match error {
            serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => refused(&response),
            serenity::Error::Http(HttpError::Request(error)) => Trouble::Passing(no_answer(&error)),
            // serenity reads an answer only after its status said success.
            serenity::Error::Json(error) => Trouble::Unreadable(format!("an answer can't be read: {error}")),
            serenity::Error::Http(error) => Trouble::Final(error.to_string()),
            serenity::Error::Model(error) => Trouble::Final(error.to_string()),
            error => Trouble::Passing(error.to_string()),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Corrupt(_) => Trouble::Final(fault.to_string()),
            fault => Trouble::Passing(fault.to_string()),
        }
    }
}

fn refused(response: &ErrorResponse) -> Trouble {
    let status = response.status_code.as_u16();
    let code = response.error.code;
    let reason = || in_words(response);
    match (status, code) {
        (_, UNKNOWN_MESSAGE) => Trouble::MessageGone,
        (_, THREAD_EXISTS) => Trouble::ThreadExists,
        (_, UNKNOWN_EVENT | FINISHED_EVENT) => Trouble::EventGone,
        // A rate limit's body has no code, so the status comes before the code.
        (408 | 429 | 500.., _) => Trouble::Passing(reason()),
        // A wrong token is one mistake of the operator's, not a fault of each message: all wait until it is right.
        (401, _) => Trouble::Passing(reason()),
        (_, NOT_DISCORDS) => Trouble::Passing(reason()),
        _ if NOT_NOW.contains(&code) => Trouble::Passing(reason()),
        _ => Trouble::Final(reason()),
    }
}

/// `403 50013 Missing Permissions`, with the fields that an invalid form body names.
fn in_words(response: &ErrorResponse) -> String {
    let status = response.status_code.as_u16();
    let error = &response.error;
    if error.code == NOT_DISCORDS {
        return format!("HTTP {status}");
    }
    let fields: Vec<String> =
        error.errors.iter().map(|field| format!("{}: {}", field.path, field.message)).collect();
    let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(", ")) };
    format!("HTTP {status}, code {}: {}{fields}", error.code, error.message)
}

/// reqwest's own text says only that sending failed; what failed is in the errors behind it.
fn no_answer(error: &reqwest::Error) -> String {
    let mut reason = String::from("no answer");
    let mut source = error.source();
    while let Some(error) = source {
        reason.push_str(": ");
        reason.push_str(&error.to_string());
        source = error.source();
    }
    if error.is_timeout() {
        reason.push_str(" (timeout)");
    }
    reason
}
