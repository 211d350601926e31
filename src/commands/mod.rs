//! The commands, one file each: its options and what it does.

mod author;
mod board;
mod cleanup;
mod demo;
mod doctor;
mod handover;
mod help;
mod lab;
mod policy;
mod report;
mod resume;
mod sandbox;
mod sessions;
mod status;
mod walk;

use crate::config::Config;
use crate::error::CommandError;
use crate::signals::OnSignal;
use crate::ui::Terminal;
use author::{check, kinds, new};
use clap::Subcommand;
use help::{completions, environment, man};
use sandbox::SandboxCommand;

pub(crate) use walk::WalkArgs;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Walk the recipe (the default)
    #[command(after_help = walk::EXAMPLES)]
    Walk(WalkArgs),
    /// Go on with a session that was stopped
    #[command(after_help = resume::EXAMPLES)]
    Resume(resume::ResumeArgs),
    /// List the sessions of this machine, or those in the account
    #[command(after_help = sessions::EXAMPLES)]
    Sessions(sessions::SessionsArgs),
    /// Show what is known about a session
    #[command(after_help = status::EXAMPLES)]
    Status(status::StatusArgs),
    /// Delete what a session made, and prove that nothing is left
    #[command(after_help = cleanup::EXAMPLES)]
    Cleanup(cleanup::CleanupArgs),
    /// Write a report to take home: what was built, measured, spent and deleted
    #[command(after_help = report::EXAMPLES)]
    Report(report::ReportArgs),
    /// Print the AWS CLI line of everything that a session did
    #[command(after_help = report::TRANSCRIPT_EXAMPLES)]
    Transcript(report::TranscriptArgs),
    /// Watch a class: who is at which step, who is stuck, what it costs
    #[command(after_help = board::EXAMPLES)]
    Board(board::BoardArgs),
    /// Print the one line with which a session goes on at another machine
    #[command(after_help = handover::EXAMPLES)]
    Handover(handover::HandoverArgs),
    /// Copy the recipe, to make your own of it
    #[command(after_help = new::EXAMPLES)]
    New(new::NewArgs),
    /// Break something on purpose, on the sandbox, and mend it
    #[command(after_help = lab::EXAMPLES)]
    Lab(lab::LabArgs),
    /// Check a recipe: the embedded one, or that of a directory
    #[command(after_help = check::EXAMPLES)]
    Check(check::CheckArgs),
    /// List what recipes can be made of, or show one kind with its fields
    #[command(after_help = kinds::EXAMPLES)]
    Kinds(kinds::KindsArgs),
    /// Look at what this machine and this account can do, before anything is made
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::DoctorArgs),
    /// Print the IAM policy that a walk on AWS needs
    #[command(after_help = policy::EXAMPLES)]
    Policy(policy::PolicyArgs),
    /// Run and look at the sandbox: an AWS-compatible endpoint on this machine
    #[command(subcommand, after_help = sandbox::EXAMPLES)]
    Sandbox(SandboxCommand),
    /// Print what a shell needs to complete commands and options
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::CompletionsArgs),
    /// List the variables, files and signals that change what the program does
    #[command(after_help = environment::text())]
    Environment,
    /// Print the manual page, or write all of them
    #[command(after_help = man::EXAMPLES)]
    Man(man::ManArgs),
    /// Run the bundled demo against Redis and MySQL of your own
    #[command(disable_help_flag = true, after_help = demo::EXAMPLES)]
    Demo(demo::DemoArgs),
}

impl Command {
    /// Fills in what the command line leaves open.
    pub(crate) fn fill(&mut self, config: &Config) {
        match self {
            Self::Walk(args) => args.fill(config),
            Self::Resume(args) => args.fill(config),
            Self::Sessions(args) => args.fill(config),
            Self::Status(args) => args.fill(config),
            Self::Cleanup(args) => args.fill(config),
            Self::Board(args) => args.fill(config),
            Self::Doctor(args) => args.fill(config),
            Self::Report(_)
            | Self::Transcript(_)
            | Self::Handover(_)
            | Self::New(_)
            | Self::Lab(_)
            | Self::Check(_)
            | Self::Kinds(_)
            | Self::Policy(_)
            | Self::Sandbox(_)
            | Self::Completions(_)
            | Self::Environment
            | Self::Man(_)
            | Self::Demo(_) => {}
        }
    }

    /// Whether it works without the configuration: what helps to mend one does.
    pub(crate) fn needs_no_config(&self) -> bool {
        matches!(self, Self::Completions(_) | Self::Environment | Self::Man(_))
    }

    /// Whether standard output is for events alone.
    pub(crate) fn prints_events(&self) -> bool {
        match self {
            Self::Walk(args) => args.output.json,
            Self::Resume(args) => args.output.json,
            _ => false,
        }
    }

    /// Whether it serves, and so logs without being asked.
    pub(crate) fn serves(&self) -> bool {
        matches!(self, Self::Sandbox(SandboxCommand::Serve(_)))
    }

    /// What a signal means to it.
    pub(crate) fn on_signal(&self) -> OnSignal {
        match self {
            Self::Walk(_) | Self::Resume(_) | Self::Cleanup(_) | Self::Lab(_) => OnSignal::Gentle,
            Self::Sandbox(SandboxCommand::Serve(_)) => OnSignal::Own,
            Self::Board(_) => OnSignal::Leave,
            _ => OnSignal::AtOnce,
        }
    }

    /// Whether this program becomes another one: nothing of ours should be running by then.
    pub(crate) fn becomes_another(&self) -> Option<Result<(), CommandError>> {
        match self {
            Self::Demo(args) => Some(demo::run(args)),
            _ => None,
        }
    }

    /// Runs it. `line` describes the whole command line, for the commands that print it.
    pub(crate) async fn run(self, line: clap::Command, terminal: &Terminal) -> Result<(), CommandError> {
        // Where events are wanted, standard output is theirs alone.
        let terminal = &if self.prints_events() { terminal.aside() } else { terminal.clone() };
        match self {
            Self::Walk(args) => Box::pin(walk::run(args, terminal)).await,
            Self::Resume(args) => Box::pin(resume::run(args, terminal)).await,
            Self::Sessions(args) => sessions::run(&args, terminal).await,
            Self::Status(args) => status::run(&args, terminal).await,
            Self::Cleanup(args) => Box::pin(cleanup::run(args, terminal)).await,
            Self::Report(args) => report::run(&args, terminal),
            Self::Transcript(args) => report::run_transcript(&args),
            Self::Board(args) => board::run(args, terminal).await,
            Self::Handover(args) => handover::run(&args, terminal),
            Self::New(args) => new::run(&args, terminal),
            Self::Lab(args) => Box::pin(lab::run(&args, terminal)).await,
            Self::Check(args) => check::run(&args, terminal),
            Self::Kinds(args) => kinds::run(&args, terminal),
            Self::Doctor(args) => doctor::run(args, terminal).await,
            Self::Policy(args) => policy::run(&args),
            Self::Sandbox(command) => sandbox::run(command, terminal).await,
            Self::Completions(args) => {
                completions::run(&args, line);
                Ok(())
            }
            Self::Environment => {
                environment::run();
                Ok(())
            }
            Self::Man(args) => man::run(&args, line, terminal),
            Self::Demo(args) => demo::run(&args),
        }
    }
}
