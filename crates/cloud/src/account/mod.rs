//! What an account has beside a walk's own things: whether there is room for one, whose sessions are there, and what is left.

pub(crate) mod preflight;
mod sessions;
mod sweep;
