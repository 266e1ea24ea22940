//! What can be asked about promises.

/// A new promise, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPromise {
    pub partner: Option<String>,
    pub plan: Option<String>,
    /// The campaign that it is for; without one, it is for the plan as a whole.
    pub campaign: Option<String>,
    pub what: String,
    pub due: String,
    /// `vendor` or `partner`; without one, the asker's own.
    pub side: Option<String>,
}

/// What can be said about a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromiseSaid {
    Kept,
    Broken,
    Withdrawn,
}

/// Something to do with a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromiseWish {
    Make(NewPromise),
    /// As the form of a plan's card asks for it; `shown_rev` is what its button carried.
    MakeByForm {
        plan: String,
        shown_rev: i64,
        what: String,
        due: String,
    },
    Say {
        partner: Option<String>,
        promise: String,
        said: PromiseSaid,
    },
}
