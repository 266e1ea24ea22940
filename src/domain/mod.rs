//! The rules of joint marketing plans. Pure: no async, no database, no chat, no clock; time and ids come in as values.
//! What is here must never know how it is stored, sent or shown.

pub mod absence;
pub mod action;
pub mod actor;
pub mod adjustment;
pub mod attribution;
pub mod cadence;
pub mod campaign;
pub mod campaign_type;
pub mod canonical;
pub mod capacity;
pub mod command;
pub mod curve;
pub mod day;
pub mod escape;
pub mod evidence;
pub mod fraction;
pub mod fund;
pub mod lead;
pub mod log;
pub mod money;
pub mod outlook;
pub mod period;
pub mod plan;
pub mod program;
pub mod promise;
pub mod readiness;
pub mod refusal;
pub mod report;
pub mod request;
pub mod slug;
pub mod task;
pub mod template;
pub mod trail;
pub mod unseen;
pub mod variance;
