//! The command line. Written by hand over `lexopt`, because the binary is sent to an instance in pieces.

use crate::error::Failure;
use lexopt::prelude::*;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
cache-demo measures what a Redis cache in front of MySQL is worth.

Usage: cache-demo <command> [options]

Commands:
  check       reach both engines; show versions, TLS, roles, the eviction policy
  load-data   fill the shop: 10,000 products, 200,000 order lines
  compare     the same queries from the database and from the cache
  load        rising numbers of users, with and without the cache
  patterns    TTL, hit ratio, memory and eviction

Where the engines are:
  --config FILE          JSON, readable by you alone (chmod 600)
  --redis-url URL        redis://host:port, or rediss://host:port for TLS
  --mysql-url URL        mysql://user@host:port/database or mysql+plain:
  --reader-url URL       Redis reader endpoint
  --ca FILE              trust these certificates instead of the system's
  Passwords: in the config file, or in REDIS_PASSWORD and MYSQL_PASSWORD.

Output:
  --json                 JSON lines: progress, then one result
  --progress FILE        keep the newest progress line in FILE

Options of the commands:
  load-data  --seed N               another data set (default 20260930)
  compare    --rounds N             interleaved repetitions (default 5)
             --seconds-per-side S   per query and side, all rounds (default 0.9)
  load       --users LIST           default 1,10,50,100
             --seconds S            per stage and side (default 2)
             --skew S               Zipf exponent of the keys (default 0.99)
             --writes SHARE         0 to 1; a write invalidates (default 0)
             --query NAME           product, product-page or best-sellers
  load, compare, patterns:
             --connections N        pooled database connections (default 16)

Exit status: 0 done, 2 usage, 3 Redis unreachable, 4 MySQL unreachable,
5 wrong credentials or TLS, 6 measurement failed, 130 interrupted.
";

/// How to find the engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connect {
    /// A JSON file.
    File {
        /// Its path.
        path: PathBuf,
        /// `--ca`.
        ca: Option<PathBuf>,
    },
    /// URLs, with passwords from the environment.
    Urls {
        /// `--redis-url`.
        redis: String,
        /// `--mysql-url`.
        mysql: String,
        /// `--reader-url`.
        reader: Option<String>,
        /// `--ca`.
        ca: Option<PathBuf>,
    },
}

/// The subcommand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Reach both engines.
    Check,
    /// Fill the database.
    LoadData,
    /// Compare database and cache.
    Compare,
    /// Rising numbers of users.
    Load,
    /// TTL, hit ratio, memory, eviction.
    Patterns,
}

impl Command {
    /// The name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::LoadData => "load-data",
            Self::Compare => "compare",
            Self::Load => "load",
            Self::Patterns => "patterns",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Check, Self::LoadData, Self::Compare, Self::Load, Self::Patterns]
            .into_iter()
            .find(|command| command.name() == name)
    }
}

/// The options of the measurements, with their defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// Seed of the data set.
    pub seed: u64,
    /// Interleaved repetitions of `compare`.
    pub rounds: u32,
    /// Time per query and side of `compare`, over all rounds.
    pub per_side: Duration,
    /// Users per stage of `load`.
    pub users: Vec<u32>,
    /// Time per stage and side of `load`.
    pub stage: Duration,
    /// Zipf exponent.
    pub skew: f64,
    /// Share of requests that write, 0 to 1.
    pub writes: f64,
    /// The query that `load` runs.
    pub query: String,
    /// Pooled database connections.
    pub connections: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            seed: crate::dataset::DEFAULT_SEED,
            rounds: 5,
            per_side: Duration::from_millis(900),
            users: vec![1, 10, 50, 100],
            stage: Duration::from_secs(2),
            skew: 0.99,
            writes: 0.0,
            query: "product".into(),
            connections: 16,
        }
    }
}

/// A complete command line.
#[derive(Debug, Clone, PartialEq)]
pub struct Args {
    /// The subcommand.
    pub command: Command,
    /// How to find the engines.
    pub connect: Connect,
    /// Print JSON lines.
    pub json: bool,
    /// Where the newest progress line goes.
    pub progress: Option<PathBuf>,
    /// Options of the measurements.
    pub tuning: Tuning,
}

/// What a command line asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// Run a command.
    Run(Box<Args>),
    /// Print [`HELP`].
    Help,
    /// Print the version.
    Version,
}

