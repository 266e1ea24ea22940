//! What goes wrong: [`Error`] for who runs the server, [`ApiError`] for its clients.
//!
//! An [`ApiError`] is written exactly as Discord writes it (`{code, message, errors?}`); clients branch on the code.

use serde_json::{Map, Value, json};

/// Why a server didn't start.
#[derive(Debug)]
pub enum Error {
    /// The address can't be listened on.
    Listen(std::io::Error),
    /// The certificate authority or the server's certificate couldn't be made.
    Certificate(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listen(error) => write!(f, "cannot listen: {error}"),
            Self::Certificate(error) => write!(f, "cannot make a certificate: {error}"),
        }
    }
}

impl std::error::Error for Error {}

/// A refusal by the REST API.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub status: u16,
    pub code: u32,
    pub message: String,
    pub errors: Option<Value>,
}

impl ApiError {
    pub fn new(status: u16, code: u32, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), errors: None }
    }

    pub fn body(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }

    pub fn not_found() -> Self {
        Self::new(404, 0, "404: Not Found")
    }
    pub fn method_not_allowed() -> Self {
        Self::new(405, 0, "405: Method Not Allowed")
    }
    pub fn unauthorized() -> Self {
        Self::new(401, 0, "401: Unauthorized")
    }
    pub fn unknown_channel() -> Self {
        Self::new(404, 10003, "Unknown Channel")
    }
    pub fn unknown_guild() -> Self {
        Self::new(404, 10004, "Unknown Guild")
    }
    pub fn unknown_member() -> Self {
        Self::new(404, 10007, "Unknown Member")
    }
    pub fn unknown_message() -> Self {
        Self::new(404, 10008, "Unknown Message")
    }
    pub fn unknown_user() -> Self {
        Self::new(404, 10013, "Unknown User")
    }
    pub fn unknown_webhook() -> Self {
        Self::new(404, 10015, "Unknown Webhook")
    }
    pub fn unknown_interaction() -> Self {
        Self::new(404, 10062, "Unknown interaction")
    }
    pub fn unknown_command() -> Self {
        Self::new(404, 10063, "Unknown application command")
    }
    pub fn unknown_event() -> Self {
        Self::new(404, 10070, "Unknown Guild Scheduled Event")
    }
    pub fn already_acknowledged() -> Self {
        Self::new(400, 40060, "Interaction has already been acknowledged.")
    }
    pub fn missing_access() -> Self {
        Self::new(403, 50001, "Missing Access")
    }
    pub fn not_yours() -> Self {
        Self::new(403, 50005, "Cannot edit a message authored by another user")
    }
    pub fn empty_message() -> Self {
        Self::new(400, 50006, "Cannot send an empty message")
    }
    pub fn cannot_dm() -> Self {
        Self::new(403, 50007, "Cannot send messages to this user")
    }
    pub fn missing_permissions() -> Self {
        Self::new(403, 50013, "Missing Permissions")
    }
    pub fn dead_token() -> Self {
        Self::new(401, 50027, "Invalid Webhook Token")
    }
    pub fn bad_json() -> Self {
        Self::new(400, 50109, "The request body contains invalid JSON.")
    }
    pub fn too_large() -> Self {
        Self::new(413, 40005, "Request entity too large")
    }
}

/// The tree of complaints under a 50035 *Invalid Form Body*, collected field by field.
#[derive(Debug, Default)]
pub(crate) struct Complaints(Map<String, Value>);

impl Complaints {
    /// Adds a complaint about the field at `path` (`embeds.0.title`); an empty path is the body itself.
    pub fn add(&mut self, path: &str, code: &str, message: impl Into<String>) {
        let mut node = &mut self.0;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let slot = node.entry(part).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inner) = slot else { return };
            node = inner;
        }
        let list = node.entry("_errors").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(json!({ "code": code, "message": message.into() }));
        }
    }

    /// `BASE_TYPE_REQUIRED`.
    pub fn required(&mut self, path: &str) {
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required");
    }

    /// Complains if `text` has more than `max` characters.
    pub fn at_most(&mut self, path: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            self.add(path, "BASE_TYPE_MAX_LENGTH", format!("Must be {max} or fewer in length."));
        }
    }

    /// Complains if `text` has fewer than `min` or more than `max` characters.
    pub fn between(&mut self, path: &str, text: &str, min: usize, max: usize) {
        if !(min..=max).contains(&text.chars().count()) {
            self.add(path, "BASE_TYPE_BAD_LENGTH", format!("Must be between {min} and {max} in length."));
        }
    }

    /// Complains if a list has more than `max` entries.
    pub fn list_at_most(&mut self, path: &str, count: usize, max: usize) {
        if count > max {
            self.add(path, "BASE_TYPE_MAX_LENGTH", format!("Must be {max} or fewer in length."));
        }
    }

    /// Complains that the value isn't one of those listed.
    pub fn choice(&mut self, path: &str, allowed: &str) {
        self.add(path, "BASE_TYPE_CHOICES", format!("Value must be one of {{{allowed}}}."));
    }

    /// The refusal, if there was any complaint.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let errors = Some(Value::Object(self.0));
        Err(ApiError { status: 400, code: 50035, message: "Invalid Form Body".to_owned(), errors })
    }

    /// A refusal with a single complaint.
    pub fn one(path: &str, code: &str, message: &str) -> ApiError {
        let mut complaints = Self::default();
        complaints.add(path, code, message);
        complaints.finish().err().unwrap_or_else(ApiError::not_found)
    }
}
