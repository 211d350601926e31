//! Things of others: look-alikes without a tag, and things under our very names with another session's tag, survive
//! every clean-up and are never adopted.

use crate::support::{Home, only_session};

const OTHER: &str = "rw-aaaaaaaa";

/// Makes one of every kind that has a name of its own. With a tag: another session's.
fn make(home: &Home, name: &str, tagged: bool) -> Vec<String> {
    let subnets = home.aws(&["ec2", "describe-subnets"]).expect(0).json();
    let subnet = |n: usize| subnets["Subnets"][n]["SubnetId"].as_str().expect("a subnet").to_owned();
    let (one, two) = (subnet(0), subnet(1));
    let tag = format!("Key=recipe-walk:session,Value={OTHER}");
    let spec = format!("ResourceType=security-group,Tags=[{{{tag}}}]");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let path = format!("/others/{name}");
    let calls: [(&[&str], &[&str]); 7] = [
        (
            &["ec2", "create-security-group", "--group-name", name, "--description", "x"],
            &["--tag-specifications", &spec],
        ),
        (
            &[
                "elasticache",
                "create-cache-subnet-group",
                "--cache-subnet-group-name",
                name,
                "--cache-subnet-group-description",
                "x",
                "--subnet-ids",
                &one,
            ],
            &["--tags", &tag],
        ),
        (
            &[
                "elasticache",
                "create-cache-parameter-group",
                "--cache-parameter-group-name",
                name,
                "--cache-parameter-group-family",
                "redis7",
                "--description",
                "x",
            ],
            &["--tags", &tag],
        ),
        (
            &[
                "rds",
                "create-db-subnet-group",
                "--db-subnet-group-name",
                name,
                "--db-subnet-group-description",
                "x",
                "--subnet-ids",
                &one,
                &two,
            ],
            &["--tags", &tag],
        ),
        (
            &["iam", "create-role", "--role-name", name, "--assume-role-policy-document", trust],
            &["--tags", &tag],
        ),
        (&["iam", "create-instance-profile", "--instance-profile-name", name], &["--tags", &tag]),
        (&["ssm", "put-parameter", "--name", &path, "--type", "String", "--value", "x"], &["--tags", &tag]),
    ];
    for (call, tags) in calls {
        let all = if tagged { [call, tags].concat() } else { call.to_vec() };
        home.aws(&all).expect(0);
    }
    others(home, name)
}

/// What of the world has that name, with its kind.
fn others(home: &Home, name: &str) -> Vec<String> {
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    let list = status["resources"].as_array().expect("resources").iter();
    let mut found: Vec<String> = list.map(ToString::to_string).filter(|text| text.contains(name)).collect();
    found.sort();
    found
}

#[test]
fn look_alikes_survive_every_clean_up() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep", "--cohort", "june"]).expect(0);
    let session = only_session(&home);
    // Its name in theirs; and their name under ours, as far as a name can be, with somebody else's tag.
    let (within, under) = (format!("my-{session}-app"), format!("{session}-extra"));
    let (first, second) = (make(&home, &within, false), make(&home, &under, true));
    let spared = |how: &str| {
        assert_eq!(others(&home, &within), first, "{how}");
        assert_eq!(others(&home, &under), second, "{how}");
        let groups = home.aws(&["ec2", "describe-security-groups"]).expect(0).out;
        assert!(groups.contains(&within) && groups.contains(&under), "{how}: {groups}");
    };
    // By the journal. What has our kind of name and is not ours is named, and nothing is claimed that is not so.
    let said = home.run(&["cleanup", &session, "--yes"]).expect(11);
    assert!(said.out.contains(&under) && !said.out.contains(&within), "{}", said.out);
    spared("by its journal");
    // By tags alone.
    std::fs::remove_dir_all(home.state().join("sessions").join(&session)).expect("lost");
    home.run(&["cleanup", &session, "--sandbox", "--yes"]);
    spared("by tags");
    home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes"]).expect(0);
    home.run(&["cleanup", "--expired", "--sandbox", "--yes"]).expect(0);
    spared("by class and by expiry");
    assert!(first.len() >= 6 && second.len() >= 6, "{first:?} {second:?}");
}

#[test]
fn what_has_our_very_name_and_another_sessions_tag_is_refused_with_whose_it_is() {
    let home = Home::new().without_engines();
    home.run(&["sandbox", "fault", "add", "CreateCacheSubnetGroup", "refuse"]).expect(0);
    home.run(&["--sandbox", "--yes", "--keep"]).expect(10);
    let session = only_session(&home);
    let name = format!("{session}-cache");
    let subnets = home.aws(&["ec2", "describe-subnets"]).expect(0).json();
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().expect("a subnet").to_owned();
    let tag = format!("Key=recipe-walk:session,Value={OTHER}");
    let mut create = vec!["elasticache", "create-cache-subnet-group", "--cache-subnet-group-name", &name];
    create.extend(["--cache-subnet-group-description", "x", "--subnet-ids", &subnet]);
    create.extend(["--tags", &tag, "Key=recipe-walk:owner,Value=bob"]);
    home.aws(&create).expect(0);
    let said = home.run(&["resume", "--yes", "--keep"]).expect(10);
    assert!(said.err.contains(&format!("session {OTHER} of bob")), "{}", said.err);
    // What would go leaves it out and says why; the clean-up does so, and does not call that a clean end.
    let said = home.run(&["cleanup", "--dry-run"]).expect(0);
    assert!(!said.out.contains(&format!(". cache subnet group {name}")), "{}", said.out);
    let said = home.run(&["cleanup", "--yes"]).expect(11);
    assert!(said.out.contains(&name), "{}", said.out);
    let there = home.aws(&["elasticache", "describe-cache-subnet-groups"]).expect(0).out;
    assert!(there.contains(&name), "{there}");
    home.aws(&["elasticache", "delete-cache-subnet-group", "--cache-subnet-group-name", &name]).expect(0);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}
