//! Options of a walk.

use clap::{Args, ValueEnum};
use recipe_walk_sandbox::Pace;
use std::path::PathBuf;

/// How a walk is shown and answered.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Manner {
    /// Ask nothing: run the required steps, then clean up
    #[arg(long)]
    pub(crate) yes: bool,
    /// With --yes: run the optional steps too
    #[arg(long, requires = "yes")]
    pub(crate) all: bool,
    /// With --yes: leave everything running at the end, and say what that costs
    #[arg(long, requires = "yes")]
    pub(crate) keep: bool,
    /// Plain lines: no colour, no box drawing, no moving bars
    #[arg(long)]
    pub(crate) plain: bool,
    /// With --yes: everything that happens as JSON lines on standard output
    #[arg(long, requires = "yes")]
    pub(crate) json: bool,
}

/// Which AWS account and region.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AwsArgs {
    /// AWS profile
    #[arg(long, value_name = "P")]
    pub(crate) profile: Option<String>,
    /// AWS region
    #[arg(long, value_name = "R")]
    pub(crate) region: Option<String>,
}

/// Options of a walk.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WalkArgs {
    /// Run on the sandbox: this machine, real engines, no account, no cost
    #[arg(long, conflicts_with_all = ["aws", "profile", "region"])]
    pub(crate) sandbox: bool,
    /// Run in your AWS account (about $0.07 an hour until cleaned up)
    #[arg(long)]
    pub(crate) aws: bool,
    /// AWS profile
    #[arg(long, value_name = "P", requires = "aws")]
    pub(crate) profile: Option<String>,
    /// AWS region
    #[arg(long, value_name = "R", requires = "aws")]
    pub(crate) region: Option<String>,
    #[command(flatten)]
    pub(crate) manner: Manner,
    /// Directory with another recipe
    #[arg(long, value_name = "DIR")]
    pub(crate) recipe: Option<PathBuf>,
    /// Cache engine
    #[arg(long, value_enum)]
    pub(crate) engine: Option<CacheEngine>,
    /// Name of the class, as a tag on everything
    #[arg(long, value_name = "C")]
    pub(crate) cohort: Option<String>,
    /// Your name, as a tag on everything
    #[arg(long, value_name = "O")]
    pub(crate) owner: Option<String>,
    /// Warn when the estimated cost passes this (US dollars)
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub(crate) budget: Option<String>,
    /// How long things take on the sandbox: fast, real, or a factor such as 0.05
    #[arg(long, value_name = "PACE", conflicts_with = "aws")]
    pub(crate) pace: Option<Pace>,
}

/// A cache engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CacheEngine {
    /// Redis OSS
    Redis,
    /// Valkey
    Valkey,
}

impl CacheEngine {
    /// Its name in answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Valkey => "valkey",
        }
    }
}

/// An amount of money, kept as it was written.
pub(crate) fn dollars(text: &str) -> Result<String, String> {
    let amount = text.trim_start_matches('$');
    match amount.parse::<f64>() {
        Ok(dollars) if dollars > 0.0 && dollars < 1e6 => Ok(amount.to_owned()),
        _ => Err("an amount in US dollars, such as 0.50".into()),
    }
}
