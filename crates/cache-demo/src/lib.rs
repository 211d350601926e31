//! A cache-aside demo over Redis and MySQL that measures what the cache is worth. It knows nothing of AWS.
//!
//! `cache` is what an application could take over, over the connections of `engines`; `shop` is what is measured,
//! `measure` is how, and `commands` has a file for each measurement.

pub mod args;
pub mod cache;
pub mod command;
pub mod commands;
pub mod config;
pub mod engines;
pub mod error;
pub mod measure;
pub mod random;
pub mod session;
pub mod shop;
pub mod stop;
pub mod tuning;

use args::{Args, Parsed};
use command::Command;
use commands::{
    check, compare, eviction, failover, invalidation, load, load_data, patterns, stampede, ttl_sweep,
    warming, write_through,
};
use config::Config;
use engines::tls;
use error::{EXIT_INTERRUPTED, Failure};
use measure::progress::Progress;
use measure::report::{self, Format};
use recipe_walk_measurements::Measurement;
use session::Session;
use std::ffi::OsString;
use stop::Stop;
use tokio::signal::unix::{SignalKind, signal};

/// Runs a command line (without the program's name) and returns the exit status.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    measure::noise::begin();
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
    let json = args.format == Format::Json;
    tls::install_provider();
    // It runs on one thread: with the engines on the same small machine, a second one takes their processor away.
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
    let progress = Progress::new(args.format == Format::Json, args.progress.clone());
    let opened = stop.or(Session::open(config, args.tuning.clone(), progress, stop.clone())).await;
    let Some(session) = opened.transpose()? else { return Ok(report::nothing()) };
    // All but the first two look at the request to stop themselves and return what they have.
    let measured = match args.command {
        Command::Check => session.stop.or(check::run(&session)).await.transpose()?.map(Measurement::Check),
        Command::LoadData => load_data::run(&session).await?.map(Measurement::LoadData),
        Command::Compare => Some(Measurement::Compare(compare::run(&session).await?)),
        Command::Load => Some(Measurement::Load(load::run(&session).await?.into())),
        Command::Patterns => Some(Measurement::Patterns(patterns::run(&session).await?)),
        Command::Failover => Some(Measurement::Failover(failover::run(&session).await?.into())),
        Command::Stampede => Some(Measurement::Stampede(stampede::run(&session).await?)),
        Command::WriteThrough => Some(Measurement::WriteThrough(write_through::run(&session).await?)),
        Command::Warming => Some(Measurement::Warming(warming::run(&session).await?)),
        Command::TtlSweep => Some(Measurement::TtlSweep(ttl_sweep::run(&session).await?)),
        Command::Invalidation => Some(Measurement::Invalidation(invalidation::run(&session).await?)),
        Command::Eviction => Some(Measurement::Eviction(eviction::run(&session).await?)),
    };
    Ok(finish(measured, args.format, stop.is_requested()))
}

fn finish(measured: Option<Measurement>, format: Format, interrupted: bool) -> u8 {
    let Some(measurement) = measured else { return report::nothing() };
    let failure = measurement.error().cloned();
    report::print(measurement, format, interrupted);
    match failure {
        // The result holds the failure and stays the last line of output, so the failure itself goes to standard error alone.
        Some(failure) => {
            report::print_failure(&failure, false);
            failure.kind.exit()
        }
        None if interrupted => EXIT_INTERRUPTED,
        None => 0,
    }
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
