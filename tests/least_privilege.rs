//! Least privilege: everything that recipe-walk does runs under the policy that it prints, and a refusal names the
//! permission that is missing. The sandbox is the judge: it checks every call against the policy it was given.

use crate::support::{Home, Said, run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Actions of the policy that no call here can need, and why.
const NOT_HERE: [(&str, &str); 4] = [
    ("ec2:CreateNetworkInterface", "AWS makes the cache's network interfaces with the caller's permission"),
    ("ec2:DeleteNetworkInterface", "AWS deletes them with the caller's permission"),
    ("ec2:DescribeNetworkInterfaces", "AWS looks at them with the caller's permission"),
    ("ec2:CreateDefaultVpc", "a person types it when the preflight finds no default VPC"),
];

/// Actions that need engines behind the control plane: `all_adds_the_failover_lesson_and_the_experiments` runs them
/// under the same policy.
const WITH_ENGINES: [&str; 3] = ["elasticache:TestFailover", "ssm:GetCommandInvocation", "ssm:SendCommand"];

/// Actions for looks that are advice only, or mirrors: without them a walk goes on.
const ADVISORY: [&str; 7] = [
    "ec2:CreateTags",
    "freetier:GetAccountPlanState",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "rds:DescribeEvents",
    "elasticache:DescribeEvents",
    "servicequotas:GetServiceQuota",
];

/// The policy's file.
pub(crate) fn policy_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/iam-policy.json")
}

fn policy() -> Value {
    let text = std::fs::read_to_string(policy_file()).expect("the policy");
    serde_json::from_str(&text).expect("JSON")
}

fn texts(value: &Value) -> Vec<String> {
    let all = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    all.iter().map(|text| text.as_str().expect("text").to_owned()).collect()
}

fn actions(policy: &Value) -> BTreeSet<String> {
    policy["Statement"].as_array().expect("statements").iter().flat_map(|s| texts(&s["Action"])).collect()
}

/// Every action that the sandbox's calls have needed so far.
fn used(home: &Home) -> BTreeSet<String> {
    let calls = home.run(&["sandbox", "calls", "--json"]).expect(0).json();
    let permissions = calls
        .as_array()
        .expect("calls")
        .iter()
        .flat_map(|call| call["permissions"].as_array().expect("permissions").clone());
    permissions.map(|p| p["action"].as_str().expect("an action").to_owned()).collect()
}

/// The program, pointed at the home's sandbox as at an account.
fn as_account(home: &Home, arguments: &[&str]) -> Said {
    let mut command = home.recipe_walk(arguments);
    run(command.envs(home.sandbox_env()))
}

