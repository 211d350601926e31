//! Everything that a person sees. Nothing else prints.

mod bars;
mod canvas;
pub(crate) mod door;
pub(crate) mod keys;
pub(crate) mod log;
mod markdown;
pub(crate) mod progress;
pub(crate) mod prompt;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod terminal;
pub(crate) mod text;
pub(crate) mod tty;
pub(crate) mod view;

pub(crate) use terminal::{Drawn, Terminal, as_json, called, json, json_line, print, raw, raw_error, rows};
