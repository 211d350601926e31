//! The sessions of an account and region, as their tags tell them.

use crate::AwsCloud;
use crate::connect::failure::Named as _;
use crate::kind::{Board, Carrier, Wanted, boards};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use jiff::Timestamp;
use recipe_walk_engine::cloud::{Answer, Remote};
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::tags;
use recipe_walk_engine::together::all;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Resources by session, filled from several services.
#[derive(Default)]
struct Found(BTreeMap<SessionId, Remote>);

impl Found {
    /// All of them together; what a later one tells goes over an earlier one.
    fn of(all: impl IntoIterator<Item = Self>) -> Vec<Remote> {
        let mut whole = BTreeMap::new();
        for (session, remote) in all.into_iter().flat_map(|found| found.0) {
            match whole.entry(session) {
                Entry::Vacant(place) => {
                    place.insert(remote);
                }
                Entry::Occupied(mut place) => join(place.get_mut(), remote),
            }
        }
        whole.into_values().collect()
    }

    /// Adds one tagged thing; something whose session tag is no session's name is not ours.
    fn add<'a>(&mut self, id: &str, tags: impl Iterator<Item = (&'a str, &'a str)>) {
        let tags: BTreeMap<&str, &str> = tags.collect();
        let Some(session) = tags.get(tags::SESSION).and_then(|s| s.parse::<SessionId>().ok()) else { return };
        let remote = self.0.entry(session.clone()).or_insert_with(|| Remote {
            session,
            owner: String::new(),
            cohort: String::new(),
            expires_at: None,
            opened_at: None,
            step: String::new(),
            since: None,
            error: String::new(),
            resources: Vec::new(),
        });
        let take = |field: &mut String, key: &str| {
            if let Some(value) = tags.get(key).filter(|v| **v != "none") {
                (*value).clone_into(field);
            }
        };
        take(&mut remote.owner, tags::OWNER);
        take(&mut remote.cohort, tags::COHORT);
        let time = |key: &str| tags.get(key).and_then(|t| t.parse().ok());
        remote.expires_at = time(tags::EXPIRES_AT).or(remote.expires_at);
        remote.opened_at = time(tags::OPENED_AT).or(remote.opened_at);
        let text = |key: &str| tags.get(key).filter(|v| **v != "none").map_or("", |v| *v).to_owned();
        let mark = Mark { step: text(tags::PROGRESS), since: time(tags::SINCE), error: text(tags::ERROR) };
        // Several things tell of it, and the newest is right.
        if mark.since >= remote.since {
            mark.take(remote);
        }
        if !remote.resources.iter().any(|r| r == id || r.ends_with(&format!("/{id}"))) {
            remote.resources.push(id.to_owned());
        }
    }
}

/// What one thing tells of the progress.
struct Mark {
    step: String,
    since: Option<Timestamp>,
    error: String,
}

impl Mark {
    fn take(self, remote: &mut Remote) {
        if !self.step.is_empty() {
            (remote.step, remote.since, remote.error) = (self.step, self.since, self.error);
        }
    }
}

fn join(whole: &mut Remote, more: Remote) {
    let take = |field: &mut String, text: String| {
        if !text.is_empty() {
            *field = text;
        }
    };
    take(&mut whole.owner, more.owner);
    take(&mut whole.cohort, more.cohort);
    Mark { step: more.step, since: more.since, error: more.error }.take(whole);
    whole.expires_at = more.expires_at.or(whole.expires_at);
    whole.opened_at = more.opened_at.or(whole.opened_at);
    for id in more.resources {
        if !whole.resources.iter().any(|r| *r == id || r.ends_with(&format!("/{id}"))) {
            whole.resources.push(id);
        }
    }
}

impl AwsCloud {
    pub(crate) async fn all_sessions(&self) -> Result<Vec<Remote>, Failure> {
        let session = || TagFilter::builder().key(tags::SESSION).build();
        let wanted = Wanted { key: tags::SESSION, value: None };
        let mut looks: Vec<Answer<'_, Found>> = vec![Box::pin(self.tagged(vec![session()], Vec::new()))];
        looks.extend(self.at_their_services(wanted));
        Ok(Found::of(all(looks).await?))
    }

