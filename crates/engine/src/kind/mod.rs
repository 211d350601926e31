//! What is made: the kinds of AWS resources, their names and tags, the commands a person could type, prices and permissions.

pub mod action;
pub mod cli_line;
pub mod cli_tag;
pub mod cost;
pub mod names;
pub mod partition;
pub mod policy;
pub mod tags;
pub mod undo_line;
