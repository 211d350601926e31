use super::*;
use crate::action::{Action, Output};
use crate::cloud::Place;
use crate::id::SessionId;
use crate::record::Opening;
use recipe_walk_measurements::{Kind, sample};

pub(crate) const ACCOUNT: &str = "123456789012";

/// A short session: a secret, a role policy that names the account, a refusal, a measurement, a clean-up.
pub(crate) fn session(sandbox: bool) -> Vec<Line> {
    let id = SessionId::from_bytes([1; 8]);
    let mut second = 0;
    let mut lines = Vec::new();
    let mut add = |record| {
        second += 2;
        let at = Timestamp::from_second(1_700_000_000 + second).expect("a time");
        lines.push(Line { at, record });
    };
    let endpoint = sandbox.then(|| "http://127.0.0.1:1234".into());
    let place = Place { account: ACCOUNT.into(), region: "us-east-1".into(), endpoint };
    let opening = Opening {
        sandbox,
        owner: "ana".into(),
        ..Opening::new(id.clone(), place, "r", Timestamp::UNIX_EPOCH)
    };
    add(Record::Opened(Box::new(opening.clone())));
    let planned = |name: &str, step: &str, action: Action| Planned::new(name, action, opening.tags(step));
    let secret = Action::Secret(crate::kind::Secret {
        path: "/recipe-walk/x/auth-token".into(),
        description: "d".into(),
        length: 48,
    });
    let policy = Action::RolePolicy(crate::kind::RolePolicy {
        role: "r".into(),
        name: "instance".into(),
        document: format!(r#"{{"Resource":"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/x"}}"#),
    });
    add(Record::Intended(Box::new(planned("auth-token", "replication-group", secret))));
    add(Record::Created { name: "auth-token".into(), output: Output::id("/recipe-walk/x/auth-token") });
    add(Record::Verified { step: "replication-group".into(), facts: BTreeMap::new() });
    add(Record::Intended(Box::new(planned("role-policy", "app-instance", policy.clone()))));
    add(Record::Refused {
        name: "role-policy".into(),
        failure: Failure::local(
            "iam:PutRolePolicy",
            "AccessDenied",
            format!("arn:aws:iam::{ACCOUNT}:user/x may not"),
        ),
    });
    add(Record::Intended(Box::new(planned("role-policy", "app-instance", policy))));
    add(Record::Created { name: "role-policy".into(), output: Output::id("r/instance") });
    add(Record::Verified { step: "app-instance".into(), facts: BTreeMap::new() });
    let mut compare = sample(Kind::Compare);
    compare["queries"][0]["title"] = ACCOUNT.into();
    add(Record::Measured { kind: "compare".into(), result: compare });
    add(Record::Verified { step: "compare".into(), facts: BTreeMap::new() });
    add(Record::Unwinding);
    for name in ["auth-token", "role-policy"] {
        add(Record::UndoStarted { name: name.into() });
        add(Record::UndoFinished { name: name.into(), how: Undone::Deleted });
    }
    add(Record::Closed);
    lines
}

#[test]
fn every_command_is_there_with_its_outcome_and_time() {
    let entries = transcript(&session(false), None);
    let told: Vec<(Did, Outcome)> = entries.iter().map(|e| (e.did, e.outcome)).collect();
    assert_eq!(
        told,
        [
            (Did::Make, Outcome::Done),
            (Did::Make, Outcome::Refused),
            (Did::Make, Outcome::Done),
            (Did::Run, Outcome::Done),
            (Did::Undo, Outcome::Done),
            (Did::Undo, Outcome::Done)
        ]
    );
    assert!(
        entries[0].told().ends_with("UTC: made /recipe-walk/x/auth-token, 2.0 s"),
        "{}",
        entries[0].told()
    );
    assert!(entries[1].told().contains("refused AccessDenied"), "{}", entries[1].told());
}

#[test]
fn neither_account_nor_address_nor_secret_is_in_it() {
    let text = script(&transcript(&session(true), None), "rw-x", None);
    assert!(!text.contains(ACCOUNT) && !text.contains("127.0.0.1"), "{text}");
    assert!(
        text.contains(r#":'"$ACCOUNT_ID"':parameter"#) && text.contains("ACCOUNT_ID=$(aws sts"),
        "{text}"
    );
    assert!(text.contains(r#"--endpoint-url "$AWS_ENDPOINT_URL""#), "{text}");
    assert!(text.contains("/dev/urandom"), "a secret is made by the command, never shown: {text}");
}

#[test]
fn the_script_is_one_that_a_shell_takes() {
    for sandbox in [false, true] {
        let text = script(&transcript(&session(sandbox), None), "rw-x", (!sandbox).then_some("eu-central-1"));
        assert_eq!(text.contains("AWS_DEFAULT_REGION=eu-central-1"), !sandbox, "{text}");
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("transcript.sh");
        std::fs::write(&file, &text).expect("written");
        let said = std::process::Command::new("sh").arg("-n").arg(&file).output().expect("sh runs");
        assert!(said.status.success(), "{}\n{text}", String::from_utf8_lossy(&said.stderr));
    }
}