    /// The sessions of a class as far as a trainer needs them: how far they are and what they cost, but not every little
    /// thing that they made. Few and big pages, side by side: a class of hundreds in a second or two.
    pub async fn class(&self, cohort: &str) -> Result<Vec<Remote>, Failure> {
        let of_class = || TagFilter::builder().key(tags::COHORT).values(cohort).build();
        let session = || TagFilter::builder().key(tags::SESSION).build();
        // Who has not got beyond the first steps has made nothing but its notes, one of which carries the progress.
        let beginning = TagFilter::builder().key(tags::STEP).values("prepare").values(tags::LEASE).build();
        let types = boards().into_iter().filter_map(|(board, arn)| match board {
            Board::Tagging => arn.map(|arn| format!("{}:{}", arn.service, arn.resource)),
            Board::Own(_) | Board::Unseen => None,
        });
        let wanted = Wanted { key: tags::COHORT, value: Some(cohort) };
        let mut looks: Vec<Answer<'_, Found>> = vec![
            Box::pin(self.tagged(vec![of_class(), session(), beginning], vec!["ssm:parameter".to_owned()])),
            Box::pin(self.tagged(vec![of_class(), session()], types.collect())),
        ];
        looks.extend(self.at_their_services(wanted));
        Ok(Found::of(all(looks).await?))
    }

    /// Everything with these tags, of these types, but for what its own service is asked for.
    async fn tagged(&self, wanted: Vec<TagFilter>, types: Vec<String>) -> Result<Found, Failure> {
        let own: Vec<String> = boards()
            .into_iter()
            .filter_map(|(board, arn)| match board {
                Board::Own(_) => arn.map(|arn| format!(":{}/", arn.resource)),
                Board::Tagging | Board::Unseen => None,
            })
            .collect();
        let mut found = Found::default();
        let types = (!types.is_empty()).then_some(types);
        let call =
            self.tagging.get_resources().set_tag_filters(Some(wanted)).set_resource_type_filters(types);
        let mut pages = call.resources_per_page(100).into_paginator().send();
        while let Some(page) = pages.next().await {
            for mapping in page.named("tag:GetResources")?.resource_tag_mapping_list() {
                let pairs = mapping.tags().iter().map(|t| (t.key(), t.value()));
                let arn = mapping.resource_arn().unwrap_or_default();
                if !own.iter().any(|resource| arn.contains(resource)) {
                    found.add(arn, pairs);
                }
            }
        }
        Ok(found)
    }

    /// What carries the tag, of each kind whose own service is asked. What is made first comes last: the security groups
    /// carry the progress and the expiry, so what they tell goes over what the others do.
    fn at_their_services<'a>(&'a self, wanted: Wanted<'a>) -> impl Iterator<Item = Answer<'a, Found>> {
        boards().into_iter().rev().filter_map(move |(board, _)| match board {
            Board::Own(look) => Some(carriers(look(self, wanted))),
            Board::Tagging | Board::Unseen => None,
        })
    }
}

fn carriers(look: Answer<'_, Vec<Carrier>>) -> Answer<'_, Found> {
    Box::pin(async {
        let mut found = Found::default();
        for Carrier { id, tags } in look.await? {
            found.add(&id, tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        }
        Ok(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One source that tells of these things.
    fn source(things: &[&[(&str, &str)]]) -> Found {
        let mut found = Found::default();
        for (n, tags) in things.iter().enumerate() {
            let session = std::iter::once((tags::SESSION, "rw-aaaaaaaa"));
            found.add(&format!("thing-{n}-of-{}", tags.len()), session.chain(tags.iter().copied()));
        }
        found
    }

    #[test]
    fn of_several_marks_the_newest_counts_and_that_of_the_later_source() {
        let one = |all: Vec<Found>| Found::of(all).pop().expect("a session");
        let early = [
            (tags::PROGRESS, "prepare"),
            (tags::SINCE, "2026-09-01T10:00:00Z"),
            (tags::ERROR, "no permission"),
        ];
        let late =
            [(tags::PROGRESS, "database"), (tags::SINCE, "2026-09-01T10:05:00Z"), (tags::ERROR, "none")];
        let other = [(tags::STEP, "database")];
        for order in [[&early[..], &late, &other], [&late, &other, &early], [&other, &early, &late]] {
            let remote = one(vec![source(&order)]);
            assert_eq!((remote.step.as_str(), remote.error.as_str()), ("database", ""), "{remote:?}");
        }
        assert_eq!(one(vec![source(&[&early])]).error, "no permission");
        assert_eq!(one(vec![source(&[&other])]).step, "");
        // The groups come last, and are asked at their own service; what tells nothing changes nothing.
        let remote = one(vec![source(&[&late]), source(&[&other]), source(&[&early])]);
        assert_eq!((remote.step.as_str(), remote.error.as_str()), ("prepare", "no permission"));
        assert_eq!(one(vec![source(&[&late]), source(&[&other])]).step, "database");
    }
}
