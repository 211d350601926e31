//! What the cloud must know of a kind. No method has a default: a new kind answers every question.

use crate::AwsCloud;
use jiff::Timestamp;
use recipe_walk_engine::action::{Output, Planned};
use recipe_walk_engine::cloud::{Answer, Found, Leftover, Probe, Stage};
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::failure::{self, Failure};
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::kind::Kind;
use recipe_walk_engine::names::belongs_to;
use recipe_walk_engine::price::Charge;
use recipe_walk_engine::tags;
use std::collections::{BTreeMap, BTreeSet};

/// Error codes with what they mean. docs/aws.md, "Order of deletion", "Permissions" and "Idempotency and consistency";
/// docs/aws-errors.md.
pub(crate) type Errors = &'static [(&'static str, failure::Kind)];

/// How a board of sessions gets to see a kind.
pub(crate) enum Board {
    /// Its own service is asked, because the tagging service lags behind: it shows what is gone for an hour and more.
    Own(for<'a> fn(&'a AwsCloud, Wanted<'a>) -> Answer<'a, Vec<Carrier>>),
    /// The tagging service is asked.
    Tagging,
    /// A class's board does without it.
    Unseen,
}

/// A tag by which resources are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Its key.
    pub(crate) key: &'a str,
    /// Its value, or any.
    pub(crate) value: Option<&'a str>,
}

/// Something that carries a tag that was asked for.
#[derive(Debug)]
pub(crate) struct Carrier {
    /// Its id.
    pub(crate) id: String,
    /// All its tags.
    pub(crate) tags: BTreeMap<String, String>,
}

/// How much of a kind's quota the account uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// So many.
    pub(crate) used: u32,
    /// Of so many, where the service tells it itself.
    pub(crate) limit: Option<f64>,
}

impl Usage {
    /// So many, of what Service Quotas tells.
    pub(crate) fn of(used: usize) -> Self {
        Self { used: u32::try_from(used).unwrap_or(u32::MAX), limit: None }
    }
}

/// One kind of resource in the cloud. What is planned has the tags of the session: what has others is somebody else's.
pub(crate) trait Resource: Kind {
    /// What the error codes of its calls mean, as far as they are not those of all services.
    const ERRORS: Errors;
    /// How a board of sessions gets to see it.
    const BOARD: Board;
    /// Whether it is there, and whose it is.
    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure>;
    /// Makes it, with the tags.
    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure>;
    /// Where it stands.
    async fn probe(&self, cloud: &AwsCloud, planned: &Planned, id: &str) -> Result<Probe, Failure>;
    /// Deletes it, or puts back what was there before. Whose it is was looked at right before.
    async fn undo(&self, cloud: &AwsCloud, id: &str) -> Result<(), Failure>;
    /// How what is there differs from the request.
    async fn differences(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Vec<Difference>, Failure>;
    /// What is there of it by the session's tag and by our names, whatever the journal says. Nothing for what goes with
    /// its resource.
    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure>;
    /// How much of its quota the account uses; none where it counts against none.
    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure>;
}

/// Says of a kind that no time passes between its call and its use.
macro_rules! there_at_once {
    () => {
        async fn probe(&self, cloud: &AwsCloud, planned: &Planned, _: &str) -> Result<Probe, Failure> {
            Ok(at_once(&self.find(cloud, planned).await?))
        }
    };
}
pub(crate) use there_at_once;

/// Says of a kind that it belongs to a resource of another one: a board and a sweep find that, and no quota counts it.
macro_rules! goes_with_another {
    () => {
        const BOARD: Board = Board::Unseen;

        async fn left(_: &AwsCloud, _: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
            Ok(Vec::new())
        }

        async fn usage(_: &AwsCloud) -> Result<Option<Usage>, Failure> {
            Ok(None)
        }
    };
}
pub(crate) use goes_with_another;

/// The words of a resource's newest event. Events only decorate a wait: a failure to read them is no reason to end it.
macro_rules! newest_event {
    ($service:expr, $source:expr, $id:expr) => {{
        let call =
            $service.describe_events().source_type($source).source_identifier($id).duration(EVENT_MINUTES);
        let answer = call.send().await.ok();
        let events = answer.as_ref().map(|answer| answer.events()).unwrap_or_default();
        let newest = events.iter().max_by_key(|event| event.date().map(|at| (at.secs(), at.subsec_nanos())));
        newest.and_then(|event| event.message()).map(str::to_owned)
    }};
}
pub(crate) use newest_event;

/// What all pages of a call list.
macro_rules! pages {
    ($call:expr, $operation:expr, $list:ident) => {{
        let mut found = Vec::new();
        let mut pages = $call.into_paginator().send();
        while let Some(page) = pages.next().await {
            found.extend(page.named($operation)?.$list.unwrap_or_default());
        }
        Ok(found)
    }};
}
pub(crate) use pages;

/// The state of what is usable as soon as it is there.
pub(crate) fn at_once(found: &Found) -> Probe {
    let stage = if matches!(found, Found::Ours(_)) { Stage::Ready } else { Stage::Gone };
    Probe { stage, status: String::new(), event: None, attributes: BTreeMap::new() }
}

/// The state of what takes its time and is not there.
pub(crate) fn gone() -> Probe {
    Probe { stage: Stage::Gone, status: "gone".into(), event: None, attributes: BTreeMap::new() }
}

/// How far back the events go that a wait is interested in, in minutes.
pub(crate) const EVENT_MINUTES: i32 = 60;

/// Resources of a kind from before the session whose tags a sweep looks at.
const OLDER: usize = 200;

/// By what a sweep recognises what is left of a session.
pub(crate) struct Traces<'a> {
    /// The session.
    pub(crate) session: &'a SessionId,
    /// The ARNs of all that carries its tag, as the tagging service tells; some of it may be gone.
    pub(crate) tagged: BTreeSet<String>,
    /// When the session began: what is older is nothing of its own.
    pub(crate) since: Timestamp,
}

impl Traces<'_> {
    /// Something that is there, if its name is the session's or it carries the tag. One of another name is told as such:
    /// that the session has made it is only what the tag says.
    pub(crate) fn of(
        &self,
        kind: &str,
        name: &str,
        tagged: bool,
        charges: Option<Vec<Charge>>,
    ) -> Option<Leftover> {
        let by = match (belongs_to(name, self.session), tagged) {
            (true, true) => "tag",
            (true, false) => "name",
            (false, true) => Leftover::TAG_ALONE,
            (false, false) => return None,
        };
        Some(Leftover {
            kind: kind.to_owned(),
            id: name.to_owned(),
            by: by.to_owned(),
            charges,
            hourly: None,
        })
    }

    /// Whether something is worth a call of its own that tells its tags: whatever was made after the session began, and of
    /// what is older, which only somebody else can have tagged, the first ones. An account may have thousands.
    pub(crate) fn may_be(&self, name: &str, made: i64, older: &mut usize) -> bool {
        if belongs_to(name, self.session) || made >= self.since.as_second() {
            return true;
        }
        *older += 1;
        *older <= OLDER
    }

    /// The same for what is free and whose tag the tagging service tells.
    pub(crate) fn free(&self, kind: &str, name: Option<&str>, arn: Option<&str>) -> Option<Leftover> {
        self.of(kind, name?, arn.is_some_and(|arn| self.tagged.contains(arn)), Some(Vec::new()))
    }
}

/// Whether tags name the session.
pub(crate) fn names<'a>(mut tags: impl Iterator<Item = (&'a str, &'a str)>, session: &SessionId) -> bool {
    tags.any(|(key, value)| key == tags::SESSION && value == session.as_str())
}
