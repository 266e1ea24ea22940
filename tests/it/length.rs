//! The simulation of the money at length, by itself: the same modules as in the one integration binary, which `.ci/run`
//! builds a second time with optimisation, and without all the other stories. `cargo test` doesn't build it.
#![allow(dead_code, unused_imports, unused_macros, reason = "the harness serves all stories")]

mod harness;
mod sim;
