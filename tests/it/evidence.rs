//! Files that somebody attaches as proof: what is taken, what is refused and with which words, and that nothing is stored
//! that should not be.

mod fetch;
pub mod files;
mod inspect;
mod names;
mod office;
mod packet;
mod rows;
mod vault;
