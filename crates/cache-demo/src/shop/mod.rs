//! The shop that is measured: its data, its queries, and the people who use it.

pub(crate) mod catalog_words;
pub mod dataset;
pub mod load_users;
pub(crate) mod outbox;
pub mod queries;
pub(crate) mod shoppers;
pub mod version_oracle;
