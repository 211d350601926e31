//! `man`: the manual pages, one for each command, from the very description that `--help` prints.

use crate::error::{CommandError, Kind};
use crate::paths::write_whole;
use crate::ui::{self, Terminal};
use clap::{Args, Command};
use clap_mangen::Man;
use std::fmt::Write as _;
use std::path::PathBuf;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk man | man -l -
  recipe-walk man --output man1";

/// Options of `man`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ManArgs {
    /// Directory for all pages
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Prints the main page, or writes all of them into a directory.
pub(crate) fn run(args: &ManArgs, mut root: Command, terminal: &Terminal) -> Result<(), CommandError> {
    let failed = |error: &std::io::Error| {
        CommandError::new(Kind::Disk, format!("the manual pages cannot be written: {error}"))
    };
    root.build();
    let Some(dir) = &args.output else {
        ui::raw(&page(&root, "recipe-walk").map_err(|e| failed(&e))?);
        return Ok(());
    };
    std::fs::create_dir_all(dir).map_err(|e| failed(&e))?;
    let mut pages = Vec::new();
    collect(&root, "recipe-walk", &mut pages);
    for (name, command) in &pages {
        let text = page(command, name).map_err(|e| failed(&e))?;
        write_whole(&dir.join(format!("{name}.1")), text.as_bytes()).map_err(|e| failed(&e))?;
    }
    terminal.say(&format!("{} manual pages are in {}.", pages.len(), dir.display()));
    Ok(())
}

fn collect<'a>(command: &'a Command, name: &str, pages: &mut Vec<(String, &'a Command)>) {
    pages.push((name.to_owned(), command));
    for sub in command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages);
    }
}

/// One page. What follows the options in `--help` keeps its lines: it is examples and tables.
fn page(command: &Command, name: &str) -> std::io::Result<String> {
    let source = concat!("recipe-walk ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).title(name.to_uppercase()).source(source).manual("recipe-walk");
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    if command.get_arguments().any(|a| !a.is_hide_set()) {
        man.render_options_section(&mut out)?;
    }
    if command.get_subcommands().any(|c| !c.is_hide_set()) {
        man.render_subcommands_section(&mut out)?;
    }
    let mut text = String::from_utf8_lossy(&out).into_owned();
    let after = command.get_after_long_help().or(command.get_after_help());
    text += &after.map(|help| sections(&help.to_string())).unwrap_or_default();
    if name != "recipe-walk" {
        text += ".SH \"SEE ALSO\"\n\\fBrecipe\\-walk\\fR(1)\n";
    }
    Ok(text)
}

/// Lines that end with a colon and begin at the margin are headings.
fn sections(help: &str) -> String {
    let mut out = String::new();
    let mut open = false;
    for line in help.lines() {
        let heading = line.strip_suffix(':').filter(|l| !l.is_empty() && !l.starts_with(' '));
        if let Some(heading) = heading {
            if open {
                out += ".fi\n";
            }
            let _ = write!(out, ".SH \"{}\"\n.nf\n", safe(&heading.to_uppercase()));
            open = true;
        } else if open {
            out += &safe(line.strip_prefix("  ").unwrap_or(line));
            out.push('\n');
        } else if !line.is_empty() {
            let _ = writeln!(out, "{}", safe(line));
        }
    }
    if open {
        out += ".fi\n";
    }
    out
}

/// Text that roff does not take for its own.
fn safe(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('"', "\\(dq");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_examples() {
        let mut root = crate::cli::definition();
        root.build();
        let mut pages = Vec::new();
        collect(&root, "recipe-walk", &mut pages);
        assert!(pages.len() > 20, "{}", pages.len());
        for (name, command) in pages {
            let text = page(command, &name).expect("written");
            assert!(text.contains(".SH \"EXAMPLE"), "{name} has no example:\n{text}");
            assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{name}");
        }
    }

    #[test]
    fn what_roff_would_obey_is_text() {
        assert_eq!(safe(".x"), "\\&.x");
        assert_eq!(safe("a\\b-c \"d\""), "a\\eb\\-c \\(dqd\\(dq");
        assert_eq!(
            sections("Examples:\n  a\n\nExit status:\n  0 ok"),
            ".SH \"EXAMPLES\"\n.nf\na\n\n.fi\n.SH \"EXIT STATUS\"\n.nf\n0 ok\n.fi\n"
        );
    }
}
