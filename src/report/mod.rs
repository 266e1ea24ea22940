//! What a variance report is handed over as: the snapshot it is made of, its picture, its figures as JSON and CSV.
//! Nothing here decides anything, and nothing here words a sentence: that is `domain::variance` and `text::report`.

pub mod calendar;
pub mod chart;
pub mod csv;
pub mod figures;
pub mod json;
pub mod picture;
pub mod statement;
