//! The outside coming in: what chat sends, and what the clock makes due, as requests of the command road.

pub mod attached;
pub mod calendar;
pub mod commands;
pub mod cron;
pub mod discord;
mod fund_file;
pub mod http;
pub mod proof;
