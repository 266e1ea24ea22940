//! The simulation of the money at length, by itself: the same modules as in the one integration binary, which `.ci/length`
//! builds a second time with optimisation, and without all the other stories. `cargo test` doesn't build it. That the
//! harness holds more than this needs is warned of.

mod harness;
mod sim;
