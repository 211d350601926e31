//! The sandbox's engines: looked for, and installed with the person's consent.

use crate::error::{CommandError, Kind};
use crate::options::CacheEngine;
use crate::ui::Terminal;
use crate::ui::prompt::Unanswered;
use recipe_walk_engine::shell::Typed;
use recipe_walk_sandbox::Preference;
use recipe_walk_sandbox::engines::tools::{self, Missing, Tools};

/// The sandbox's word for a wish.
pub(crate) fn preference(engine: Option<CacheEngine>) -> Preference {
    match engine {
        None => Preference::Any,
        Some(CacheEngine::Redis) => Preference::Redis,
        Some(CacheEngine::Valkey) => Preference::Valkey,
    }
}

/// Looks for the engines off the asynchronous workers: each candidate is run once.
pub(crate) fn look(preference: Preference) -> Tools {
    tokio::task::block_in_place(|| tools::find(preference))
}

/// Makes sure that the engines are there.
pub(crate) async fn ensure(
    preference: Preference,
    yes: bool,
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let missing = look(preference).missing();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(commands) = install_commands(&missing) else {
        return Err(not_there(&missing)
            .means("This machine has no package manager that recipe-walk knows, or you may not use it.")
            .next("recipe-walk doctor"));
    };
    let shown = in_turn(&commands);
    terminal.say("The sandbox runs real engines, and this machine lacks:");
    for thing in &missing {
        terminal.say(&format!("  - {}", thing.what));
    }
    terminal.say("This command installs them:");
    terminal.command(&shown);
    if !yes {
        terminal.must_answer(shown.clone())?;
        match terminal.confirm("Run it now?") {
            Ok(true) => {}
            Ok(false) => return Err(not_there(&missing).means("Nothing was installed.").next(shown)),
            Err(Unanswered) => return Err(CommandError::nothing_begun()),
        }
    }
    for command in &commands {
        let status = run(command).await;
        terminal.check_interrupt()?;
        // An update may fail in part (one mirror of several) and the installation still succeed.
        let last = commands.last() == Some(command);
        match status {
            Ok(true) => {}
            Ok(false) if !last => {}
            Ok(false) => {
                return Err(not_there(&missing)
                    .means("The package manager did not install them; its own words are above.")
                    .next(shown));
            }
            Err(error) => return Err(not_there(&missing).means(error.to_string()).next(shown)),
        }
    }
    let still = look(preference).missing();
    if still.is_empty() {
        return Ok(());
    }
    Err(not_there(&still).means("They are still missing after the installation.").next("recipe-walk doctor"))
}

fn not_there(missing: &[Missing]) -> CommandError {
    let list: Vec<&str> = missing.iter().map(|m| m.what).collect();
    CommandError::new(Kind::Engines, format!("the sandbox lacks {}", list.join(" and ")))
        .means("Nothing was begun.")
}

/// What installs the missing things, in order. A fresh Debian knows no packages before its first update.
pub(crate) fn install_commands(missing: &[Missing]) -> Option<Vec<Vec<String>>> {
    let install = tools::install_command(missing)?;
    let mut commands = Vec::new();
    if let Some(at) = install.iter().position(|word| word == "apt-get") {
        let mut update = install[..=at].to_vec();
        update.push("update".to_owned());
        commands.push(update);
    }
    commands.push(install);
    Some(commands)
}

/// One after the other, as it is typed.
pub(crate) fn in_turn(commands: &[Vec<String>]) -> Typed {
    let mut commands = commands.iter().map(|command| Typed::words(command));
    let first = commands.next().unwrap_or_else(|| Typed::words(&[]));
    commands.fold(first, |all, command| all.then("&&").and(&command))
}

async fn run(command: &[String]) -> std::io::Result<bool> {
    let Some((program, args)) = command.split_first() else { return Ok(false) };
    let status = tokio::process::Command::new(program)
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(std::process::Stdio::inherit())
        .status()
        .await?;
    Ok(status.success())
}
