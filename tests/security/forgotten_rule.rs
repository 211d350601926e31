//! A security group rule that a learner forgot: its connection fails as on AWS, and adding the rule mends it.

use crate::support::{Home, only_session, until};

/// Runs on the instance what the walk's own connect step ran there; returns its status and what it said.
fn check(home: &Home) -> (String, String) {
    let commands = home.aws(&["ssm", "list-commands"]).expect(0).json();
    let all = commands["Commands"].as_array().expect("commands");
    let made = all
        .iter()
        .find(|c| c["Parameters"]["commands"].to_string().contains("./demo check"))
        .unwrap_or_else(|| panic!("no command checks: {commands}"));
    let instance = made["InstanceIds"][0].as_str().expect("an instance").to_owned();
    // This is a new command: a copy of the walk's would only return that one's result.
    let parameters = serde_json::json!({"commands": made["Parameters"]["commands"]}).to_string();
    let parameters = parameters.replace("/once/", &format!("/once/{}-", all.len()));
    let sent = home
        .aws(&[
            "ssm",
            "send-command",
            "--document-name",
            "AWS-RunShellScript",
            "--instance-ids",
            &instance,
            "--parameters",
            &parameters,
        ])
        .expect(0)
        .json();
    let id = sent["Command"]["CommandId"].as_str().expect("an id").to_owned();
    let ask = ["ssm", "get-command-invocation", "--command-id", &id, "--instance-id", &instance];
    let mut found = serde_json::Value::Null;
    until("the command ends", || {
        found = home.aws(&ask).expect(0).json();
        !matches!(found["Status"].as_str(), Some("Pending" | "InProgress"))
    });
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    (text("Status"), text("StandardOutputContent") + &text("StandardErrorContent"))
}

#[test]
fn missing_rule_fails_as_on_aws_until_it_is_added() {
    let home = Home::new();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    assert_eq!(check(&home).0, "Success");
    let groups = home.aws(&["ec2", "describe-security-groups"]).expect(0).json();
    let id = |part: &str| {
        let name = format!("{session}-{part}");
        let group =
            groups["SecurityGroups"].as_array().expect("groups").iter().find(|g| g["GroupName"] == *name);
        group.unwrap_or_else(|| panic!("no {name} in {groups}"))["GroupId"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    let (app, db) = (id("app"), id("db"));
    let rule = |action: &str| {
        let call =
            ["ec2", action, "--group-id", &db, "--protocol", "tcp", "--port", "3306", "--source-group", &app];
        home.aws(&call).expect(0);
    };
    rule("revoke-security-group-ingress");
    let (status, said) = check(&home);
    assert_eq!(status, "Failed", "{said}");
    for word in ["MySQL", "timed out", "security group", "authorize-security-group-ingress", "3306"] {
        assert!(said.contains(word), "`{word}` is missing in {said}");
    }
    rule("authorize-security-group-ingress");
    let (status, said) = check(&home);
    assert_eq!(status, "Success", "{said}");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}
