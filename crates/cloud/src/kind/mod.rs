//! What the cloud does with each kind of resource, in a file of its own below its service; beside them is what they share.

mod compare;
mod ec2;
mod elasticache;
mod iam;
mod prelude;
mod rds;
mod ssm;
mod tagging;
mod traits;

pub(crate) use ec2::filter;
pub(crate) use tagging::ec2 as ec2_tags;
pub(crate) use traits::{Board, Carrier, Traces, Usage, Wanted};

use crate::AwsCloud;
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::{Answer, Found, Leftover, Probe, Undone};
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::kind::{self, Arn, Kind as _};
use traits::Resource;

/// Everything that is asked of a kind goes through here to its file.
macro_rules! dispatch {
    ($($kind:ident $name:literal,)*) => {
        impl AwsCloud {
            pub(crate) fn find_it<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Found> {
                match &planned.action { $(Action::$kind(it) => Box::pin(it.find(self, planned)),)* }
            }

            pub(crate) fn make_it<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Output> {
                match &planned.action { $(Action::$kind(it) => Box::pin(it.make(self, planned)),)* }
            }

            pub(crate) fn probe_it<'a>(&'a self, planned: &'a Planned, id: &'a str) -> Answer<'a, Probe> {
                match &planned.action {
                    $(Action::$kind(it) => Box::pin(it.probe(self, planned, id)),)*
                }
            }

            pub(crate) fn compare_it<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Vec<Difference>> {
                match &planned.action { $(Action::$kind(it) => Box::pin(it.differences(self, planned)),)* }
            }

            fn undo_ours<'a>(&'a self, planned: &'a Planned, id: &'a str) -> Answer<'a, ()> {
                match &planned.action { $(Action::$kind(it) => Box::pin(it.undo(self, id)),)* }
            }

            /// What is left of a session, kind by kind.
            pub(crate) fn left<'a>(&'a self, traces: &'a Traces<'a>) -> Vec<Answer<'a, Vec<Leftover>>> {
                vec![$(Box::pin(<kind::$kind as Resource>::left(self, traces)),)*]
            }

            /// How much of the quota of a kind, by its name, the account uses.
            pub(crate) fn usage<'a>(&'a self, kind: &str) -> Answer<'a, Option<Usage>> {
                match kind {
                    $($name => Box::pin(<kind::$kind as Resource>::usage(self)),)*
                    _ => Box::pin(std::future::ready(Ok(None))),
                }
            }
        }

        /// What the error codes of all kinds mean.
        pub(crate) fn errors() -> impl Iterator<Item = &'static (&'static str, Kind)> {
            [$(<kind::$kind as Resource>::ERRORS),*].into_iter().flatten()
        }

        /// How a board of sessions gets to see each kind, and the ARN that it is named by.
        pub(crate) fn boards() -> Vec<(Board, Option<&'static Arn>)> {
            vec![$((<kind::$kind as Resource>::BOARD, kind::$kind::arns().first()),)*]
        }
    };
}
recipe_walk_engine::kinds!(dispatch);

impl AwsCloud {
    pub(crate) async fn undo_it(&self, planned: &Planned, id: &str) -> Result<Undone, Failure> {
        // The tag is looked at right before each deletion: a name alone proves nothing.
        match self.find_it(planned).await? {
            Found::Ours(_) => {}
            Found::Absent => return Ok(Undone::AlreadyGone),
            Found::Foreign(_) => return Ok(Undone::NotOurs),
        }
        match self.undo_ours(planned, id).await {
            Ok(()) => Ok(Undone::Deleted),
            Err(f) if f.kind() == Some(Kind::NotFound) => Ok(Undone::AlreadyGone),
            Err(f) => Err(f),
        }
    }
}
