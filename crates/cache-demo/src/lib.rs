//! A cache-aside demo over Redis and MySQL that measures what the cache is worth. It knows nothing of AWS.
//!
//! The parts that an application could take over: [`cache`] (get-or-load with single-flight, jitter, negative
//! caching and a stated behaviour when the cache is down), [`breaker`], [`single_flight`], [`redis_side`] (one
//! multiplexed connection) and [`mysql_side`] (a bounded pool over a blocking client). The rest are measurements, one
//! file a command.

pub mod answer;
pub mod args;
pub mod breaker;
pub mod cache;
pub mod check;
pub mod compare;
pub mod config;
pub mod counters;
pub mod dataset;
pub mod endpoint;
pub mod entry;
pub mod error;
pub mod eviction;
pub mod load;
pub mod load_data;
pub mod local;
pub mod measure;
pub mod mysql_side;
pub mod noise;
pub mod patterns;
pub mod policy;
pub mod progress;
pub mod queries;
pub mod random;
pub mod redis_side;
pub mod report;
pub mod secret;
pub mod session;
mod shelf;
pub mod single_flight;
pub mod stop;
pub mod table;
pub mod tls;

use args::{Args, Command, Parsed};
use config::Config;
use error::{EXIT_INTERRUPTED, Failure};
use progress::Progress;
use report::Report;
use session::Session;
use std::ffi::OsString;
use stop::Stop;
use tokio::signal::unix::{SignalKind, signal};

/// Runs a command line (without the program's name) and returns the exit status.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    // A usage failure comes before we know the options; whoever wrote --json still wants JSON.
    let json = args.iter().any(|arg| arg == "--json");
    match args::parse(args) {
        Ok(Parsed::Help) => {
            report::out(args::HELP);
            0
        }
        Ok(Parsed::Version) => {
            report::out(concat!("cache-demo ", env!("CARGO_PKG_VERSION"), "\n"));
            0
        }
        Ok(Parsed::Run(args)) => start(*args),
        Err(failure) => {
            report::print_failure(&failure, json);
            failure.kind.exit()
        }
    }
}

fn start(args: Args) -> u8 {
    let json = args.json;
    tls::install_provider();
    // One thread: with the engines on the same small machine, a second one takes their processor away.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(dispatch(args));
            // A name lookup or handshake that hangs must not keep the process alive.
            runtime.shutdown_background();
            outcome
        }
        Err(e) => Err(Failure::measurement(
            format!("The runtime cannot start: {e}."),
            "The system is at its limit of files or threads.",
            "Look at `ulimit -a`.",
        )),
    };
    outcome.unwrap_or_else(|failure| {
        report::print_failure(&failure, json);
        failure.kind.exit()
    })
}

async fn dispatch(args: Args) -> Result<u8, Failure> {
    let config = Config::resolve(&args.connect, |name| std::env::var(name).ok())?;
    let stop = Stop::default();
    watch_signals(stop.clone())?;
    let progress = Progress::new(args.json, args.progress.clone());
    let opened = stop.or(Session::open(config, args.tuning.clone(), progress, stop.clone())).await;
    let Some(session) = opened.transpose()? else { return Ok(EXIT_INTERRUPTED) };
    let (kind, json) = (args.command.name(), args.json);
    match args.command {
        Command::Check => {
            Ok(finish(kind, session.stop.or(check::run(&session)).await.transpose()?.as_ref(), json, &stop))
        }
        Command::LoadData => Ok(finish(kind, load_data::run(&session).await?.as_ref(), json, &stop)),
        // The others look at the request themselves and return what they have.
        Command::Compare => Ok(finish(kind, Some(&compare::run(&session).await?), json, &stop)),
        Command::Load => Ok(finish(kind, Some(&load::run(&session).await?), json, &stop)),
        Command::Patterns => Ok(finish(kind, Some(&patterns::run(&session).await?), json, &stop)),
    }
}

fn finish<R: Report>(kind: &'static str, result: Option<&R>, json: bool, stop: &Stop) -> u8 {
    let interrupted = stop.is_requested();
    if let Some(result) = result {
        report::print(kind, result, json, interrupted);
    }
    if interrupted || result.is_none() { EXIT_INTERRUPTED } else { 0 }
}

/// The first signal asks politely; a second one ends the process as if it had not been caught.
fn watch_signals(stop: Stop) -> Result<(), Failure> {
    let listen = |kind| {
        signal(kind)
            .map_err(|e| Failure::measurement(format!("Cannot watch for signals: {e}."), "", "Try again."))
    };
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    tokio::spawn(async move {
        for turn in 0.. {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            stop.request();
            if turn > 0 {
                #[expect(clippy::disallowed_methods, reason = "asked twice: nothing to save, no lock held")]
                std::process::exit(i32::from(EXIT_INTERRUPTED));
            }
        }
    });
    Ok(())
}
