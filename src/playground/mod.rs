//! `tandem playground`: the whole product on one machine, with no token, no server and no internet. A local Discord,
//! the bot through its real gateway and HTTP, a seeded program, a CRM stand-in, and a clock that can be moved.

pub mod crm;
mod headless;
mod interactive;
pub mod quarter;
pub mod seed;
pub mod stage;
pub mod world;

pub use headless::{HeadlessOptions, Outcome, headless};
pub use interactive::{Options, Playground, interactive};
