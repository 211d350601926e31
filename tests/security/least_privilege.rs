//! Least privilege: everything that recipe-walk does runs under the policy that it prints, and a refusal names the
//! permission that is missing. The sandbox is the judge: it checks every call against the policy it was given.

use crate::support::checkout::{policy_file, recipe_without};
use crate::support::{Home, Said, run, until};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Stdio;

/// Actions of the policy that no call here can need, and why.
const NOT_HERE: [(&str, &str); 4] = [
    ("ec2:CreateNetworkInterface", "AWS makes the cache's network interfaces with the caller's permission"),
    ("ec2:DeleteNetworkInterface", "AWS deletes them with the caller's permission"),
    ("ec2:DescribeNetworkInterfaces", "AWS looks at them with the caller's permission"),
    ("ec2:CreateDefaultVpc", "a person types it when the preflight finds no default VPC"),
];

/// Actions that need engines behind the control plane: `commands_and_failovers_need_their_permissions` takes each away.
const WITH_ENGINES: [&str; 4] =
    ["elasticache:TestFailover", "ssm:CancelCommand", "ssm:GetCommandInvocation", "ssm:SendCommand"];

/// Actions that only a resumed session needs, to look whether everything is as it was left.
const RESUMING: [&str; 9] = [
    "ec2:DescribeSecurityGroups",
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeCacheParameterGroups",
    "elasticache:DescribeCacheParameters",
    "elasticache:DescribeCacheSubnetGroups",
    "iam:GetInstanceProfile",
    "iam:ListRolePolicies",
    "rds:DescribeDBSubnetGroups",
    "ssm:ListTagsForResource",
];

/// Actions that only adopting needs: `adopting_and_resuming_need_their_permissions` takes each away.
const ADOPTING: [&str; 3] =
    ["ec2:DescribeSecurityGroupRules", "elasticache:ListTagsForResource", "rds:ListTagsForResource"];

/// A walk needs this only to give its lease back, which may fail; a clean-up needs it for more.
const GIVES_BACK: &str = "ssm:DeleteParameter";

/// Actions whose absence a service words in its own way, and the test that meets it.
const TOLD_OTHERWISE: [(&str, &str); 1] =
    [("iam:CreateServiceLinkedRole", "missing_service_linked_role_is_told_with_the_creating_command")];

/// Actions for advice or for mirroring progress only: a walk goes on without them.
const ADVISORY: [&str; 9] = [
    "ec2:CreateTags",
    "freetier:GetAccountPlanState",
    "iam:GetAccountSummary",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "rds:DescribeEvents",
    "elasticache:DescribeEvents",
    "servicequotas:GetAWSDefaultServiceQuota",
    "servicequotas:GetServiceQuota",
];

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
    home.serve_under(&policy_file(), &["--no-engines"]);
    let walk = ["--sandbox", "--yes", "--keep", "--cohort", "june", "--owner", "Ada"];
    home.run(&walk).expect(0);
    let session = crate::support::only_session(&home);
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    // The journal is shortened to its first records, so everything is found and adopted, as after "do it myself".
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
    // No other action was tried: a refusal would have stopped one of the walks above, or shows here.
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
    let unknown: Vec<_> = idle.difference(&known).collect();
    assert_eq!(unknown, Vec::<&&str>::new(), "in the policy and never used, without a reason");
}

/// The policy without some actions, written where the sandbox reads it.
fn without(actions: &[&str], to: &std::path::Path) {
    let mut policy = policy();
    for statement in policy["Statement"].as_array_mut().expect("statements") {
        let left = texts(&statement["Action"]).into_iter().filter(|a| !actions.contains(&a.as_str()));
        let left: Vec<String> = left.collect();
        // A statement needs an action, so an emptied one gets one that no service has.
        let left = if left.is_empty() { vec!["sandbox:Nothing".to_owned()] } else { left };
        statement["Action"] = left.into();
    }
    std::fs::write(to, policy.to_string()).expect("the policy");
}

/// What a sandbox's calls needed, in the order of their first use; and how much of that was needed before its clean-up.
fn in_order(home: &Home, of: impl Fn(&Value) -> Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut list = Vec::new();
    let (mut making, mut unmaking) = (Vec::new(), Vec::new());
    for clean_up in [false, true] {
        if clean_up {
            home.run(&["cleanup", "--yes"]).expect(0);
        } else {
            home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
        }
        let calls = home.run(&["sandbox", "calls", "--json"]).expect(0).json();
        let calls = calls.as_array().expect("calls").iter();
        for name in calls.filter(|c| c["principal"].to_string().contains(":user/")).flat_map(&of) {
            if !list.contains(&name) {
                list.push(name.clone());
                if clean_up { &mut unmaking } else { &mut making }.push(name);
            }
        }
    }
    (making, unmaking)
}

fn permissions(call: &Value) -> Vec<String> {
    let all = call["permissions"].as_array().expect("permissions").iter();
    all.map(|p| p["action"].as_str().expect("an action").to_owned()).collect()
}

