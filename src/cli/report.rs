//! The command line of what is taken home: reports and transcripts.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One self-contained page
    #[default]
    Html,
    /// Markdown
    Md,
    /// Data for other programs
    Json,
}

/// Options of `report`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReportArgs {
    /// The session; without it: the only unfinished one, else the newest
    pub(crate) session: Option<String>,
    /// Form of the report
    #[arg(long, value_enum, value_name = "F", default_value = "html")]
    pub(crate) format: Format,
    /// File to write, or - for standard output; without it a page goes to SESSION.html here, anything else to standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Plain lines: no colour, no box drawing
    #[arg(long)]
    pub(crate) plain: bool,
}

/// Options of `transcript`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TranscriptArgs {
    /// The session; without it: the only unfinished one, else the newest
    pub(crate) session: Option<String>,
    /// JSON instead of a script
    #[arg(long)]
    pub(crate) json: bool,
}
