//! Tags are anybody's word: whoever may tag can neither shorten nor extend the life of another's session, nor move it into
//! another class. The attacker is the ordinary AWS CLI.

use crate::support::Home;
use crate::support::aws_resources::security_group;
use crate::support::sessions::{EXPIRED, directory, elsewhere, expire, groups, kept, parameters, tag};

const EXPIRY: &str = "recipe-walk:expires-at";

/// A group of somebody else's that is tagged as the session's, with one more tag.
fn tagged_group(home: &Home, session: &str, key: &str, value: &str) {
    let tags = format!("{{Key=recipe-walk:session,Value={session}}},{{Key={key},Value={value}}}");
    let tags = format!("ResourceType=security-group,Tags=[{tags}]");
    security_group(home, "theirs", &["--tag-specifications", &tags]);
}

/// Cleans up here, by the journal, and elsewhere, by what is in the account: nothing goes.
#[track_caller]
fn spares(home: &Home, session: &str, how: &[&str], code: i32, reason: &str) {
    let here = home.run(&[&["cleanup", "--sandbox", "--yes"], how].concat()).expect(0);
    assert!(here.out.contains("nothing to delete"), "{here:?}");
    let there = elsewhere(&Home::new(), home, &[&["cleanup", "--aws", "--yes"], how].concat()).expect(code);
    let said = [there.out.as_str(), there.err.as_str()].concat().replace('\n', " ");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&format!("Session {session} is left alone")), "{there:?}");
    assert!(said.contains(reason) && said.contains(&format!("cleanup {session} --aws")), "{there:?}");
    assert_eq!(groups(home), 1);
}

#[test]
fn foreign_expiry_tag_deletes_nobodys_session() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    tagged_group(&home, &session, EXPIRY, EXPIRED);
    spares(&home, &session, &["--expired"], 0, "only a tag of");
    // Neighbours: the session's own note and lease are parameters, too.
    tag(&home, &session, "session", EXPIRY, EXPIRED);
    tag(&home, &session, "results", EXPIRY, "0001-01-01T00:00:00Z");
    spares(&home, &session, &["--expired"], 0, "only a tag of");
}

#[test]
fn first_things_forged_tag_makes_a_session_doubtful_only() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    tag(&home, &session, "key", EXPIRY, EXPIRED);
    spares(&home, &session, &["--expired"], 11, "but the tag of its key");
    // Deleted on purpose, by its name.
    elsewhere(&Home::new(), &home, &["cleanup", &session, "--aws", "--yes"]).expect(0);
    assert_eq!((groups(&home), parameters(&home, &session).len()), (0, 0));
}

#[test]
fn foreign_class_tag_moves_nobodys_session_into_it() {
    let home = Home::new().without_engines();
    let session = kept(&home, &["--cohort", "july"]);
    tagged_group(&home, &session, "recipe-walk:cohort", "june");
    spares(&home, &session, &["--cohort", "june"], 0, "of july");
    tag(&home, &session, "key", "recipe-walk:cohort", "june");
    spares(&home, &session, &["--cohort", "june"], 11, "its note says class 'july'");
}

#[test]
fn later_expiry_tag_saves_no_expired_session() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    expire(&home, &session);
    tag(&home, &session, "session", EXPIRY, "9999-12-31T23:59:59Z");
    let groups_of = ["ec2", "describe-security-groups", "--filters"];
    let filter = format!("Name=group-name,Values={session}-*");
    let all = home.aws(&[&groups_of[..], &[&filter]].concat()).expect(0).json();
    for group in all["SecurityGroups"].as_array().expect("groups") {
        let id = group["GroupId"].as_str().expect("an id");
        let later = format!("Key={EXPIRY},Value=9999-12-31T23:59:59Z");
        home.aws(&["ec2", "create-tags", "--resources", id, "--tags", &later]).expect(0);
    }
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["cleanup", "--expired", "--sandbox", "--yes"]).expect(0);
    assert_eq!((groups(&home), parameters(&home, &session).len()), (0, 0));
}