#[test]
fn everything_runs_under_the_policy_and_uses_all_of_it() {
    let home = Home::new();
    let file = policy_file().display().to_string();
    home.serve(&["--no-engines", "--policy", &file]);
    let walk = ["--sandbox", "--yes", "--keep", "--cohort", "june", "--owner", "Ada"];
    home.run(&walk).expect(0);
    let session = crate::support::only_session(&home);
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    // All but the first records are lost: everything is found and adopted, as after "do it myself".
    let journal = home.state().join("sessions").join(&session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let end = text.find("app-group").expect("the first group");
    let end = text[..end].rfind('\n').expect("a line") + 1;
    std::fs::write(&journal, &text[..end]).expect("the cut journal");
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    home.run(&["sessions", "--remote", "--sandbox"]).expect(0);
    // The machine is lost, and another one brings the session back from the account.
    std::fs::remove_dir_all(home.state().join("sessions")).expect("the machine is lost");
    home.run(&["resume", &session, "--sandbox", "--take-over", "--yes", "--keep"]).expect(0);
    as_account(&home, &["doctor", "--aws"]).expect(0);
    home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes"]).expect(0);
    // Nothing else was tried: a refusal would have stopped one of the above, or shows here.
    let calls = home.run(&["sandbox", "calls", "--json"]).expect(0).json();
    for call in calls.as_array().expect("calls") {
        let outcome = call["outcome"].as_str().unwrap_or_default();
        assert!(!outcome.contains("AccessDenied") && outcome != "UnauthorizedOperation", "{call}");
    }
    let (used, all) = (used(&home), actions(&policy()));
    let outside: Vec<_> = used.difference(&all).collect();
    assert_eq!(outside, Vec::<&String>::new(), "used and not in the policy");
    let idle: BTreeSet<&str> = all.difference(&used).map(String::as_str).collect();
    let known: BTreeSet<&str> = NOT_HERE.iter().map(|(action, _)| *action).chain(WITH_ENGINES).collect();
    let unknown: Vec<_> = idle.difference(&known).filter(|a| **a != "ssm:CancelCommand").collect();
    assert_eq!(unknown, Vec::<&&str>::new(), "in the policy and never used, without a reason");
}

/// The policy without one action, written where the sandbox reads it.
fn without(action: &str, to: &std::path::Path) {
    let mut policy = policy();
    for statement in policy["Statement"].as_array_mut().expect("statements") {
        let left: Vec<String> = texts(&statement["Action"]).into_iter().filter(|a| a != action).collect();
        // A statement needs an action; this one no service has.
        let left = if left.is_empty() { vec!["sandbox:Nothing".to_owned()] } else { left };
        statement["Action"] = left.into();
    }
    std::fs::write(to, policy.to_string()).expect("the policy");
}

fn whole(to: &std::path::Path) {
    std::fs::copy(policy_file(), to).expect("the policy");
}

#[test]
fn each_action_is_needed_and_its_absence_is_named() {
    let home = Home::new();
    let file = home.path().join("policy.json");
    whole(&file);
    home.serve(&["--no-engines", "--policy", &file.display().to_string()]);
    let full = std::env::var_os("RECIPE_WALK_FULL").is_some();
    // These come along with another call, whose name they do not have; the others by turns, or all of them.
    let along = ["iam:PassRole", "iam:TagRole", "ssm:AddTagsToResource", "rds:AddTagsToResource"];
    let mut passed = BTreeMap::new();
    for (index, action) in actions(&policy()).iter().enumerate() {
        let skip = NOT_HERE.iter().any(|(a, _)| a == action)
            || WITH_ENGINES.contains(&action.as_str())
            || ADVISORY.contains(&action.as_str())
            || action == "ssm:CancelCommand";
        if skip || !(full || along.contains(&action.as_str()) || index % 9 == 1) {
            continue;
        }
        without(action, &file);
        let walk = home.run(&["--sandbox", "--yes"]);
        whole(&file);
        if walk.code == Some(0) {
            passed.insert(action.clone(), walk.out);
            continue;
        }
        let said = [walk.out.as_str(), walk.err.as_str()].concat();
        assert!(said.contains(action), "{action} is not named in:\n{said}");
        assert!(walk.err.contains("next: "), "{action}: {}", walk.err);
        assert!(matches!(walk.code, Some(10 | 11)), "{action}: {walk:?}");
        let sessions = home.run(&["sessions", "--json"]).expect(0).json();
        for session in sessions.as_array().expect("sessions").iter().filter(|s| s["state"] != "closed") {
            home.run(&["cleanup", session["session"].as_str().expect("a name"), "--yes"]).expect(0);
        }
    }
    // Needed by no plain walk: they serve those who adopt, resume or look from elsewhere.
    let elsewhere = [
        "ec2:DescribeSecurityGroupRules",
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeCacheParameters",
        "elasticache:ListTagsForResource",
        "iam:CreateServiceLinkedRole",
        "rds:ListTagsForResource",
        "ssm:ListTagsForResource",
    ];
    passed.retain(|action, _| !elsewhere.contains(&action.as_str()));
    assert!(passed.is_empty(), "a walk does not need {:?}", passed.keys());
}

#[test]
fn a_refusal_at_any_call_names_the_permission_and_what_to_type() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let calls = home.run(&["sandbox", "calls", "--json"]).expect(0).json();
    let operations: BTreeSet<String> = calls
        .as_array()
        .expect("calls")
        .iter()
        .map(|c| {
            format!("{}:{}", c["service"].as_str().expect("text"), c["operation"].as_str().expect("text"))
        })
        .collect();
    assert!(operations.len() > 35, "{operations:?}");
    let clean = || {
        let sessions = home.run(&["sessions", "--json"]).expect(0).json();
        for session in sessions.as_array().expect("sessions").iter().filter(|s| s["state"] != "closed") {
            home.run(&["cleanup", session["session"].as_str().expect("a name"), "--yes"]).expect(0);
        }
    };
    clean();
    let full = std::env::var_os("RECIPE_WALK_FULL").is_some();
    let mut refused = 0;
    for operation in operations.iter().skip(1).step_by(if full { 1 } else { 5 }) {
        home.run(&["sandbox", "fault", "add", operation, "refuse", "--times", "99"]).expect(0);
        let said = home.run(&["--sandbox", "--yes"]);
        home.run(&["sandbox", "fault", "clear"]).expect(0);
        if said.code == Some(0) {
            assert!(ADVISORY.contains(&operation.as_str()), "{operation}: {}", said.out);
        } else {
            refused += 1;
            let all = [said.out.as_str(), said.err.as_str()].concat();
            assert!(all.contains(operation.as_str()), "{operation} is not named: {all}");
            assert!(
                said.err.contains("next: ") && said.err.contains("recipe-walk"),
                "{operation}: {}",
                said.err
            );
        }
        clean();
    }
    assert!(refused > 4, "{refused}");
}

#[test]
fn the_policy_is_printed_and_filled_in() {
    let home = Home::new();
    let plain = home.run(&["policy"]).expect(0).json();
    assert_eq!(plain, policy());
    let said = home.run(&["policy", "--account", "210987654321", "--region", "eu-west-1"]).expect(0);
    assert!(said.json()["Statement"].is_array());
    assert!(
        said.out.contains("arn:aws:elasticache:eu-west-1:210987654321:replicationgroup:rw-*"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("arn:aws:iam::210987654321:role/rw-*") && !said.out.contains(":*:"),
        "{}",
        said.out
    );
    let instance = home.run(&["policy", "--instance", "--region", "cn-north-1"]).expect(0);
    assert!(instance.out.contains("ssmmessages:OpenDataChannel"), "{}", instance.out);
    assert!(
        instance.out.contains("arn:aws-cn:ssm:cn-north-1:*:parameter/recipe-walk/rw-*/*"),
        "{}",
        instance.out
    );
    home.run(&["policy", "--account", "me"]).expect(2);
    home.run(&["policy", "--partition", "moon"]).expect(2);
}
