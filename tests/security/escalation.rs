//! The known way to more rights: whoever may make a role and pass it to an instance may do what the role may. The printed
//! policy lets roles be made only under a boundary; here somebody who has that policy tries to get round it.

use crate::support::checkout::policy_file;
use crate::support::{Home, Said};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const ACCOUNT: &str = "000000000000";

fn policy_arn(home: &Home, name: &str) -> String {
    let me = home.aws(&["sts", "get-caller-identity"]).expect(0).json();
    format!("arn:aws:iam::{}:policy/{name}", me["Account"].as_str().unwrap_or(ACCOUNT))
}

fn create_role(home: &Home, name: &str, boundary: Option<&str>) -> Said {
    let mut words = vec!["iam", "create-role", "--role-name", name, "--path", "/recipe-walk/"];
    words.extend(["--assume-role-policy-document", TRUST]);
    words.extend(boundary.into_iter().flat_map(|arn| ["--permissions-boundary", arn]));
    home.aws(&words)
}

#[track_caller]
fn refused(said: &Said) {
    assert!(said.code != Some(0) && said.err.contains("AccessDenied"), "{said:?}");
}

fn may(home: &Home, role: &str, action: &str, resource: &str) -> bool {
    let words = [
        "iam",
        "simulate-principal-policy",
        "--policy-source-arn",
        role,
        "--action-names",
        action,
        "--resource-arns",
        resource,
    ];
    let answer = home.aws(&words).expect(0).json();
    answer["EvaluationResults"][0]["EvalDecision"] == "allowed"
}

#[test]
fn attendee_under_the_printed_policy_cannot_escalate() {
    let home = Home::new();
    // Somebody who may do everything has left a role without a boundary, and a policy that allows everything.
    home.serve(&["--no-engines"]);
    create_role(&home, "rw-left-behind", None).expect(0);
    let anything = ["iam", "create-policy", "--policy-name", "anything", "--policy-document", EVERYTHING];
    home.aws(&anything).expect(0);
    home.run(&["sandbox", "stop"]).expect(0);

    home.serve_under(&policy_file(), &["--no-engines"]);
    let (boundary, open) = (policy_arn(&home, "recipe-walk-boundary"), policy_arn(&home, "anything"));
    refused(&create_role(&home, "rw-evil", None));
    refused(&create_role(&home, "rw-evil", Some(&open)));
    refused(&create_role(&home, "rw-evil", Some("arn:aws:iam::aws:policy/AdministratorAccess")));
    // Another path is another's business, even with the boundary.
    for path in ["/", "/team/"] {
        let role = ["iam", "create-role", "--role-name", "rw-evil", "--path", path];
        let rest = ["--assume-role-policy-document", TRUST, "--permissions-boundary", &boundary];
        refused(&home.aws(&[&role[..], &rest].concat()));
    }

    let role = create_role(&home, "rw-mine", Some(&boundary)).expect(0).json();
    assert_eq!(role["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"], boundary.as_str());
    let put = |role| {
        let words = ["iam", "put-role-policy", "--policy-name", "all", "--policy-document", EVERYTHING];
        home.aws(&[&words[..], &["--role-name", role]].concat())
    };
    put("rw-mine").expect(0);
    refused(&put("rw-left-behind"));
    // Nor can the boundary be taken away, exchanged, rewritten, or gone round by another policy.
    for words in [
        &["iam", "delete-role-permissions-boundary", "--role-name", "rw-mine"][..],
        &["iam", "put-role-permissions-boundary", "--role-name", "rw-mine", "--permissions-boundary", &open],
        &["iam", "attach-role-policy", "--role-name", "rw-left-behind", "--policy-arn", &open],
        &["iam", "attach-role-policy", "--role-name", "rw-mine", "--policy-arn", &open],
        &["iam", "delete-policy", "--policy-arn", &boundary],
        &["iam", "create-policy", "--policy-name", "rw-mine", "--policy-document", EVERYTHING],
    ] {
        refused(&home.aws(words));
    }
    // What the role's policy allows counts as far as the boundary goes.
    let arn = role["Role"]["Arn"].as_str().expect("an ARN");
    assert!(may(&home, arn, "ssm:UpdateInstanceInformation", "*"));
    for action in ["iam:CreateUser", "ec2:RunInstances", "ssm:PutParameter", "sts:AssumeRole"] {
        assert!(!may(&home, arn, action, "*"), "{action}");
    }
    let foreign = "arn:aws:ssm:us-east-1:123456789012:parameter/prod/password";
    assert!(!may(&home, arn, "ssm:GetParameter", foreign));
}
