//! What can be asked about a plan that is in force: postpone, cancel, stop, and decide what the other side filed.

/// What can be decided about an adjustment that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjustmentDecision {
    /// For the side that filed it.
    Sign,
    /// For the other side.
    Countersign,
    Decline {
        reason: String,
    },
    Withdraw,
}

/// What can be done about a stopped campaign by a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopDecision {
    /// For the side that stopped it.
    Sign,
    /// By the other side: the campaign is cancelled.
    Countersign,
    /// By the side that stopped it: it runs again.
    Resume,
}

/// A wish about what both sides have agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjustWish {
    /// Without `start`, the campaign is put off without a date.
    Postpone {
        partner: Option<String>,
        campaign: String,
        start: Option<String>,
        end: Option<String>,
        reason: String,
    },
    /// `confirm` is the campaign's short name as retyped; needed where nobody countersigns.
    Cancel {
        partner: Option<String>,
        campaign: String,
        reason: String,
        confirm: Option<String>,
    },
    /// `confirm` is the plan's short name as retyped; needed where nobody countersigns.
    CancelPlan {
        partner: Option<String>,
        plan: Option<String>,
        reason: String,
        confirm: Option<String>,
    },
    /// `seen_rev` is what the card showed.
    Decide {
        id: String,
        seen_rev: i64,
        decision: AdjustmentDecision,
    },
    Stop {
        partner: Option<String>,
        campaign: String,
        reason: String,
    },
    Resume {
        partner: Option<String>,
        campaign: String,
    },
    /// One unit of `currency` is worth `rate` of the plan's; `-` takes the rate out. On a draft.
    Rate {
        partner: Option<String>,
        plan: Option<String>,
        currency: String,
        rate: String,
    },
    /// `seen_at` is the instant of the stop that the card showed, in Unix ms.
    DecideStop {
        campaign: String,
        seen_at: i64,
        decision: StopDecision,
    },
}
