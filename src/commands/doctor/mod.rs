//! `doctor`: what this machine and this account can do, and how to mend what they cannot.

pub(crate) mod local;

use crate::config::{Config, fill};
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::options::AwsArgs;
use crate::paths::Paths;
use crate::payload::{self, PAYLOADS};
use crate::session::account::cloudshell;
use crate::session::parameters::Rates;
use crate::session::{engines, place};
use crate::settings::{self, SetArgs};
use crate::ui::style::Paint;
use crate::ui::text::{about, unpriced};
use crate::ui::{self, Terminal};
use clap::Args;
use recipe_walk_engine::answers::Answers;
use recipe_walk_engine::cloud::{Cloud as _, Preflight};
use recipe_walk_engine::finding::{Finding, Subject, Weight};
use recipe_walk_engine::foreseen::Foreseen;
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::tags::TagValue;
use recipe_walk_sandbox::{Hindrance, Preference};
use serde::Serialize;
use std::time::Duration;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk doctor
  recipe-walk doctor --fresh   # sandbox, AWS, or both?
  recipe-walk doctor --aws --profile workshop --region eu-central-1
  recipe-walk doctor --aws --attendees 30";

/// Options of `doctor`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DoctorArgs {
    /// Say in short where this machine can walk, and leave nothing behind
    #[arg(long, conflicts_with_all = ["aws", "region", "attendees", "owner", "json", "pairs"])]
    pub(crate) fresh: bool,
    /// Fail unless a walk in the AWS account can begin
    #[arg(long)]
    pub(crate) aws: bool,
    /// AWS profile
    #[arg(long, value_name = "P")]
    pub(crate) profile: Option<String>,
    /// AWS region
    #[arg(long, value_name = "R")]
    pub(crate) region: Option<String>,
    /// Look whether the quotas have room for so many people at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) attendees: u32,
    /// For whom the walk would be: in a class with a policy for each, that decides
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<TagValue>,
    #[command(flatten)]
    pub(crate) set: SetArgs,
    /// JSON instead of lines
    #[arg(long)]
    pub(crate) json: bool,
}

impl DoctorArgs {
    /// Fills in what the command line leaves open.
    pub(crate) fn fill(&mut self, config: &Config) {
        self.set.usual.clone_from(&config.parameters);
        fill(&mut self.profile, config.profile.as_ref());
        if !self.fresh {
            fill(&mut self.region, config.region.as_ref());
            fill(&mut self.owner, config.owner.as_ref());
        }
    }
}

/// Credentials may be looked for on the network, where nobody answers.
const LIMIT: Duration = Duration::from_secs(6);

/// Everything that was found.
#[derive(Serialize)]
struct Report {
    /// This machine: what the sandbox needs.
    machine: Vec<Finding>,
    /// The account: what a walk on AWS needs.
    account: Vec<Finding>,
    /// Whether the sandbox can run.
    sandbox_ready: bool,
    /// Whether a walk on AWS can begin.
    aws_ready: bool,
}

/// Looks at this machine and the account.
pub(crate) async fn run(args: DoctorArgs, terminal: &Terminal) -> Result<(), CommandError> {
    if args.fresh { local::run(args.profile, terminal).await } else { doctor(args, terminal).await }
}

