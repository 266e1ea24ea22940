//! Tandem runs joint marketing plans between a vendor and its channel partners where they already talk.
//!
//! ```text
//!  Discord interaction ┐                                                          ┌→ outbox → Discord
//!  cron tick           ┴→ inbound → flow: authorise → decide (pure) → one write ──┼→ audit
//!                                         domain/                  store/         └→ reply
//!  CRM webhook ──────────→ crm: verify → inbox (durable) → read → project → facts ──→ report
//! ```

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crm;
pub mod delivery;
pub mod domain;
pub mod evidence;
pub mod fault;
pub mod flow;
pub mod inbound;
pub mod limits;
pub mod playground;
pub mod report;
pub mod run;
pub mod store;
pub mod text;
