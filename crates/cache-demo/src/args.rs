//! The command line. Written by hand over `lexopt`, because the binary is sent to an instance in pieces.

use crate::command::Command;
use crate::config::Connect;
use crate::error::Failure;
use crate::measure::report::Format;
use crate::tuning::Tuning;
use lexopt::prelude::*;
use recipe_walk_measurements::visible::one_line;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
cache-demo measures what a Redis cache in front of MySQL is worth.

Usage: cache-demo <command> [options]

Commands:
  check          reach both engines; show versions, TLS, roles, policy
  load-data      fill the shop: 10,000 products, 200,000 order lines
  compare        the same queries from the database and from the cache
  load           rising numbers of users, with and without the cache
  patterns       TTL, hit ratio, memory and eviction
  failover       load while you promote the replica: what users notice
Experiments, each with a table of before and after:
  stampede       1,000 waiters on one cold key, with and without single-flight
  write-through  a write invalidates the key, or replaces its value
  warming        a cold start, and one with the hot keys loaded before
  invalidation   who tells the caches: nobody, the application, triggers
  ttl-sweep      hit ratio and staleness against TTL
  eviction       which keys survive a full memory, under LRU and LFU

Where the engines are:
  --config FILE          JSON, readable by you alone (chmod 600)
  --redis-url URL        redis://host:port, or rediss://host:port for TLS;
                         user@ before the host for a user of its ACL
  --mysql-url URL        mysql://user@host:port/database or mysql+plain:
  --reader-url URL       Redis reader endpoint
  --ca FILE              trust these certificates instead of the system's
  Passwords: in the config file, or in REDIS_PASSWORD and MYSQL_PASSWORD.
  A user of Redis besides the default one: \"user\" in the config file, in the
  URL, or in REDIS_USER.

Output:
  --json                 JSON lines: progress, then one result
  --csv                  the result as CSV
  --progress FILE        keep the newest progress line in FILE

Options of the commands:
  load-data  --seed N               another data set (default 20260930)
  compare    --rounds N             interleaved repetitions (default 5)
             --seconds-per-side S   per query and side, all rounds (default 0.9)
  load       --users LIST           default 1,10,100,1000; up to 10,000
             --rate LIST            arrivals per second instead (open loop)
             --think-ms N           mean time between requests (default 0)
             --repeats N            interleaved parts of each stage (default 2)
             --skew S               Zipf exponent of the keys (default 0.99)
             --query NAME           product, product-page or best-sellers
             --ttl-s S              how long values live (default 300)
             --keep-s S             serve them so long past that while the
                                    database has no answer (default 0)
             --revalidate-s S       serve them so long past that while they are
                                    loaded anew (default 0)
  failover   --reader-share SHARE   of reads, from the reader endpoint (0.5)
  stampede   --waiters N            default 1000
  eviction   --may-configure        compare both policies with CONFIG SET, and
                                    restore the settings (your own server only)
             --policies LIST        compare these; without --may-configure it
                                    waits until you have set each of them
  load, failover and the experiments with users:
             --seconds S            per stage or case (2); of failover (300)
             --users N              failover 50, experiments 20 or 50
             --writes SHARE         0 to 1 (load 0, failover 0.05, others 0.02)
  all but check and load-data:
             --connections N        pooled database connections (default 16)
             --key-version N        in every key: a new one starts from empty,
                                    and old values go with their TTL (default 1)

Exit status: 0 done, 2 usage, 3 Redis unreachable, 4 MySQL unreachable,
5 wrong credentials or TLS, 6 measurement failed, 130 interrupted.
";

/// A complete command line.
#[derive(Debug, Clone, PartialEq)]
pub struct Args {
    /// The subcommand.
    pub command: Command,
    /// How to find the engines.
    pub connect: Connect,
    /// How to print the result.
    pub format: Format,
    /// Where the newest progress line goes.
    pub progress: Option<PathBuf>,
    /// Options of the measurements.
    pub tuning: Tuning,
}

/// An option that only some commands have, and how it changes their tuning.
type Change = Box<dyn FnOnce(&mut Tuning)>;

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

/// Commands with users of their own.
const WITH_USERS: &[Command] = &[
    Command::Load,
    Command::Failover,
    Command::WriteThrough,
    Command::Warming,
    Command::Invalidation,
    Command::TtlSweep,
];
/// Commands whose users write.
const WRITING: &[Command] =
    &[Command::Load, Command::Failover, Command::WriteThrough, Command::Invalidation, Command::TtlSweep];

/// Stages of `load` in one run.
const MOST_STAGES: usize = 20;
/// Characters of a number.
const LONGEST_NUMBER: usize = 20;

static ALL: [Command; 12] = Command::ALL;
/// Commands that measure with the pool: all but `check` and `load-data`.
static POOLED: &[Command] = ALL.split_at(2).1;

