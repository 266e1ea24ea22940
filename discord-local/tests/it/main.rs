//! A real client library, unmodified, against the local Discord.

mod harness;

mod endpoint;
mod faults;
mod gateway;
mod interactions;
mod limits;
mod page;
mod protocol;
mod rest;
mod tls;
