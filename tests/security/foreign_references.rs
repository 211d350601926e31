//! A recipe is content from a stranger: nothing that it names of somebody else's is opened, changed or taken away. And
//! what only carries the session's tag is told and left. Somebody else is the ordinary AWS CLI.

use crate::support::Home;
use crate::support::aws_resources::{TRUST, cache, cache_subnets, call, network, parameters, security_group};
use crate::support::checkout::recipe_without;
use crate::support::sessions::{directory, kept};

/// A walk of the recipe with one text changed is stopped by what it refers to.
#[track_caller]
fn stops_at(home: &Home, from: &str, to: &str, stranger: &str) {
    let dir = recipe_without(home.path(), &[]);
    let path = format!("{dir}/recipe.toml");
    let text = std::fs::read_to_string(&path).expect("the recipe");
    assert!(text.contains(from), "{from}");
    std::fs::write(&path, text.replacen(from, to, 1)).expect("changed");
    let said = home.run(&["--sandbox", "--yes", "--keep", "--recipe", &dir]).expect(9);
    let all = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(all.contains(stranger) && all.contains("neither made nor looked up"), "{said:?}");
    home.run(&["cleanup", "--yes"]).expect(0);
    std::fs::remove_dir_all(dir).expect("gone");
}

#[test]
fn recipe_that_names_foreign_things_neither_opens_nor_changes_them() {
    let home = Home::new().without_engines();
    let (vpc, _) = network(&home);
    let (group, other) = (security_group(&home, "prod", &[]), security_group(&home, "prod-app", &[]));
    // The very rule that the recipe would make is there, and would be adopted and taken away at the end.
    let rule = ["ec2", "authorize-security-group-ingress", "--group-id", &group, "--protocol", "tcp"];
    call(&home, &[&rule[..], &["--port", "6379", "--source-group", &other]].concat(), &[]);
    parameters(&home, "prod-params", &[]);
    call(
        &home,
        &["iam", "create-role", "--role-name", "prod-role", "--assume-role-policy-document", TRUST],
        &[],
    );
    let rules = || home.aws(&["ec2", "describe-security-group-rules"]).expect(0).json();
    let before = rules();
    stops_at(&home, "group = \"{{cache-group.id}}\"", &format!("group = \"{group}\""), &group);
    stops_at(&home, "source = \"{{app-group.id}}\"", &format!("source = \"{other}\""), &other);
    stops_at(&home, "group = \"{{session}}-lru\"", "group = \"prod-params\"", "prod-params");
    stops_at(&home, "role = \"{{session}}-app\"", "role = \"prod-role\"", "prod-role");
    stops_at(&home, "vpc = \"{{vpc}}\"", &format!("vpc = \"{}x\"", &vpc[..vpc.len() - 1]), "vpc");
    stops_at(
        &home,
        "security_group = \"{{app-group.id}}\"",
        &format!("security_group = \"{group}\""),
        &group,
    );
    assert_eq!(rules(), before);
    let policies = home.aws(&["iam", "list-role-policies", "--role-name", "prod-role"]).expect(0).json();
    assert_eq!(policies["PolicyNames"], serde_json::json!([]));
    let values = ["elasticache", "describe-cache-parameters", "--source", "user"];
    let values = call(&home, &[&values[..], &["--cache-parameter-group-name", "prod-params"]].concat(), &[]);
    assert_eq!(values["Parameters"], serde_json::json!([]));
}

#[test]
fn tag_alone_is_told_with_its_cost_and_never_deleted() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let tag = format!("Key=recipe-walk:session,Value={session}");
    let tags = ["--tags", tag.as_str()];
    let (_, subnets) = network(&home);
    parameters(&home, "prod-params", &tags);
    cache_subnets(&home, "prod-subnets", &[&subnets[0]], &tags);
    cache(&home, "prod-cache", "1", "prod-subnets", &tags);
    call(
        &home,
        &["iam", "create-role", "--role-name", "prod-role", "--assume-role-policy-document", TRUST],
        &tags,
    );
    call(&home, &["iam", "create-instance-profile", "--instance-profile-name", "prod-profile"], &tags);
    let secret = ["ssm", "put-parameter", "--name", "/prod/secret", "--type", "SecureString", "--value", "x"];
    call(&home, &secret, &tags);
    // By its journal, and by what is in the account alone.
    for lost in [false, true] {
        if lost {
            std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
        }
        let said = home.run(&["cleanup", &session, "--sandbox", "--yes"]).expect(11);
        let all = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        for (name, cost) in [
            ("cache parameter group prod-params", "costs nothing by itself"),
            ("cache subnet group prod-subnets", "costs nothing by itself"),
            ("replication group prod-cache", "about $0.017"),
            ("IAM role prod-role", "costs nothing by itself"),
            ("instance profile prod-profile", "costs nothing by itself"),
            ("parameter /prod/secret", "costs nothing by itself"),
        ] {
            let told = all.split("Not deleted: ").find(|line| line.starts_with(name));
            assert!(told.is_some_and(|line| line.contains(cost)), "{name}, {lost}: {all}");
        }
    }
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).out;
    for name in ["prod-params", "prod-subnets", "prod-cache", "prod-role", "prod-profile", "/prod/secret"] {
        assert!(status.contains(name), "{name}: {status}");
    }
    assert!(!status.contains(&format!("{session}-")), "{status}");
}

#[test]
fn recipe_note_may_not_take_the_sessions_own_paths() {
    let home = Home::new();
    for (kind, path) in [("note", "lease"), ("note", "session"), ("secret", "key"), ("note", "results")] {
        let dir = recipe_without(home.path(), &[]);
        let file = format!("{dir}/recipe.toml");
        let text = std::fs::read_to_string(&file).expect("the recipe");
        let own = format!(
            "[[step.make]]\nas = \"mine\"\nkind = \"{kind}\"\npath = \"/recipe-walk/{{{{session}}}}/{path}\"\n\
             description = \"x\"\n{}\n\n[[step.make]]\nas = \"app-group\"",
            if kind == "note" { "text = \"x\"" } else { "length = 8" }
        );
        std::fs::write(&file, text.replacen("[[step.make]]\nas = \"app-group\"", &own, 1)).expect("changed");
        let said = home.run(&["check", &dir]).expect(9);
        let all = [said.out, said.err].concat();
        assert!(all.contains("what the session itself keeps there"), "{path}: {all}");
        std::fs::remove_dir_all(dir).expect("gone");
    }
}