/// Looks at everything. Fails when not even the sandbox can run, or with `--aws` when a walk there could not begin.
async fn doctor(args: DoctorArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let recipe = embedded::recipe(None)?;
    let answers = settings::answers(&recipe, &args.set, Vec::new())?;
    let mut machine = engines_found();
    let (disk, state) = state();
    machine.extend(disk);
    machine.extend(payloads());
    machine.push(width(terminal));
    machine.extend(cloudshell(std::env::var("AWS_EXECUTION_ENV").ok().as_deref()));
    let account = account(&args, &recipe, &answers).await;
    let ready = |findings: &[Finding]| findings.iter().all(|f| f.weight != Weight::Blocking);
    let report = Report {
        sandbox_ready: ready(&machine) && state.is_ok(),
        aws_ready: account.iter().any(|f| f.subject == Subject::Identity && f.weight == Weight::Good)
            && ready(&account),
        machine,
        account,
    };
    if args.json {
        ui::json(&report);
    } else {
        for finding in report.machine.iter().chain(&report.account) {
            terminal.finding(finding);
        }
        terminal.gap();
    }
    state?;
    if args.aws {
        return aws_verdict(&report, &args, terminal);
    }
    let missing = report.machine.iter().find(|f| f.weight == Weight::Blocking);
    match missing {
        None => {
            if !args.json {
                terminal.tell(Paint::Good, "The sandbox can run here:");
                terminal.command(&"recipe-walk --sandbox".into());
            }
            Ok(())
        }
        Some(finding) if finding.subject == Subject::Demo => {
            Err(CommandError::new(Kind::Unexpected, "the bundled demo is damaged").next("cargo build"))
        }
        Some(_) => Err(CommandError::new(Kind::Engines, "the sandbox cannot run yet: engines are missing")
            .next("recipe-walk --sandbox   # offers to install them")),
    }
}

fn aws_verdict(report: &Report, args: &DoctorArgs, terminal: &Terminal) -> Result<(), CommandError> {
    if report.aws_ready {
        if !args.json {
            terminal.tell(Paint::Good, "A walk in this account can begin:");
            terminal.command(&"recipe-walk --aws".into());
        }
        return Ok(());
    }
    let blocking = report.account.iter().filter(|f| f.weight == Weight::Blocking);
    let list: Vec<&str> = blocking.map(|f| f.what.as_str()).collect();
    let what = if list.is_empty() { "no account was reached".to_owned() } else { list.join(", ") };
    let error = CommandError::new(Kind::Step, format!("a walk on AWS cannot begin: {what}"))
        .means("Each is explained above, with a command that mends it. Nothing was made.");
    Err(error.next("recipe-walk doctor --aws   # again, once it is mended"))
}

fn engines_found() -> Vec<Finding> {
    let tools = engines::look(Preference::Any);
    let found = [("Cache engine", &tools.redis), ("Database engine", &tools.mysql)];
    let mut findings: Vec<Finding> = found
        .into_iter()
        .filter_map(|(what, program)| {
            let program = program.as_ref()?;
            Some(Finding::good(what, format!("{} ({})", program.label(), program.path.display())))
        })
        .collect();
    if let Some(reason) = recipe_walk_sandbox::ports_hindrance() {
        findings.push(Finding::note(
            "Security groups",
            format!("not enforced at the engines' ports: {reason}"),
            "A forgotten rule goes unnoticed on the sandbox here, and fails on AWS.",
        ));
    }
    let missing = tools.missing();
    let mend = engines::install_commands(&missing).map(|commands| engines::in_turn(&commands));
    for thing in &missing {
        let absent = Finding::blocking(
            "Engine",
            format!("{} is not installed", thing.what),
            "The sandbox runs real engines.",
        );
        findings.push(mend.iter().cloned().fold(absent, Finding::mend));
    }
    findings
}

fn state() -> (Vec<Finding>, Result<(), CommandError>) {
    let mut findings = Vec::new();
    let result = (|| {
        let paths = Paths::find()?;
        paths.prepare()?;
        findings.push(Finding::good("State directory", paths.root().display().to_string()));
        let hindrances = recipe_walk_sandbox::hindrances(&paths.sandbox(None))?;
        findings.extend(hindrances.iter().map(hindrance));
        paths.check_space()?;
        if let Some(free) = paths.free() {
            findings.push(Finding::good("Disk", format!("{:.1} GB free", free as f64 / 1e9)));
        }
        hindrances.first().map_or(Ok(()), |hindrance| Err(hindrance.into()))
    })();
    (findings, result)
}

