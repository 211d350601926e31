//! The engine of `recipe-walk`: the recipe as data, facts, the pure plan, the journal, the walk loop, waits, cost,
//! clean-up and its receipt. It knows neither the AWS SDK nor the terminal: both come in through ports
//! ([`cloud::Cloud`], [`guide::Guide`], [`clock::Clock`]).

pub mod action;
pub mod class;
pub mod cleanup;
pub mod cli_line;
pub mod cli_tag;
pub mod clock;
pub mod cloud;
pub mod cost;
pub mod deliver;
pub mod demo;
pub mod diagram;
pub mod difference;
pub mod drift;
pub mod facts;
pub mod failure;
pub mod guide;
pub mod history;
pub mod id;
pub mod interrupt;
pub mod journal;
pub mod lab;
pub mod lease;
pub mod lint;
pub mod machine;
pub mod names;
pub mod note;
pub mod perform;
pub mod plan;
pub mod prose;
pub mod question;
pub mod rebuild;
pub mod receipt;
pub mod recipe;
pub mod record;
pub mod redact;
pub mod report;
pub mod session;
pub mod state;
pub mod tags;
pub mod transcript;
pub mod transition;
pub mod undo_line;
pub mod wait;
pub mod walk;
