//! Clean-up of one session: the dry run, consent, foreign resources, and other sessions in the account.

use crate::support::{Home, only_session};

#[test]
fn a_dry_run_lists_everything_and_deletes_nothing() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    let said = home.run(&["cleanup", &session, "--dry-run"]).expect(0);
    for what in
        ["replication group", "database", "instance", "subnet group", "parameter group", "role", "secret"]
    {
        assert!(said.out.contains(what), "'{what}' is missing in:\n{}", said.out);
    }
    let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    assert_eq!(groups["ReplicationGroups"].as_array().expect("groups").len(), 1);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_deleted() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    home.run(&["cleanup"]).expect(13);
    let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    assert_eq!(groups["ReplicationGroups"].as_array().expect("groups").len(), 1);
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn foreign_resources_survive_and_the_sweep_reports_unknown_ones() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    // A look-alike without a tag has the session's name inside its own, but not at the beginning.
    let alike = format!("my-{session}-cache");
    let subnets = home.aws(&["ec2", "describe-subnets"]).expect(0).json();
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().expect("a subnet").to_owned();
    let create = |name: &str, tags: &[&str]| {
        let mut arguments =
            vec!["elasticache", "create-cache-subnet-group", "--cache-subnet-group-name", name];
        arguments.extend(["--cache-subnet-group-description", "x", "--subnet-ids", &subnet]);
        arguments.extend(tags);
        home.aws(&arguments).expect(0)
    };
    create(&alike, &[]);
    // This parameter has a name of the session's, and the journal does not know it.
    let unknown = format!("{session}-extra");
    create(&unknown, &[]);
    let said = home.run(&["cleanup", &session, "--yes"]).expect(11);
    assert!(said.out.contains(&unknown) && !said.out.contains(&alike), "{}", said.out);
    home.aws(&["elasticache", "delete-cache-subnet-group", "--cache-subnet-group-name", &unknown]).expect(0);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    let groups = home.aws(&["elasticache", "describe-cache-subnet-groups"]).expect(0);
    assert!(groups.out.contains(&alike), "{}", groups.out);
    home.aws(&["elasticache", "delete-cache-subnet-group", "--cache-subnet-group-name", &alike]).expect(0);
}

#[test]
fn cleanup_of_one_session_leaves_other_sessions_alone() {
    let home = Home::new().without_engines();
    for _ in 0..3 {
        home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    }
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    let names: Vec<&str> =
        list.as_array().expect("a list").iter().map(|s| s["session"].as_str().expect("a name")).collect();
    home.run(&["cleanup", names[1], "--yes"]).expect(0);
    let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).out;
    for (index, name) in names.iter().enumerate() {
        assert_eq!(groups.contains(&format!("{name}-cache")), index != 1, "{groups}");
    }
    for name in [names[0], names[2]] {
        home.run(&["cleanup", name, "--yes"]).expect(0);
    }
}