fn hindrance(hindrance: &Hindrance) -> Finding {
    let error = CommandError::from(hindrance);
    let finding = Finding::blocking("This machine", error.message, error.meaning.join(" "));
    error.next.into_iter().fold(finding, Finding::mend)
}

fn payloads() -> Vec<Finding> {
    PAYLOADS
        .iter()
        .map(|payload| {
            let what = format!("Demo for {}", payload.machine.name());
            let finding = if payload::is_sound(payload) {
                let (size, pieces) = (payload.xz.len() / 1000, payload.pieces());
                Finding::good(&what, format!("{size} KB in {pieces} pieces"))
            } else {
                Finding::blocking(&what, "damaged", "Its checksum does not fit.").mend("cargo build")
            };
            finding.about(Subject::Demo)
        })
        .collect()
}

fn width(terminal: &Terminal) -> Finding {
    let style = terminal.style();
    if style.narrow {
        return Finding::note(
            "Terminal",
            format!("{} columns", style.width),
            "Fewer than 60 columns: plain lines are used.",
        );
    }
    let kind = if style.interactive { "a person can answer" } else { "nobody can answer: use --yes" };
    let plain = if style.plain { ", plain" } else { "" };
    Finding::good("Terminal", format!("{} columns{plain}, {kind}", style.width))
}

/// Looks at the account, if there is one.
async fn account(args: &DoctorArgs, recipe: &Recipe, answers: &Answers) -> Vec<Finding> {
    let target = AwsArgs { profile: args.profile.clone(), region: args.region.clone() };
    let weight = if args.aws { Weight::Blocking } else { Weight::Note };
    let why = "Only walks on AWS need it; the sandbox does not.";
    let absent = |found: String, mend: Vec<Typed>| {
        vec![Finding { weight, mend, ..Finding::note("AWS credentials and region", found, why) }]
    };
    let reached = match tokio::time::timeout(LIMIT, place::aws(&target)).await {
        Ok(Ok(reached)) => reached,
        Ok(Err(error)) => {
            let told: Vec<&str> = error.meaning.iter().map(String::as_str).collect();
            let found = [&[error.message.as_str()], told.as_slice()].concat().join(" ");
            return absent(found, error.next.into_iter().take(1).collect());
        }
        Err(_) => {
            return absent("no answer in time".into(), vec!["aws sts get-caller-identity".into()]);
        }
    };
    let place = &reached.identity.place;
    let endpoint = place.endpoint.as_ref().map(|e| format!(", endpoint {e}")).unwrap_or_default();
    let found =
        format!("account {}, region {}{endpoint}, as {}", place.account, place.region, reached.identity.arn);
    let mut findings = vec![Finding::good("AWS credentials", found).about(Subject::Identity)];
    let foreseen = Foreseen::new(recipe, place, answers.clone());
    let owner = args.owner.as_deref().unwrap_or_default().to_owned();
    let identity = reached.identity.clone();
    let preflight = Preflight::new(identity, foreseen.looks(), &foreseen.actions(), args.attendees, owner);
    findings.extend(reached.cloud.preflight(&preflight).await);
    findings.push(price(recipe, answers));
    findings
}

/// What a walk costs, and whether anybody can tell.
fn price(recipe: &Recipe, answers: &Answers) -> Finding {
    let what = "Price of a walk";
    let prices = match embedded::prices() {
        Ok(prices) => prices,
        Err(error) => return Finding::note(what, "unknown", error.message),
    };
    let rate = Rates::new(prices, recipe, answers.clone()).hourly();
    let found = format!("{} an hour once everything runs", about(&rate));
    match unpriced(&rate) {
        None => Finding::good(what, found),
        Some(told) => Finding::note(
            what,
            found,
            format!(
                "{told} It counts as over every budget: the walk asks, and with --yes it does not begin."
            ),
        ),
    }
}
