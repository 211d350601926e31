//! The person whom a session is walked with: what is shown, asked and answered, and the same as JSON events.

mod ask;
pub(crate) mod batch_guide;
mod by_hand;
pub(crate) mod events;
pub(crate) mod idle;
pub(crate) mod menu;
pub(crate) mod person;
mod picture;
mod question;
mod reading;
