//! Foreign resources survive every clean-up and are never adopted: look-alikes without a tag, and resources of our very
//! names with another session's tag.

use crate::support::aws_resources::{
    TRUST, cache, cache_subnets, call, database, db_subnets, launch, network, parameters, security_group,
};
use crate::support::sessions::expire;
use crate::support::{Home, only_session};

const OTHER: &str = "rw-aaaaaaaa";

/// Makes one resource of every kind that has a name, tagged for another session where asked, and lists them.
fn make(home: &Home, name: &str, tagged: bool) -> Vec<String> {
    let (_, subnets) = network(home);
    let (one, two) = (subnets[0].as_str(), subnets[1].as_str());
    let tag = format!("Key=recipe-walk:session,Value={OTHER}");
    let (spec, more) = if tagged {
        (format!("ResourceType=security-group,Tags=[{{{tag}}}]"), format!(",{{{tag}}}"))
    } else {
        (String::new(), String::new())
    };
    let (specified, tags) = (["--tag-specifications", spec.as_str()], ["--tags", tag.as_str()]);
    let specified: &[&str] = if tagged { &specified } else { &[] };
    let tags: &[&str] = if tagged { &tags } else { &[] };
    let group = security_group(home, name, specified);
    cache_subnets(home, name, &[one], tags);
    parameters(home, name, tags);
    db_subnets(home, name, &[one, two], tags);
    call(home, &["iam", "create-role", "--role-name", name, "--assume-role-policy-document", TRUST], tags);
    call(home, &["iam", "create-instance-profile", "--instance-profile-name", name], tags);
    let path = format!("/others/{name}");
    call(home, &["ssm", "put-parameter", "--name", &path, "--type", "String", "--value", "x"], tags);
    // These three are billed; an instance's name is a tag.
    cache(home, name, "1", name, tags);
    database(home, name, "abcdefgh12345", name, &group, tags);
    let named = format!("ResourceType=instance,Tags=[{{Key=Name,Value={name}}}{more}]");
    launch(home, one, &group, &["--tag-specifications", &named]);
    others(home, name)
}

/// The ids of living instances of that name.
fn instances(home: &Home, name: &str) -> Vec<String> {
    let named = format!("Name=tag:Name,Values={name}");
    let alive = "Name=instance-state-name,Values=pending,running";
    let all = home.aws(&["ec2", "describe-instances", "--filters", &named, alive]).expect(0).json();
    let all = all["Reservations"].as_array().expect("reservations").iter();
    all.map(|r| r["Instances"][0]["InstanceId"].as_str().expect("an id").to_owned()).collect()
}

/// Everything in the account that has that name, with its kind, in whatever state it is.
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
    // The first has our session's name inside its own; the second begins with it and has another session's tag.
    let (within, under) = (format!("my-{session}-app"), format!("{session}-extra"));
    let (first, second) = (make(&home, &within, false), make(&home, &under, true));
    let spared = |how: &str| {
        assert_eq!(others(&home, &within), first, "{how}");
        assert_eq!(others(&home, &under), second, "{how}");
        let groups = home.aws(&["ec2", "describe-security-groups"]).expect(0).out;
        assert!(groups.contains(&within) && groups.contains(&under), "{how}: {groups}");
    };
    // This clean-up goes by the journal. It names what has our kind of name and is not ours.
    let said = home.run(&["cleanup", &session, "--yes"]).expect(11);
    assert!(said.out.contains(&under) && !said.out.contains(&within), "{}", said.out);
    spared("by its journal");
    // This one has nothing but the account to go by.
    std::fs::remove_dir_all(home.state().join("sessions").join(&session)).expect("lost");
    home.run(&["cleanup", &session, "--sandbox", "--yes"]);
    spared("by what is left");
    assert!(first.len() >= 9 && second.len() >= 9, "{first:?} {second:?}");
}

/// Everything of the session's own, recognised by ids that only it can have.
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

/// Cleans up with this command while the session and look-alikes with another session's tag exist.
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
    // The look-alikes' names are like ours, so they are named as left.
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
    spares_the_others(&["cleanup", "--expired", "--sandbox", "--yes"], expire);
}

#[test]
fn our_name_with_another_sessions_tag_is_refused_naming_owner() {
    let home = Home::new().without_engines();
    home.run(&["sandbox", "fault", "add", "CreateCacheSubnetGroup", "refuse"]).expect(0);
    home.run(&["--sandbox", "--yes", "--keep"]).expect(10);
    let session = only_session(&home);
    let name = format!("{session}-cache");
    let (_, subnets) = network(&home);
    let tag = format!("Key=recipe-walk:session,Value={OTHER}");
    cache_subnets(&home, &name, &[&subnets[0]], &["--tags", &tag, "Key=recipe-walk:owner,Value=bob"]);
    let said = home.run(&["resume", "--yes", "--keep"]).expect(10);
    assert!(said.err.contains(&format!("session {OTHER} of bob")), "{}", said.err);
    // The dry run leaves it out and says why; the clean-up leaves it too, and does not call that a clean end.
    let said = home.run(&["cleanup", "--dry-run"]).expect(0);
    assert!(!said.out.contains(&format!(". cache subnet group {name}")), "{}", said.out);
    let said = home.run(&["cleanup", "--yes"]).expect(11);
    assert!(said.out.contains(&name), "{}", said.out);
    let there = home.aws(&["elasticache", "describe-cache-subnet-groups"]).expect(0).out;
    assert!(there.contains(&name), "{there}");
    home.aws(&["elasticache", "delete-cache-subnet-group", "--cache-subnet-group-name", &name]).expect(0);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}
