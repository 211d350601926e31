//! Options that several commands share.

use clap::{Args, ValueEnum};
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::typed;

/// How a walk is answered and shown.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct OutputOptions {
    /// Ask nothing: run the required steps, then clean up, also after a failure
    #[arg(long)]
    pub(crate) yes: bool,
    /// With --yes: run the optional steps too
    #[arg(long, requires = "yes")]
    pub(crate) all: bool,
    /// With --yes: leave everything running at the end or after a failure, and say what that costs
    #[arg(long, requires = "yes")]
    pub(crate) keep: bool,
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

/// Where sessions are looked for that this machine does not know.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PlaceArgs {
    /// Look on the sandbox of this machine
    #[arg(long, conflicts_with_all = ["aws", "profile", "region"])]
    pub(crate) sandbox: bool,
    /// Look in your AWS account
    #[arg(long)]
    pub(crate) aws: bool,
    #[command(flatten)]
    pub(crate) target: AwsArgs,
    /// What the configuration says where the command line does not.
    #[arg(skip)]
    pub(crate) usual: AwsArgs,
}

impl PlaceArgs {
    /// Whether the command line names a place.
    pub(crate) fn given(&self) -> bool {
        self.sandbox || self.wants_aws()
    }

    /// A command that is to be typed next, with the same options once more.
    pub(crate) fn added_to(&self, command: Typed) -> Typed {
        let place = match (self.sandbox, self.aws) {
            (true, _) => command.then("--sandbox"),
            (_, true) => command.then("--aws"),
            _ => command,
        };
        let profile = self.target.profile.iter().map(|profile| typed!("--profile {}", profile));
        let region = self.target.region.iter().map(|region| typed!("--region {}", region));
        profile.chain(region).fold(place, |command, option| command.and(&option))
    }

    /// The profile and the region, with the configuration's where none is given.
    pub(crate) fn target(&self) -> AwsArgs {
        AwsArgs {
            profile: self.target.profile.clone().or_else(|| self.usual.profile.clone()),
            region: self.target.region.clone().or_else(|| self.usual.region.clone()),
        }
    }

    /// Whether it names AWS; a profile or a region says so too.
    pub(crate) fn wants_aws(&self) -> bool {
        self.aws || self.target.profile.is_some() || self.target.region.is_some()
    }
}

/// A cache engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CacheEngine {
    /// Redis OSS
    Redis,
    /// Valkey
    Valkey,
}

impl std::str::FromStr for CacheEngine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ValueEnum::from_str(text, true)
    }
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

/// An amount in US dollars as somebody writes it: its number, which the recipe's rule checks.
#[allow(clippy::unnecessary_wraps)] // The form of a parser of options.
pub(crate) fn dollars(text: &str) -> Result<String, std::convert::Infallible> {
    Ok(text.trim_start_matches('$').to_owned())
}
