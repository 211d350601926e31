//! The session's tags in the shape of each service, and the look at them before anything is adopted or deleted.

use aws_sdk_ec2::types::Tag as Ec2Tag;
use aws_sdk_elasticache::types::Tag as CacheTag;
use aws_sdk_iam::types::Tag as IamTag;
use aws_sdk_rds::types::Tag as RdsTag;
use aws_sdk_ssm::types::Tag as SsmTag;
use recipe_walk_engine::action::Output;
use recipe_walk_engine::cloud::Found;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::tags::{self, Tags};

/// Makes a function that turns [`Tags`] into a service's own tag list. The builders of some services can fail on a
/// missing key, which cannot happen here.
macro_rules! tag_list {
    ($name:ident, $type:ty, $build:expr) => {
        pub(crate) fn $name(tags: &Tags) -> Vec<$type> {
            let build: fn(&'static str, String) -> Option<$type> = $build;
            tags.pairs().into_iter().filter_map(|(key, value)| build(key, value)).collect()
        }
    };
}

tag_list!(ec2, Ec2Tag, |k, v| Some(Ec2Tag::builder().key(k).value(v).build()));
tag_list!(elasticache, CacheTag, |k, v| Some(CacheTag::builder().key(k).value(v).build()));
tag_list!(rds, RdsTag, |k, v| Some(RdsTag::builder().key(k).value(v).build()));
tag_list!(iam, IamTag, |k, v| IamTag::builder().key(k).value(v).build().ok());
tag_list!(ssm, SsmTag, |k, v| SsmTag::builder().key(k).value(v).build().ok());

/// Refuses to overwrite something in what is somebody else's; what is not there is for the service to say.
pub(crate) fn must_be_ours(found: Found, operation: &str, name: &str) -> Result<(), Failure> {
    match found {
        Found::Ours(_) | Found::Absent => Ok(()),
        Found::Foreign(whose) => Err(Failure::local(
            operation,
            "NotOurs",
            format!("{name} belongs to {whose}: it is left as it is"),
        )),
    }
}

/// Decides from the tags whether something found under our name is ours.
pub(crate) fn judge<'a>(
    ours: &Tags,
    tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    output: Output,
) -> Found {
    let mut session = None;
    let mut owner = None;
    for (key, value) in tags {
        match key {
            tags::SESSION => session = Some(value.to_owned()),
            tags::OWNER => owner = Some(value.to_owned()),
            _ => {}
        }
    }
    match (session, owner) {
        (Some(s), _) if s == ours.session.as_str() => Found::Ours(output),
        (Some(s), Some(o)) => Found::Foreign(format!("session {s} of {o}")),
        (Some(s), None) => Found::Foreign(format!("session {s}")),
        (None, _) => Found::Foreign("nobody known (it has no recipe-walk tag)".into()),
    }
}
