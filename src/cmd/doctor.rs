//! `doctor`: what this machine can do, and how to mend what it cannot.

use super::{engines, place};
use crate::cli::AwsArgs;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::payload::{self, PAYLOADS};
use crate::terminal::style::Paint;
use crate::terminal::{Terminal, typed};
use recipe_walk_sandbox::Preference;
use std::time::Duration;

/// Credentials may be looked for on the network, where nobody answers.
const LIMIT: Duration = Duration::from_secs(6);

/// Writes findings.
struct Chart<'a> {
    terminal: &'a Terminal,
}

impl Chart<'_> {
    fn line(&self, paint: Paint, mark: &str, what: &str, found: &str) {
        let mark = if self.terminal.style().plain {
            format!("{mark}:")
        } else {
            self.terminal.style().paint(paint, mark)
        };
        self.terminal.say(&format!("{mark} {what}: {found}"));
    }
    fn good(&self, what: &str, found: &str) {
        self.line(Paint::Good, "ok  ", what, found);
    }
    fn absent(&self, what: &str, found: &str, why: &str, mend: &str) {
        self.line(Paint::Warning, "note", what, found);
        self.more(why, mend);
    }
    fn bad(&self, what: &str, found: &str, why: &str, mend: &str) {
        self.line(Paint::Bad, "miss", what, found);
        self.more(why, mend);
    }
    fn more(&self, why: &str, mend: &str) {
        self.terminal.say(&format!("       {why}"));
        if !mend.is_empty() {
            self.terminal.say(&format!("       mend: {}", typed(mend)));
        }
    }
}

/// Looks at everything; fails only when not even the sandbox can run.
pub(crate) async fn doctor(profile: Option<String>, terminal: &Terminal) -> Result<(), CommandError> {
    let chart = Chart { terminal };
    let engines = engines_found(&chart);
    let state = state(&chart);
    let payload = payload(&chart);
    width(&chart);
    aws(&chart, profile).await;
    terminal.gap();
    match (engines, state, payload) {
        (true, Ok(()), true) => {
            terminal.tell(Paint::Good, "The sandbox can run here:");
            terminal.tell(Paint::Command, &format!("  {}", typed("recipe-walk --sandbox")));
            Ok(())
        }
        (_, Err(error), _) => Err(error),
        (false, ..) => {
            Err(CommandError::new(Kind::Engines, "the sandbox cannot run yet: engines are missing")
                .next("recipe-walk --sandbox   # offers to install them"))
        }
        _ => Err(CommandError::new(Kind::Unexpected, "the bundled demo is damaged").next("cargo build")),
    }
}

fn engines_found(chart: &Chart<'_>) -> bool {
    let tools = engines::look(Preference::Any);
    for (what, program) in [("Cache engine", &tools.redis), ("Database engine", &tools.mysql)] {
        if let Some(program) = program {
            chart.good(what, &format!("{} ({})", program.label(), program.path.display()));
        }
    }
    if let Some(reason) = recipe_walk_sandbox::ports_hindrance() {
        chart.absent(
            "Security groups",
            &format!("not enforced at the engines' ports: {reason}"),
            "A forgotten rule goes unnoticed on the sandbox here, and fails on AWS.",
            "",
        );
    }
    let missing = tools.missing();
    if !missing.is_empty() {
        let mend = engines::install_commands(&missing)
            .map(|c| c.iter().map(|c| c.join(" ")).collect::<Vec<_>>().join(" && "))
            .unwrap_or_default();
        for thing in &missing {
            chart.bad(
                "Engine",
                &format!("{} is not installed", thing.what),
                "The sandbox runs real engines.",
                &mend,
            );
        }
    }
    missing.is_empty()
}

fn state(chart: &Chart<'_>) -> Result<(), CommandError> {
    let paths = Paths::find()?;
    paths.prepare()?;
    chart.good("State directory", &paths.root().display().to_string());
    paths.check_space()?;
    if let Some(free) = paths.free() {
        chart.good("Disk", &format!("{:.1} GB free", free as f64 / 1e9));
    }
    Ok(())
}

fn payload(chart: &Chart<'_>) -> bool {
    for payload in PAYLOADS {
        let what = format!("Demo for {}", payload.machine.name());
        if payload::is_sound(payload) {
            let (size, pieces) = (payload.xz.len() / 1000, payload.pieces());
            chart.good(&what, &format!("{size} KB in {pieces} pieces"));
        } else {
            chart.bad(&what, "damaged", "Its checksum does not fit.", "cargo build");
        }
    }
    PAYLOADS.iter().all(payload::is_sound)
}

fn width(chart: &Chart<'_>) {
    let style = chart.terminal.style();
    if style.narrow {
        let found = format!("{} columns", style.width);
        chart.absent("Terminal", &found, "Fewer than 60 columns: plain lines are used.", "");
    } else {
        let kind = if style.interactive { "a person can answer" } else { "nobody can answer: use --yes" };
        let plain = if style.plain { ", plain" } else { "" };
        chart.good("Terminal", &format!("{} columns{plain}, {kind}", style.width));
    }
}

async fn aws(chart: &Chart<'_>, profile: Option<String>) {
    let args = AwsArgs { profile, region: None };
    let why = "Only walks on AWS need it; the sandbox does not.";
    match tokio::time::timeout(LIMIT, place::aws(&args)).await {
        Ok(Ok(reached)) => {
            let place = &reached.identity.place;
            let endpoint = place.endpoint.as_ref().map(|e| format!(", endpoint {e}")).unwrap_or_default();
            let found = format!("account {}, region {}{endpoint}", place.account, place.region);
            chart.good("AWS credentials", &format!("{found}, as {}", reached.identity.arn));
        }
        Ok(Err(error)) => {
            let mend = error.next.first().cloned().unwrap_or_default();
            chart.absent("AWS credentials and region", &error.message, why, &mend);
        }
        Err(_) => chart.absent(
            "AWS credentials and region",
            "no answer in time",
            why,
            "aws sts get-caller-identity",
        ),
    }
}
