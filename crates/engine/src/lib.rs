//! The engine of `recipe-walk`: the recipe as data, facts, the pure plan, the journal, the walk loop, waits, cost,
//! clean-up and its receipt. It knows neither the AWS SDK nor the terminal: both come in through ports
//! ([`cloud::Cloud`], [`guide::Guide`], [`clock::Clock`]).

pub mod instance;
pub mod kind;
pub mod port;
pub mod recipe;
pub mod report;
pub mod run;
pub mod session;

// The surface that the other crates use, whatever folder a noun lives in.
pub use instance::{configuration, deliver, demo, machine, once, shell};
pub use kind::cost::{amount, price, quota};
pub use kind::naming::{names, partition, place, refers, tags};
pub use kind::{action, cli_line, cost, policy};
pub use port::{clock, cloud, difference, failure, finding, guide};
pub use recipe::{
    answers, diagram, did_you_mean, filling, lab, lint, parameter, plan, prose, question, read, shown, step,
    word,
};
pub use report::{class, redact, transcript};
pub(crate) use run::milestone;
pub use run::{
    cleanup, drift, interrupt, perform, receipt, step_line, stop, take_away, temporary, together, tools,
    wait, walk,
};
pub use session::account::{key, lease, note, rebuild, remote_state, trust};
pub use session::journal::{line, record, seal};
pub use session::{facts, foreseen, history, id, journal, resource, standing, state, transition};
