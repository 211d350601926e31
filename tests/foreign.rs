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
    make_billed(home, name, tagged.then_some(tag.as_str()), &one);
    others(home, name)
}

/// Makes what is billed: a replication group, a database, and an instance, whose name is a tag.
fn make_billed(home: &Home, name: &str, tag: Option<&str>, subnet: &str) {
    let filter = format!("Name=group-name,Values={name}");
    let groups = home.aws(&["ec2", "describe-security-groups", "--filters", &filter]).expect(0).json();
    let group = groups["SecurityGroups"][0]["GroupId"].as_str().expect("a group").to_owned();
    let image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let image = home.aws(&["ssm", "get-parameter", "--name", image]).expect(0).json();
    let image = image["Parameter"]["Value"].as_str().expect("an image").to_owned();
    let with = |call: &[&str]| {
        let tags = tag.map(|tag| ["--tags", tag]);
        home.aws(&[call, tags.as_ref().map_or(&[][..], |t| &t[..])].concat()).expect(0);
    };
    with(&[
        "elasticache",
        "create-replication-group",
        "--replication-group-id",
        name,
        "--replication-group-description",
        "x",
        "--engine",
        "redis",
        "--cache-node-type",
        "cache.t3.micro",
        "--num-cache-clusters",
        "1",
        "--cache-subnet-group-name",
        name,
    ]);
    with(&[
        "rds",
        "create-db-instance",
        "--db-instance-identifier",
        name,
        "--db-instance-class",
        "db.t3.micro",
        "--engine",
        "mysql",
        "--engine-version",
        "8.4",
        "--master-username",
        "admin",
        "--master-user-password",
        "abcdefgh12345",
        "--allocated-storage",
        "20",
        "--db-subnet-group-name",
        name,
        "--vpc-security-group-ids",
        &group,
        "--backup-retention-period",
        "0",
        "--no-multi-az",
        "--no-publicly-accessible",
    ]);
    let more = tag.map(|tag| format!(",{{{tag}}}")).unwrap_or_default();
    let specification = format!("ResourceType=instance,Tags=[{{Key=Name,Value={name}}}{more}]");
    let launch = ["ec2", "run-instances", "--image-id", &image, "--instance-type", "t3.micro"];
    let where_to = ["--subnet-id", subnet, "--security-group-ids", &group];
    home.aws(&[&launch[..], &where_to, &["--tag-specifications", &specification]].concat()).expect(0);
}

/// Instances of that name that are alive.
fn instances(home: &Home, name: &str) -> Vec<String> {
    let named = format!("Name=tag:Name,Values={name}");
    let alive = "Name=instance-state-name,Values=pending,running";
    let all = home.aws(&["ec2", "describe-instances", "--filters", &named, alive]).expect(0).json();
    let all = all["Reservations"].as_array().expect("reservations").iter();
    all.map(|r| r["Instances"][0]["InstanceId"].as_str().expect("an id").to_owned()).collect()
}

/// What of the world has that name, with its kind: whatever its state, for what was just made gets ready in its own time.
fn others(home: &Home, name: &str) -> Vec<String> {
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    let list = status["resources"].as_array().expect("resources").iter();
    let list = list.map(|r| format!("{} {}", r["type"], r["id"]));
    let mut found: Vec<String> = list.filter(|text| text.contains(name)).collect();
    found.extend(instances(home, name));
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
    // Once more, by what is left in the account alone.
    std::fs::remove_dir_all(home.state().join("sessions").join(&session)).expect("lost");
    home.run(&["cleanup", &session, "--sandbox", "--yes"]);
    spared("by what is left");
    assert!(first.len() >= 9 && second.len() >= 9, "{first:?} {second:?}");
}

/// Everything of the session's own, by the ids that only it can have.
fn own(home: &Home, session: &str) -> Vec<String> {
    let names = ["app", "cache", "db", "lru"].map(|n| format!("{session}-{n}"));
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    let list = status["resources"].as_array().expect("resources").iter();
    let ids = list.map(|r| r["id"].as_str().unwrap_or_default().to_owned());
    let mut own: Vec<String> =
        ids.filter(|id| names.contains(id) || id.starts_with(&format!("/recipe-walk/{session}/"))).collect();
    own.extend(instances(home, &names[0]));
    own
}

/// Cleans up in one way while the session and its look-alikes, with another session's tag, are all there.
fn spares_the_others(how: &[&'static str], before: impl FnOnce(&Home, &str)) {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep", "--cohort", "june"]).expect(0);
    let session = only_session(&home);
    let under = format!("{session}-extra");
    let theirs = make(&home, &under, true);
    assert!(theirs.len() >= 9 && own(&home, &session).len() >= 9, "{theirs:?}");
    before(&home, &session);
    let word = |word: &&'static str| if *word == "SESSION" { session.as_str() } else { *word };
    let command: Vec<&str> = how.iter().map(word).collect();
    // Their names are like ours, so what is spared is named as left.
    let said = home.run(&command).expect(11);
    assert_eq!(others(&home, &under), theirs, "{said:?}");
    assert_eq!(own(&home, &session), Vec::<String>::new(), "{said:?}");
}

fn lose(home: &Home, session: &str) {
    std::fs::remove_dir_all(home.state().join("sessions").join(session)).expect("lost");
}

#[test]
fn look_alikes_survive_a_clean_up_by_tags_alone() {
    spares_the_others(&["cleanup", "SESSION", "--sandbox", "--yes"], lose);
}

#[test]
fn look_alikes_survive_the_clean_up_of_a_class() {
    spares_the_others(&["cleanup", "--cohort", "june", "--sandbox", "--yes"], lose);
}

#[test]
fn look_alikes_survive_the_clean_up_of_what_has_expired() {
    spares_the_others(&["cleanup", "--expired", "--sandbox", "--yes"], |home, session| {
        // The groups tell it: as if it had been begun long ago.
        for name in ["app", "cache", "db"] {
            let filter = format!("Name=group-name,Values={session}-{name}");
            let groups =
                home.aws(&["ec2", "describe-security-groups", "--filters", &filter]).expect(0).json();
            let group = groups["SecurityGroups"][0]["GroupId"].as_str().expect("a group").to_owned();
            let tag = "Key=recipe-walk:expires-at,Value=2026-01-01T00:00:00Z";
            home.aws(&["ec2", "create-tags", "--resources", &group, "--tags", tag]).expect(0);
        }
    });
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
