//! A local Discord in one process: REST v10, gateway, people who press buttons, and faults on demand.
//!
//! Meant for tests and demonstrations of bots: an unmodified client library talks to it over HTTP and WebSocket, and it
//! refuses what Discord refuses (limits, permissions, deadlines, second answers, expired tokens), with Discord's codes.
//! It must never be more lenient than Discord where it knows a rule, and it knows nothing about any particular bot.
//!
//! ```no_run
//! # async fn example() -> Result<(), discord_local::Error> {
//! use discord_local::{DiscordLocal, Options, Visible};
//!
//! let server = DiscordLocal::start(Options::default()).await?;
//! let bot = server.create_application("Helper");
//! let guild = server.create_guild("Acme");
//! server.install(bot.id, guild);
//! let general = server.create_channel(guild, "general", Visible::Everyone);
//! let vera = server.create_user("vera");
//! server.add_member(guild, vera, &[]);
//! // … start the bot with `server.api_url()` and `bot.token`, then:
//! let answer = server.person(vera).run(general, "/ping").await;
//! # let _ = answer; Ok(()) }
//! ```
//!
//! Not served: voice, reactions, polls, stickers, forums, webhooks of people, components of the second version,
//! compressed gateways. Their routes answer 404 as unknown.

mod answer;
mod callback;
mod command_line;
mod control;
mod dispatch;
mod error;
mod fault;
mod filled;
mod gateway;
mod guild;
mod interaction;
pub mod limits;
mod listener;
mod mention;
mod message;
mod model;
mod options;
mod outgoing;
mod page;
mod people;
pub mod permissions;
mod post;
mod rate;
mod rest;
mod server;
mod time;
mod tls;
mod transcript;
mod validate;
mod wire;

pub use answer::{Answer, Choice, Modal, ModalInput, Refused};
pub use control::{Control, ControlHandler};
pub use error::Error;
pub use fault::{Fault, FaultKind, InteractionLine, RequestLine};
pub use guild::{Application, Visible};
pub use message::{Attachment, Button, Message, Select};
pub use model::Ping;
pub use options::{Bucket, Clock, Options, RateLimits};
pub use people::{ChannelView, Person};
pub use server::DiscordLocal;
pub use validate::message::Upload;
