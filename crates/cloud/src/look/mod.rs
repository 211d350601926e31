//! Looks around in the account, and scripts on the instance.

mod command;
mod survey;
