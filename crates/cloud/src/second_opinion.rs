//! Our client against a server that we did not write: moto, an emulator from PyPI that shares nothing with our sandbox.
//!
//! It lacks some of the recipe's operations (docs/aws.md, "Other emulators"): [`SKIPPED`] lists every action that does
//! not get through, and why. The list is exact, so that both a new gap and a gap that was closed are noticed.
//! `RECIPE_WALK_PYTHON` names a Python that has moto; `scripts/test` makes one.

use crate::{AwsCloud, Fixed, Target, connect};
use aws_config::retry::RetryConfig;
use recipe_walk_engine::action::{Output, Planned};
use recipe_walk_engine::cloud::{Cloud, Found, Place, Probe, Stage, Undone};
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::kind::DbEngineVersion;
use recipe_walk_engine::plan::plan;
use recipe_walk_engine::policy::{BOUNDARY, BOUNDARY_NAME};
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::record::{Line, Opening, Record};
use recipe_walk_engine::state::State;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const NO_GROUPS: &str = "moto 5.2 has no cache parameter groups";

/// What moto does not let through, in order of its name: what was tried, the operation that failed, and why.
const SKIPPED: &[(&str, &str, &str)] = &[
    ("find cache-parameters", "elasticache:DescribeCacheParameterGroups", NO_GROUPS),
    ("find cache-policy", "elasticache:DescribeCacheParameters", NO_GROUPS),
    ("make cache-parameters", "elasticache:CreateCacheParameterGroup", NO_GROUPS),
    ("make cache-policy", "elasticache:DescribeCacheParameterGroups", NO_GROUPS),
    ("make instance", "ec2:RunInstances", "moto 5.2 wants a size for a root volume, which its image has"),
    ("make note-key", "ssm:PutParameter", "this story keeps no key of notes on the machine"),
    (
        "survey: cache versions",
        "elasticache:DescribeCacheEngineVersions",
        "moto 5.2 knows no engine versions of caches",
    ),
    ("survey: database", "rds:DescribeDBEngineVersions", "moto 5.2 knows no engine versions of databases"),
    // All services are asked at once, and the first refusal ends it.
    (
        "sweep",
        "ec2:DescribeInstances or elasticache:DescribeCacheParameterGroups",
        "moto 5.2 can do neither, and one of them is met first",
    ),
    (
        "undo cache-subnets",
        "elasticache:DeleteCacheSubnetGroup",
        "moto 5.2 cannot delete cache subnet groups",
    ),
];

