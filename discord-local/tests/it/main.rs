//! A real client library, unmodified, against the local Discord.

mod harness;

mod endpoint;
mod faults;
mod files;
mod gateway;
mod interactions;
mod limits;
mod page;
mod protocol;
mod rest;
mod tls;
