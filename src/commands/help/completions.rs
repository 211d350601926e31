//! `completions`: what a shell needs to complete our commands and options.

use crate::ui;
use clap::{Args, Command};
use clap_complete::Shell;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk completions bash > ~/.local/share/bash-completion/completions/recipe-walk
  recipe-walk completions zsh > ~/.zfunc/_recipe-walk
  recipe-walk completions fish > ~/.config/fish/completions/recipe-walk.fish";

/// Options of `completions`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

/// Prints the completions of the whole command line.
pub(crate) fn run(args: &CompletionsArgs, mut line: Command) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut line, "recipe-walk", &mut script);
    ui::raw(&String::from_utf8_lossy(&script));
}
