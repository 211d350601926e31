//! `completions`: what a shell needs to complete our commands and options.

use crate::cli::Cli;
use crate::ui;
use clap::CommandFactory as _;
use clap_complete::Shell;

/// Prints the completions.
pub(crate) fn completions(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "recipe-walk", &mut script);
    ui::raw(&String::from_utf8_lossy(&script));
}