/// Parses the arguments after the program's name.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Parsed, Failure> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut command = None;
    let mut tuning = Tuning::default();
    let (mut config, mut redis, mut mysql, mut reader, mut ca) = (None, None, None, None, None);
    let (mut json, mut progress) = (false, None);
    let mut given: Vec<(&str, &[Command])> = Vec::new();
    while let Some(arg) = parser.next().map_err(say)? {
        match arg {
            Short('h') | Long("help") => return Ok(Parsed::Help),
            Short('V') | Long("version") => return Ok(Parsed::Version),
            Long("config") => config = Some(PathBuf::from(parser.value().map_err(say)?)),
            Long("redis-url") => redis = Some(text(&mut parser)?),
            Long("mysql-url") => mysql = Some(text(&mut parser)?),
            Long("reader-url") => reader = Some(text(&mut parser)?),
            Long("ca") => ca = Some(PathBuf::from(parser.value().map_err(say)?)),
            Long("json") => json = true,
            Long("progress") => progress = Some(PathBuf::from(parser.value().map_err(say)?)),
            Long("seed") => {
                tuning.seed = number(&mut parser, "--seed", 0, u64::MAX)?;
                given.push(("--seed", &[Command::LoadData]));
            }
            Long("rounds") => {
                tuning.rounds = number(&mut parser, "--rounds", 1, 100)? as u32;
                given.push(("--rounds", &[Command::Compare]));
            }
            Long("seconds-per-side") => {
                tuning.per_side =
                    Duration::from_secs_f64(decimal(&mut parser, "--seconds-per-side", 0.05, 600.0)?);
                given.push(("--seconds-per-side", &[Command::Compare]));
            }
            Long("users") => {
                tuning.users = users(&text(&mut parser)?)?;
                given.push(("--users", &[Command::Load]));
            }
            Long("seconds") => {
                tuning.stage = Duration::from_secs_f64(decimal(&mut parser, "--seconds", 0.1, 600.0)?);
                given.push(("--seconds", &[Command::Load]));
            }
            Long("skew") => {
                tuning.skew = decimal(&mut parser, "--skew", 0.0, 5.0)?;
                given.push(("--skew", &[Command::Load]));
            }
            Long("writes") => {
                tuning.writes = decimal(&mut parser, "--writes", 0.0, 1.0)?;
                given.push(("--writes", &[Command::Load]));
            }
            Long("query") => {
                tuning.query = text(&mut parser)?;
                if crate::queries::Query::from_id(&tuning.query).is_none() {
                    return Err(Failure::usage(
                        "--query: there is no such query.",
                        "Choose product, product-page or best-sellers.",
                    ));
                }
                given.push(("--query", &[Command::Load]));
            }
            Long("connections") => {
                tuning.connections = number(&mut parser, "--connections", 1, 1000)? as usize;
                given.push(("--connections", &[Command::Load, Command::Compare, Command::Patterns]));
            }
            Value(name) if command.is_none() => {
                let name = name.to_string_lossy();
                command = Some(Command::from_name(&name).ok_or_else(|| {
                    Failure::usage(
                        format!("There is no command `{name}`."),
                        "Choose check, load-data, compare, load or patterns; see cache-demo --help.",
                    )
                })?);
            }
            other => return Err(say(other.unexpected())),
        }
    }
    let command = command.ok_or_else(|| {
        Failure::usage("The command is missing.", "Choose check, load-data, compare, load or patterns.")
    })?;
    if let Some((option, owners)) = given.iter().find(|(_, owners)| !owners.contains(&command)) {
        let owners: Vec<&str> = owners.iter().map(|owner| owner.name()).collect();
        return Err(Failure::usage(
            format!("{option} does nothing for {}.", command.name()),
            format!("It belongs to: {}.", owners.join(", ")),
        ));
    }
    let connect = match (config, redis, mysql) {
        (Some(path), None, None) if reader.is_none() => Connect::File { path, ca },
        (None, Some(redis), Some(mysql)) => Connect::Urls { redis, mysql, reader, ca },
        (None, _, _) => {
            return Err(Failure::usage(
                "The engines are not named.",
                "Give --config FILE, or both --redis-url and --mysql-url.",
            ));
        }
        (Some(_), _, _) => {
            return Err(Failure::usage(
                "--config and URLs exclude each other.",
                "Give the one or the others.",
            ));
        }
    };
    Ok(Parsed::Run(Box::new(Args { command, connect, json, progress, tuning })))
}

fn say(error: lexopt::Error) -> Failure {
    // A value may be a URL with a password that we are about to refuse: only the option's name is repeated.
    let what = match error {
        lexopt::Error::MissingValue { option: Some(option) } => format!("{option} needs a value."),
        lexopt::Error::UnexpectedOption(option) => format!("There is no option {option}."),
        lexopt::Error::UnexpectedValue { option, .. } => format!("{option} takes no value."),
        _ => "An argument was not expected.".to_owned(),
    };
    Failure::usage(what, "See cache-demo --help.")
}

fn text(parser: &mut lexopt::Parser) -> Result<String, Failure> {
    parser
        .value()
        .map_err(say)?
        .into_string()
        .map_err(|_| Failure::usage("A value is not valid UTF-8.", "See cache-demo --help."))
}

fn number(parser: &mut lexopt::Parser, option: &str, low: u64, high: u64) -> Result<u64, Failure> {
    text(parser)?.parse::<u64>().ok().filter(|n| (low..=high).contains(n)).ok_or_else(|| {
        Failure::usage(
            format!("{option} needs a whole number from {low} to {high}."),
            "See cache-demo --help.",
        )
    })
}

fn decimal(parser: &mut lexopt::Parser, option: &str, low: f64, high: f64) -> Result<f64, Failure> {
    // NaN is in no range.
    text(parser)?.parse::<f64>().ok().filter(|n| (low..=high).contains(n)).ok_or_else(|| {
        Failure::usage(format!("{option} needs a number from {low} to {high}."), "See cache-demo --help.")
    })
}

fn users(list: &str) -> Result<Vec<u32>, Failure> {
    let users: Option<Vec<u32>> =
        list.split(',').map(|n| n.trim().parse::<u32>().ok().filter(|n| (1..=10_000).contains(n))).collect();
    users.filter(|users| users.len() <= 20).ok_or_else(|| {
        Failure::usage(
            "--users needs up to 20 numbers from 1 to 10000, separated by commas.",
            "Example: --users 1,10,50",
        )
    })
}

#[cfg(test)]
#[path = "args_tests.rs"]
mod tests;