/// Parses the arguments after the program's name.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Parsed, Failure> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut command = None;
    let (mut config, mut redis, mut mysql, mut reader, mut ca) = (None, None, None, None, None);
    let (mut json, mut csv, mut progress) = (false, false, None);
    let mut given: Vec<(&str, &[Command], Change)> = Vec::new();
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
            Long("csv") => csv = true,
            Long("progress") => progress = Some(PathBuf::from(parser.value().map_err(say)?)),
            Long(name) => {
                let name = name.to_owned();
                given.push(option(&name, &mut parser)?);
            }
            Value(name) if command.is_none() => {
                let name = name.to_string_lossy();
                command = Some(Command::from_name(&name).ok_or_else(|| {
                    Failure::usage(
                        format!("There is no command `{}`.", shown(&name)),
                        format!("Choose one of {}; see cache-demo --help.", crate::command::names()),
                    )
                })?);
            }
            other => return Err(say(other.unexpected())),
        }
    }
    let command = command.ok_or_else(|| {
        Failure::usage("The command is missing.", format!("Choose one of {}.", crate::command::names()))
    })?;
    if let Some((option, owners, _)) = given.iter().find(|(_, owners, _)| !owners.contains(&command)) {
        let owners: Vec<&str> = owners.iter().map(|owner| owner.name()).collect();
        return Err(Failure::usage(
            format!("{option} does nothing for {}.", command.name()),
            format!("It belongs to: {}.", owners.join(", ")),
        ));
    }
    let mut tuning = Tuning::of(command);
    for (_, _, change) in given {
        change(&mut tuning);
    }
    if command != Command::Load && tuning.users.len() != 1 && WITH_USERS.contains(&command) {
        return Err(Failure::usage(
            format!("{} takes one number of --users.", command.name()),
            "Example: --users 50",
        ));
    }
    let format = match (json, csv) {
        (false, false) => Format::Text,
        (true, false) => Format::Json,
        (false, true) => Format::Csv,
        (true, true) => {
            return Err(Failure::usage("--json and --csv exclude each other.", "Give the one or the other."));
        }
    };
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
    Ok(Parsed::Run(Box::new(Args { command, connect, format, progress, tuning })))
}

/// An option of some commands.
fn option(
    name: &str,
    parser: &mut lexopt::Parser,
) -> Result<(&'static str, &'static [Command], Change), Failure> {
    let seconds = Duration::from_secs_f64;
    Ok(match name {
        "seed" => {
            let seed = number(parser, "--seed", 0, u64::MAX)?;
            ("--seed", &[Command::LoadData], Box::new(move |t| t.seed = seed))
        }
        "rounds" => {
            let rounds = number(parser, "--rounds", 1, 100)? as u32;
            ("--rounds", &[Command::Compare], Box::new(move |t| t.rounds = rounds))
        }
        "seconds-per-side" => {
            let time = seconds(decimal(parser, "--seconds-per-side", 0.05, 600.0)?);
            ("--seconds-per-side", &[Command::Compare], Box::new(move |t| t.per_side = time))
        }
        "users" => {
            let users = list(&text(parser)?, "--users", 10_000)?;
            ("--users", WITH_USERS, Box::new(move |t| t.users = users))
        }
        "rate" => {
            let rates = list(&text(parser)?, "--rate", 200_000)?;
            ("--rate", &[Command::Load], Box::new(move |t| t.rates = rates))
        }
        "think-ms" => {
            let think = Duration::from_millis(number(parser, "--think-ms", 0, 60_000)?);
            ("--think-ms", &[Command::Load], Box::new(move |t| t.think = think))
        }
        "repeats" => {
            let repeats = number(parser, "--repeats", 1, 100)? as u32;
            ("--repeats", &[Command::Load], Box::new(move |t| t.repeats = repeats))
        }
        "seconds" => {
            let time = seconds(decimal(parser, "--seconds", 0.1, 3600.0)?);
            ("--seconds", WITH_USERS, Box::new(move |t| t.stage = time))
        }
        "ttl-s" => {
            let time = seconds(decimal(parser, "--ttl-s", 0.01, 86_400.0)?);
            ("--ttl-s", &[Command::Load], Box::new(move |t| t.ttl = time))
        }
        "keep-s" => {
            let time = seconds(decimal(parser, "--keep-s", 0.0, 86_400.0)?);
            ("--keep-s", &[Command::Load], Box::new(move |t| t.keep = time))
        }
        "revalidate-s" => {
            let time = seconds(decimal(parser, "--revalidate-s", 0.0, 86_400.0)?);
            ("--revalidate-s", &[Command::Load], Box::new(move |t| t.revalidate = time))
        }
        "skew" => {
            let skew = decimal(parser, "--skew", 0.0, 5.0)?;
            ("--skew", &[Command::Load], Box::new(move |t| t.skew = skew))
        }
        "writes" => {
            let writes = decimal(parser, "--writes", 0.0, 1.0)?;
            ("--writes", WRITING, Box::new(move |t| t.writes = writes))
        }
        "query" => {
            let query = text(parser)?;
            if crate::shop::queries::Query::from_id(&query).is_none() {
                return Err(Failure::usage(
                    "--query: there is no such query.",
                    "Choose product, product-page or best-sellers.",
                ));
            }
            ("--query", &[Command::Load], Box::new(move |t| t.query = query))
        }
        "reader-share" => {
            let share = decimal(parser, "--reader-share", 0.0, 1.0)?;
            ("--reader-share", &[Command::Failover], Box::new(move |t| t.reader_share = share))
        }
        "waiters" => {
            let waiters = number(parser, "--waiters", 2, 100_000)? as u32;
            ("--waiters", &[Command::Stampede], Box::new(move |t| t.waiters = waiters))
        }
        "policies" => {
            let policies = policies(&text(parser)?)?;
            ("--policies", &[Command::Eviction], Box::new(move |t| t.policies = policies))
        }
        "may-configure" => ("--may-configure", &[Command::Eviction], Box::new(|t| t.may_configure = true)),
        "key-version" => {
            let version = number(parser, "--key-version", 1, u64::from(u32::MAX))? as u32;
            ("--key-version", POOLED, Box::new(move |t| t.key_version = version))
        }
        "connections" => {
            let connections = number(parser, "--connections", 1, 1000)? as usize;
            ("--connections", POOLED, Box::new(move |t| t.connections = connections))
        }
        _ => {
            return Err(Failure::usage(
                format!("There is no option '--{}'.", shown(name)),
                "See cache-demo --help.",
            ));
        }
    })
}

