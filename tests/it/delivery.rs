//! Delivery: what waits in the outbox reaches Discord once, in order, whatever goes wrong on the way.

mod bench;
mod connection;
mod drawing;
mod place;
mod queue;
mod stories;
mod strange;
mod trouble;
mod waits;