/// Prints where it listens, and ends with its standard input: with us, however we end.
const SERVER: &str = "
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print('http://%s:%d' % server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
";

struct Moto(Child);

impl Moto {
    fn start() -> (Self, String) {
        let python = std::env::var("RECIPE_WALK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut child = Command::new(&python)
            .args(["-c", SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{python}: {e}"));
        let out = child.stdout.take().expect("its output");
        let mut endpoint = String::new();
        BufReader::new(out).read_line(&mut endpoint).expect("a line");
        assert!(endpoint.starts_with("http://"), "{python} has no moto; scripts/test makes one that has");
        (Self(child), endpoint.trim().to_owned())
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// A session without a walk: the plan's actions in their order, whatever becomes of each.
struct Story {
    cloud: AwsCloud,
    state: State,
    failed: BTreeMap<String, String>,
    made: Vec<(Planned, Output)>,
}

impl Story {
    fn fold(&mut self, record: Record) {
        self.state.fold(Line { at: jiff::Timestamp::UNIX_EPOCH, record }).expect("it fits");
    }

    /// Notes a failure as this server words it, in one short line.
    fn note<T>(&mut self, what: impl Into<String>, outcome: Result<T, Failure>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(failure) => {
                self.failed.insert(what.into(), failure.to_string());
                None
            }
        }
    }

    /// What the survey finds, call by call, so that one gap does not hide the others.
    async fn survey(&mut self) {
        let kind = "t3.micro";
        let mut facts = Facts::default();
        let vpc = self.cloud.default_vpc().await;
        let vpc = self.note("survey: VPC", vpc).expect("moto has a default VPC").0;
        let subnets = self.cloud.subnets(&vpc, kind).await;
        let subnets = self.note("survey: subnets", subnets).expect("moto has subnets");
        let ids: Vec<String> = subnets.into_values().collect();
        let image = self.cloud.image(kind).await;
        let image = self.note("survey: image", image).unwrap_or_else(|| "ami-03cf127a".to_owned());
        let version = self.cloud.cache_version("redis").await;
        let (version, family) =
            self.note("survey: cache versions", version).unwrap_or_else(|| ("7.1".into(), "redis7".into()));
        let look =
            DbEngineVersion { engine: "mysql".into(), version: "8.4".into(), class: "db.t3.micro".into() };
        let database = self.cloud.db_version(&look).await;
        self.note("survey: database", database);
        // As whoever administers the account makes it.
        let policy = self.cloud.iam.create_policy().policy_name(BOUNDARY_NAME).policy_document(BOUNDARY);
        let made = policy.send().await.expect("moto makes policies");
        let boundary = made.policy().and_then(|p| p.arn()).expect("its ARN").to_owned();
        let there = self.cloud.has_policy(&boundary).await;
        assert_eq!(self.note("survey: boundary", there), Some(true));
        facts.extend([
            ("boundary", boundary),
            ("vpc", vpc),
            ("subnets", ids.join(",")),
            ("first_subnet", ids[0].clone()),
            ("image", image),
            ("cache_version", version),
            ("cache_family", family),
            ("boundary", String::new()),
        ]);
        let facts = facts.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        self.fold(Record::Verified { step: "survey".into(), facts });
    }

    /// Finds nothing, makes it, finds it as ours.
    async fn make(&mut self, planned: Planned) {
        let name = planned.name.clone();
        let before = self.cloud.find(&planned).await;
        if let Some(found) = self.note(format!("find {name}"), before) {
            // A setting of something that is there already has a value of its own.
            assert!(planned.action.is_setting() || found == Found::Absent, "{name} before: {found:?}");
        }
        self.fold(Record::Intended(Box::new(planned.clone())));
        let made = self.cloud.apply(&planned).await;
        let Some(output) = self.note(format!("make {name}"), made) else { return };
        self.fold(Record::Created { name: name.clone(), output: output.clone() });
        let after = self.cloud.find(&planned).await;
        if let Some(found) = self.note(format!("find {name} again"), after) {
            assert!(matches!(&found, Found::Ours(o) if o.id == output.id), "{name} after: {found:?}");
        }
        if planned.action.is_slow() {
            let probe = self.cloud.probe(&planned, &output.id).await;
            if let Some(Probe { stage, status, .. }) = self.note(format!("probe {name}"), probe) {
                assert!(matches!(stage, Stage::Ready | Stage::Pending), "{name} is {status}");
            }
        }
        self.made.push((planned, output));
    }

    /// Deletes it; the second time it is gone already.
    async fn unmake(&mut self, planned: &Planned, output: &Output) {
        let name = &planned.name;
        let undone = self.cloud.undo(planned, &output.id).await;
        let Some(undone) = self.note(format!("undo {name}"), undone) else { return };
        assert_eq!(undone, Undone::Deleted, "{name}");
        if planned.action.is_setting() || planned.action.is_slow() {
            return; // goes with its group, or takes its time
        }
        let again = self.cloud.undo(planned, &output.id).await;
        if let Some(again) = self.note(format!("undo {name} again"), again) {
            assert_eq!(again, Undone::AlreadyGone, "{name}");
        }
    }
}

/// What moto lacks it answers with HTTP 500, which the SDK would ask for four times, ever more slowly.
fn impatient(mut cloud: AwsCloud) -> AwsCloud {
    let once = RetryConfig::disabled;
    cloud.ec2 = aws_sdk_ec2::Client::from_conf(cloud.ec2.config().to_builder().retry_config(once()).build());
    cloud.rds = aws_sdk_rds::Client::from_conf(cloud.rds.config().to_builder().retry_config(once()).build());
    cloud.ssm = aws_sdk_ssm::Client::from_conf(cloud.ssm.config().to_builder().retry_config(once()).build());
    let cache = cloud.elasticache.config().to_builder().retry_config(once()).build();
    cloud.elasticache = aws_sdk_elasticache::Client::from_conf(cache);
    cloud
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_run_against_a_server_of_somebody_else() {
    let (_moto, endpoint) = Moto::start();
    let fixed = Fixed {
        endpoint,
        region: "us-east-1".into(),
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "any".into(),
        guard: |_| Ok(true),
    };
    let cloud = connect(&Target { fixed: Some(fixed), ..Target::default() }).await.expect("a connection");
    let cloud = impatient(cloud);
    let identity = cloud.identity().await.expect("an identity");
    assert_eq!(identity.place.account.len(), 12);
    let session = SessionId::from_bytes([7, 1, 7, 1, 7, 1, 7, 1]);
    let recipe =
        Recipe::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipe")).expect("the recipe");
    let mut story = Story { cloud, state: State::default(), failed: BTreeMap::new(), made: Vec::new() };
    let place = Place { endpoint: None, ..identity.place };
    story.fold(Record::Opened(Box::new(Opening {
        owner: "somebody".into(),
        cohort: "autumn".into(),
        ..Opening::new(session.clone(), place, &recipe.id, jiff::Timestamp::UNIX_EPOCH)
    })));
    story.state.answers.admit(&recipe.parameters);
    for (key, value) in recipe.defaults().told() {
        story.fold(Record::Answered { key, value });
    }
    story.survey().await;
    for step in &recipe.steps {
        // Within a step, later actions use the ids of earlier ones.
        for at in 0.. {
            let Some(planned) = plan(step, &story.state).expect("a plan").into_iter().nth(at) else { break };
            story.make(planned).await;
        }
    }
    let left = story.cloud.sweep(&session, jiff::Timestamp::UNIX_EPOCH).await;
    if let Some(left) = story.note("sweep", left) {
        assert!(left.len() >= 8, "the sweep finds only {left:?}");
    }
    let mut made = std::mem::take(&mut story.made);
    made.reverse();
    made.sort_by_key(|(planned, _)| planned.action.properties().undo_stage);
    for (planned, output) in &made {
        story.unmake(planned, output).await;
    }
    let found: Vec<(&str, &str)> =
        story.failed.iter().map(|(what, why)| (what.as_str(), why.as_str())).collect();
    let same = found.len() == SKIPPED.len()
        && found
            .iter()
            .zip(SKIPPED)
            .all(|(f, s)| f.0 == s.0 && s.1.split(" or ").any(|call| f.1.contains(call)));
    assert!(same, "not what is listed as skipped:\n{found:#?}");
    assert!(made.len() >= 17, "only {} actions were made", made.len());
}

/// What is skipped is told to people too.
#[test]
fn what_moto_lacks_is_documented() {
    let text = include_str!("../../../docs/second-opinion.md");
    let rows = text.lines().filter(|l| l.starts_with("| ")).skip(1);
    let listed = SKIPPED.iter().map(|(what, operation, why)| format!("| {what} | {operation} | {why} |"));
    assert_eq!(rows.map(str::to_owned).collect::<Vec<_>>(), listed.collect::<Vec<_>>());
}

/// Which server answers must make no difference: no name of one, and no loopback address, may decide anything here.
#[test]
fn nothing_asks_which_server_it_talks_to() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for file in ["cloud/src", "engine/src/run/walk", "engine/src/run/perform.rs", "engine/src/recipe/plan.rs"]
    {
        for (name, text) in sources(&crates.join(file)) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
                for server in ["moto", "localstack", "127.0.0.1", "localhost", "recipe_walk_sandbox"] {
                    assert!(!line.to_lowercase().contains(server), "{name} names {server}: {line}");
                }
            }
        }
    }
}

fn sources(path: &Path) -> Vec<(String, String)> {
    if path.is_file() {
        let own = path.file_name().is_some_and(|n| n == "second_opinion.rs");
        let text = std::fs::read_to_string(path).expect("a source");
        return if own { Vec::new() } else { vec![(path.display().to_string(), text)] };
    }
    let entries = std::fs::read_dir(path).expect("a directory");
    entries.flat_map(|e| sources(&e.expect("an entry").path())).collect()
}