fn say(error: lexopt::Error) -> Failure {
    // A value may be a URL with a password that we are about to refuse: only the option's name is repeated.
    let what = match error {
        lexopt::Error::MissingValue { option: Some(option) } => format!("{} needs a value.", shown(&option)),
        lexopt::Error::UnexpectedOption(option) => format!("There is no option {}.", shown(&option)),
        lexopt::Error::UnexpectedValue { option, .. } => format!("{} takes no value.", shown(&option)),
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
    whole(&text(parser)?).filter(|n| (low..=high).contains(n)).ok_or_else(|| {
        Failure::usage(
            format!("{option} needs a whole number from {low} to {high}."),
            "See cache-demo --help.",
        )
    })
}

fn decimal(parser: &mut lexopt::Parser, option: &str, low: f64, high: f64) -> Result<f64, Failure> {
    let text = text(parser)?;
    // Neither signs nor exponents, and neither `inf` nor `NaN`.
    let plain = text.len() <= LONGEST_NUMBER && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number = plain.then(|| text.parse::<f64>().ok()).flatten();
    number.filter(|n| (low..=high).contains(n)).ok_or_else(|| {
        Failure::usage(format!("{option} needs a number from {low} to {high}."), "See cache-demo --help.")
    })
}

/// A whole number in digits alone: what reaches this program may have been written by anybody.
fn whole(text: &str) -> Option<u64> {
    let digits = text.len() <= LONGEST_NUMBER && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn list(text: &str, option: &str, high: u32) -> Result<Vec<u32>, Failure> {
    // Written in one way only: no sign, no zero in front, no blank, as a recipe's rule for a list has it. One more than is
    // taken tells that there are too many; a list without end is not read to its end.
    let number = |text: &str| {
        let number = whole(text).and_then(|n| u32::try_from(n).ok())?;
        ((1..=high).contains(&number) && number.to_string() == text).then_some(number)
    };
    let numbers: Option<Vec<u32>> = text.split(',').take(MOST_STAGES + 1).map(number).collect();
    numbers.filter(|numbers| numbers.len() <= MOST_STAGES).ok_or_else(|| {
        Failure::usage(
            format!(
                "{option} needs up to {MOST_STAGES} numbers from 1 to {high}, with commas between them and nothing else."
            ),
            format!("Example: {option} 1,10,50"),
        )
    })
}

/// What somebody typed, fit to be shown.
fn shown(text: &str) -> String {
    one_line(text, 40)
}

fn policies(text: &str) -> Result<Vec<String>, Failure> {
    let known = |name: &str| {
        name.strip_prefix("allkeys-")
            .or(name.strip_prefix("volatile-"))
            .is_some_and(|how| ["lru", "lfu", "random", "ttl"].contains(&how))
    };
    let names: Vec<String> = text.split(',').take(5).map(str::to_owned).collect();
    if names.len() <= 4 && names.iter().all(|name| known(name)) {
        return Ok(names);
    }
    Err(Failure::usage(
        "--policies needs up to four policies that evict, separated by commas.",
        "Example: --policies allkeys-lru,allkeys-lfu",
    ))
}

#[cfg(test)]
#[path = "args_tests.rs"]
mod tests;