fn operation(call: &Value) -> Vec<String> {
    let part = |name: &str| call[name].as_str().expect("a text").to_owned();
    vec![format!("{}:{}", part("service"), part("operation"))]
}

/// Asserts that a walk without a permission it needs stopped saved, and said what is missing and what to type.
#[track_caller]
fn stops_for_want_of(missing: &str, walked: &Said) {
    let said = [walked.out.as_str(), walked.err.as_str()].concat();
    assert_eq!(walked.code, Some(10), "without {missing}: {said}");
    assert!(said.contains(missing), "{missing} is not named in:\n{said}");
    assert!(walked.err.contains("next: ") && walked.err.contains("recipe-walk"), "{missing}: {}", walked.err);
}

/// Whether an action changes nothing.
fn looks(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    ["Describe", "Get", "List"].iter().any(|word| name.starts_with(word))
}

/// Takes the permissions away one by one in the order in which a walk needs them, so that one walk goes through all of
/// them. Then it takes all away for the clean-up, where one refusal must not keep the rest from being tried.
fn each_is_needed(making: &[String], every: usize, unmaking: &[String], home: &Home, take: impl Fn(&[&str])) {
    let advice = |name: &&String| !ADVISORY.contains(&name.as_str()) && *name != GIVES_BACK;
    let elsewhere = |name: &&String| ADOPTING.iter().chain(&RESUMING).all(|other| other != *name);
    let mut taken = 0;
    for name in making.iter().filter(advice).filter(elsewhere).step_by(every) {
        if TOLD_OTHERWISE.iter().any(|(action, _)| action == name) {
            continue;
        }
        take(&[name]);
        let begin = || home.run(&["--sandbox", "--yes", "--keep"]);
        let begun = home
            .run(&["sessions", "--json"])
            .expect(0)
            .json()
            .as_array()
            .is_some_and(|s| s.iter().any(|session| session["state"] != "closed"));
        let mut walked = if begun { home.run(&["resume", "--yes", "--keep"]) } else { begin() };
        if walked.code == Some(0) {
            // The one before was first looked with, and needed only later: this walk was beyond what this one is for.
            take(&[]);
            home.run(&["cleanup", "--yes"]).expect(0);
            take(&[name]);
            walked = begin();
        }
        // Of a sample, the walk that went on may not have come to look again for what was refused.
        if every > 1 && walked.code == Some(0) && looks(name) {
            continue;
        }
        stops_for_want_of(name, &walked);
        taken += 1;
    }
    take(&[]);
    home.run(&["resume", "--yes", "--keep"]).expect(0);
    let clean_up = || unmaking.iter().filter(advice).filter(elsewhere);
    let mut gone: Vec<&str> = clean_up().filter(|name| !looks(name)).map(String::as_str).collect();
    gone.push(GIVES_BACK);
    take(&gone);
    let said = home.run(&["cleanup", "--yes"]);
    assert!(matches!(said.code, Some(10 | 11)), "{said:?}");
    let all = [said.out.as_str(), said.err.as_str()].concat();
    let unnamed: Vec<&&str> = gone.iter().filter(|name| !all.contains(**name)).collect();
    assert!(unnamed.is_empty(), "not named by the clean-up: {unnamed:?}\n{all}");
    // By the time of the sweep everything is gone, and the sweep says what it could not look for.
    for name in clean_up().filter(|name| looks(name)) {
        take(&[name]);
        let said = home.run(&["cleanup", "--yes"]);
        assert!(said.code == Some(11) && [said.out, said.err].concat().contains(name.as_str()), "{name}");
    }
    take(&[]);
    home.run(&["cleanup", "--yes"]).expect(0);
    assert!(taken * every > 20 && gone.len() > 8, "{taken} {gone:?}");
}

#[test]
fn each_action_is_needed_and_its_absence_is_named() {
    let (making, unmaking) = in_order(&Home::new().without_engines(), permissions);
    let all = actions(&policy());
    let elsewhere = NOT_HERE.iter().chain(&TOLD_OTHERWISE).map(|(action, _)| *action);
    let mut met: BTreeSet<&str> =
        elsewhere.chain(WITH_ENGINES).chain(ADOPTING).chain(RESUMING).chain(ADVISORY).collect();
    met.extend(making.iter().chain(&unmaking).map(String::as_str));
    let unmet: Vec<_> = all.iter().filter(|action| !met.contains(action.as_str())).collect();
    assert!(unmet.is_empty(), "no test takes these away, and no list says why: {unmet:?}");

    let home = Home::new();
    let file = home.path().join("policy.json");
    without(&[], &file);
    home.serve_under(&file, &["--no-engines"]);
    each_is_needed(&making, 1, &unmaking, &home, |names| without(names, &file));
}

