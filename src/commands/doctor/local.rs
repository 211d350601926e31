//! `doctor --fresh`: what a machine that recipe-walk has just come to can do. It leaves nothing behind.

use crate::error::{CommandError, Kind};
use crate::options::AwsArgs;
use crate::paths::Paths;
use crate::payload::{self, PAYLOADS};
use crate::session::{engines, place};
use crate::ui::style::Paint;
use crate::ui::{Terminal, called};
use recipe_walk_engine::machine::Machine;
use recipe_walk_engine::shell::Typed;
use recipe_walk_sandbox::{Hindrance, Preference};
use std::time::Duration;

/// Credentials may be looked for on the network, where nobody answers.
const LIMIT: Duration = Duration::from_secs(6);

/// One place to walk, and what is known about it here.
#[derive(Debug, Default)]
struct Findings {
    /// What is as it should be.
    good: Vec<String>,
    /// What stands in the way, each with the command that mends it, if there is one.
    lacks: Vec<(String, Option<Typed>)>,
}

impl Findings {
    fn can(&self) -> bool {
        self.lacks.is_empty()
    }

    fn lack(&mut self, what: impl Into<String>, mend: Option<Typed>) {
        self.lacks.push((what.into(), mend));
    }
}

/// Says what this machine can do: the sandbox, AWS, both, or neither yet, which is a failure.
pub(crate) async fn run(profile: Option<String>, terminal: &Terminal) -> Result<(), CommandError> {
    let paths = Paths::find()?;
    let sandbox = sandbox(&paths);
    let aws = aws(profile, &paths).await;
    let paint = if sandbox.can() || aws.can() { Paint::Good } else { Paint::Bad };
    terminal.tell(paint, verdict(sandbox.can(), aws.can()));
    show(terminal, "On the sandbox", &sandbox, &"recipe-walk --sandbox".into());
    show(terminal, "On AWS", &aws, &"recipe-walk --aws".into());
    if sandbox.can() || aws.can() {
        return Ok(());
    }
    let mut error = CommandError::new(Kind::Engines, "this machine cannot walk yet")
        .means("What is missing is named above; one of the two places is enough.");
    for (_, mend) in sandbox.lacks.iter().chain(&aws.lacks) {
        if let Some(mend) = mend {
            error = error.next(mend.clone());
        }
    }
    Err(error)
}

fn verdict(sandbox: bool, aws: bool) -> &'static str {
    match (sandbox, aws) {
        (true, true) => "This machine can walk on both: the sandbox and AWS.",
        (true, false) => "This machine can walk on the sandbox, and not on AWS yet.",
        (false, true) => "This machine can walk on AWS, and not on the sandbox yet.",
        (false, false) => "This machine can walk on neither yet, the sandbox nor AWS.",
    }
}

fn show(terminal: &Terminal, title: &str, findings: &Findings, command: &Typed) {
    terminal.gap();
    terminal.say(&format!("{title}: {}", if findings.can() { "yes" } else { "not yet" }));
    for good in &findings.good {
        terminal.say(&format!("  has    {good}"));
    }
    for (lack, mend) in &findings.lacks {
        terminal.tell(Paint::Warning, &format!("  but    {lack}"));
        if let Some(mend) = mend {
            terminal.tell(Paint::Command, &format!("         {}", called(mend)));
        }
    }
    if findings.can() {
        terminal.command(command);
    }
}

fn sandbox(paths: &Paths) -> Findings {
    let mut found = Findings::default();
    let tools = engines::look(Preference::Any);
    for program in [&tools.redis, &tools.mysql].into_iter().flatten() {
        found.good.push(program.label());
    }
    let missing = tools.missing();
    let install = engines::install_commands(&missing).map(|commands| engines::in_turn(&commands));
    for (index, thing) in missing.iter().enumerate() {
        // One command brings them all.
        found.lack(
            format!("{} is not installed", thing.what),
            install.clone().filter(|_| index + 1 == missing.len()),
        );
    }
    match Machine::here().and_then(|here| payload::of(PAYLOADS, here)) {
        Some(demo) if payload::is_sound(demo) => {
            found.good.push(format!("the demo program for this machine ({})", demo.machine.name()));
        }
        Some(_) => found.lack("the demo program is damaged: get this file again", None),
        None => found.lack("the demo program for this machine is not in this build", None),
    }
    state(paths, &mut found);
    match hindrances(paths) {
        Ok(all) => {
            for error in all.iter().map(CommandError::from) {
                found.lack(error.message, error.next.into_iter().next());
            }
        }
        // That nothing can be written there is said above.
        Err(_) if !found.can() => {}
        Err(error) => found.lack(error.message, error.next.into_iter().next()),
    }
    match paths.check_space() {
        Ok(()) => {
            if let Some(free) = paths.free() {
                found.good.push(format!("{:.1} GB of free space", free as f64 / 1e9));
            }
        }
        Err(error) => found.lack(error.message, error.next.last().cloned()),
    }
    found
}

async fn aws(profile: Option<String>, paths: &Paths) -> Findings {
    let mut found = Findings::default();
    let args = AwsArgs { profile, region: None };
    match tokio::time::timeout(LIMIT, place::aws(&args)).await {
        Ok(Ok(reached)) => {
            let place = &reached.identity.place;
            found.good.push(format!("credentials for account {} in {}", place.account, place.region));
            if let Some(endpoint) = &place.endpoint {
                found.good.push(format!("another endpoint instead of AWS's own: {endpoint}"));
            }
        }
        Ok(Err(error)) => found.lack(error.message, error.next.first().cloned()),
        Err(_) => found.lack("no answer came in time", Some("aws sts get-caller-identity".into())),
    }
    let machines: Vec<_> = PAYLOADS
        .iter()
        .map(|payload| payload.machine)
        .filter(|machine| matches!(machine, Machine::LinuxX86 | Machine::LinuxArm))
        .map(Machine::name)
        .collect();
    if machines.is_empty() {
        found.lack("the demo program for EC2 is not in this build: a released recipe-walk has it", None);
    } else {
        found.good.push(format!("the demo program for instances with {}", machines.join(" and ")));
    }
    state(paths, &mut found);
    found
}

/// Whether sessions could be saved, without making anything.
fn state(paths: &Paths, found: &mut Findings) {
    let (root, existing) = (paths.root(), paths.existing());
    match rustix::fs::access(existing, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK) {
        Ok(()) => found.good.push(format!("a place for sessions: {}", root.display())),
        Err(error) => found.lack(
            format!("{} cannot be written: {error}", existing.display()),
            Some("export XDG_STATE_HOME=DIRECTORY   # one where you can write".into()),
        ),
    }
}

/// What this machine does not let a sandbox do, tried where it would be, or beside where that would be made.
fn hindrances(paths: &Paths) -> Result<Vec<Hindrance>, CommandError> {
    let dir = paths.sandbox(None);
    if dir.is_dir() {
        return Ok(recipe_walk_sandbox::hindrances(&dir)?);
    }
    let trial = paths.existing().join(format!(".recipe-walk-{}", std::process::id()));
    let found = recipe_walk_sandbox::hindrances(&trial);
    let _ = std::fs::remove_dir_all(&trial);
    Ok(found?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_names_both_places() {
        for (sandbox, aws) in [(true, true), (true, false), (false, true), (false, false)] {
            let text = verdict(sandbox, aws);
            assert!(text.contains("sandbox") && text.contains("AWS"), "{text}");
            assert_eq!(text.contains("yet"), !(sandbox && aws), "{text}");
        }
    }
}