#[test]
fn refusal_at_any_call_names_permission_and_next_command() {
    let (mut making, unmaking) = in_order(&Home::new().without_engines(), operation);
    // Making a parameter with tags needs this action; called by itself it only mirrors progress.
    making.retain(|name| name != "ssm:AddTagsToResource");
    let home = Home::new().without_engines();
    // Only some of the actions are tried, unless RECIPE_WALK_FULL is set.
    let every = if crate::support::matrix::full() { 1 } else { 6 };
    each_is_needed(&making, every, &unmaking, &home, |names| {
        home.run(&["sandbox", "fault", "clear"]).expect(0);
        for name in names {
            home.run(&["sandbox", "fault", "add", name, "refuse", "--times", "99"]).expect(0);
        }
    });
}

#[test]
fn missing_service_linked_role_is_told_with_the_creating_command() {
    let home = Home::new();
    let file = home.path().join("policy.json");
    without(&["iam:CreateServiceLinkedRole"], &file);
    home.serve_under(&file, &["--no-engines"]);
    let walked = home.run(&["--sandbox", "--yes", "--keep"]);
    assert!(walked.err.contains("ServiceLinkedRoleNotFoundFault"), "{}", walked.err);
    stops_for_want_of("iam:CreateServiceLinkedRole", &walked);
    // Somebody with the permission makes the role, as the message says, and the walk goes on.
    let command = "create-service-linked-role --aws-service-name elasticache.amazonaws.com";
    assert!(walked.err.contains(command), "{}", walked.err);
    without(&[], &file);
    home.aws(&[&["iam"], &command.split(' ').collect::<Vec<_>>()[..]].concat()).expect(0);
    home.run(&["resume", "--yes", "--keep"]).expect(0);
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn adopting_and_resuming_need_their_permissions() {
    let home = Home::new();
    let file = home.path().join("policy.json");
    without(&[], &file);
    home.serve_under(&file, &["--no-engines"]);
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = crate::support::only_session(&home);
    let journal = home.state().join("sessions").join(&session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    for action in RESUMING {
        without(&[action], &file);
        stops_for_want_of(action, &home.run(&["resume", &session, "--yes", "--keep"]));
    }
    for action in ADOPTING {
        let end = text.find("app-group").expect("the first group");
        let end = text[..end].rfind('\n').expect("a line") + 1;
        std::fs::write(&journal, &text[..end]).expect("the cut journal");
        without(&[action], &file);
        stops_for_want_of(action, &home.run(&["resume", &session, "--yes", "--keep"]));
    }
    without(&[], &file);
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn commands_and_failovers_need_their_permissions() {
    let home = Home::new();
    let file = home.path().join("policy.json");
    // The recipe is shortened, so that the failover lesson comes right after the data.
    let recipe = recipe_without(home.path(), &["compare", "load-test", "patterns"]);
    let text = std::fs::read_to_string(format!("{recipe}/recipe.toml")).expect("the recipe");
    let (before, lesson) = text.split_once("id = \"failover\"").expect("the lesson");
    let lesson = lesson.replacen("optional = true", "optional = false", 1);
    std::fs::write(format!("{recipe}/recipe.toml"), format!("{before}id = \"failover\"{lesson}"))
        .expect("written");
    without(&["ssm:SendCommand"], &file);
    home.serve_under(&file, &[]);
    stops_for_want_of("ssm:SendCommand", &home.run(&["--sandbox", "--yes", "--keep", "--recipe", &recipe]));
    let go_on = ["resume", "--yes", "--keep", "--recipe", &recipe];
    for action in ["ssm:GetCommandInvocation", "elasticache:TestFailover"] {
        without(&[action], &file);
        stops_for_want_of(action, &home.run(&go_on));
    }
    // Ctrl-C in the middle of a command cancels the command.
    without(&[], &file);
    let sent = |operation: &str| {
        let calls = home.run(&["sandbox", "calls", "--json"]).expect(0).json();
        let calls = calls.as_array().expect("calls").iter();
        calls.filter(|c| c["operation"] == operation && c["outcome"] == "ok").count()
    };
    let promoted = sent("TestFailover");
    let walk = home.recipe_walk(&go_on).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a walk");
    until("the lesson runs", || sent("TestFailover") > promoted);
    let pid = rustix::process::Pid::from_child(&walk);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("Ctrl-C");
    let mut walk = walk;
    assert_ne!(walk.wait().expect("it ends").code(), Some(0));
    assert!(sent("CancelCommand") > 0);
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn the_policy_is_printed_and_filled_in() {
    let home = Home::new();
    let plain = home.run(&["policy"]).expect(0).json();
    assert_eq!(plain, policy());
    let said = home.run(&["policy", "--account", "210987654321", "--region", "eu-west-1"]).expect(0);
    assert!(said.json()["Statement"].is_array());
    assert!(said.out.contains("arn:aws:elasticache:eu-west-1:210987654321:*:rw-*"), "{}", said.out);
    assert!(
        said.out.contains("arn:aws:iam::210987654321:role/rw-*") && !said.out.contains(":*:*:"),
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
