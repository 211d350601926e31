//! The sessions of an account and region, as their tags tell them.

use crate::AwsCloud;
use crate::connect::failure::Named as _;
use crate::kind::{Board, Carrier, Wanted, boards};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use jiff::Timestamp;
use recipe_walk_engine::cloud::{Answer, Claim, Remote};
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::note::key_path;
use recipe_walk_engine::tags;
use recipe_walk_engine::together::all;
use std::collections::BTreeMap;

/// What carries a session's tag, session by session, filled from several services.
#[derive(Default)]
struct Found(BTreeMap<SessionId, Vec<Carrier>>);

impl Found {
    /// The sessions that all of them together tell of.
    fn of(all: impl IntoIterator<Item = Self>) -> Vec<Remote> {
        let mut whole: BTreeMap<SessionId, Vec<Carrier>> = BTreeMap::new();
        for (session, carriers) in all.into_iter().flat_map(|found| found.0) {
            whole.entry(session).or_default().extend(carriers);
        }
        whole.into_iter().map(|(session, carriers)| remote(session, carriers)).collect()
    }

    /// Adds one tagged thing; something whose session tag is no session's name is not ours.
    fn add(&mut self, carrier: Carrier) {
        if let Some(session) = carrier.tags.get(tags::SESSION).and_then(|s| s.parse::<SessionId>().ok()) {
            self.0.entry(session).or_default().push(carrier);
        }
    }
}

/// A session as its things tell of it. Of progress the newest mark counts, and that of the later source. Whose it is and
/// until when is what the first thing that it made says, its key; without that it is anybody's word.
fn remote(session: SessionId, mut carriers: Vec<Carrier>) -> Remote {
    let first = key_path(&session);
    carriers.sort_by_key(|carrier| carrier.id.ends_with(&first));
    let mut remote = Remote {
        session,
        owner: String::new(),
        cohort: String::new(),
        expires_at: None,
        opened_at: None,
        step: String::new(),
        since: None,
        error: String::new(),
        resources: Vec::new(),
        claims: Vec::new(),
    };
    for Carrier { id, tags } in carriers {
        let text = |key: &str| tags.get(key).filter(|v| *v != "none").cloned().unwrap_or_default();
        let time = |key: &str| tags.get(key).and_then(|t| t.parse().ok());
        let claim = Claim { by: id.clone(), cohort: text(tags::COHORT), expires_at: time(tags::EXPIRES_AT) };
        for (field, new) in
            [(&mut remote.owner, text(tags::OWNER)), (&mut remote.cohort, claim.cohort.clone())]
        {
            if !new.is_empty() {
                *field = new;
            }
        }
        remote.expires_at = claim.expires_at.or(remote.expires_at);
        remote.opened_at = time(tags::OPENED_AT).or(remote.opened_at);
        if !remote.claims.iter().any(|c| (&c.cohort, c.expires_at) == (&claim.cohort, claim.expires_at)) {
            remote.claims.push(claim);
        }
        let mark = Mark { step: text(tags::PROGRESS), since: time(tags::SINCE), error: text(tags::ERROR) };
        if mark.since >= remote.since {
            mark.take(&mut remote);
        }
        if !remote.resources.iter().any(|r| *r == id || r.ends_with(&format!("/{id}"))) {
            remote.resources.push(id);
        }
    }
    remote
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
    pub async fn class(&self, cohort: &str, first_step: &str) -> Result<Vec<Remote>, Failure> {
        let of_class = || TagFilter::builder().key(tags::COHORT).values(cohort).build();
        let session = || TagFilter::builder().key(tags::SESSION).build();
        // Who has not got beyond the first step has made nothing but its notes, one of which carries the progress.
        let beginning = TagFilter::builder().key(tags::STEP).values(first_step).values(tags::LEASE).build();
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
                let pairs = mapping.tags().iter().map(|t| (t.key().to_owned(), t.value().to_owned()));
                let arn = mapping.resource_arn().unwrap_or_default();
                if !own.iter().any(|resource| arn.contains(resource)) {
                    found.add(Carrier { id: arn.to_owned(), tags: pairs.collect() });
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
        look.await?.into_iter().for_each(|carrier| found.add(carrier));
        Ok(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(id: String, tags: &[(&str, &str)]) -> Carrier {
        let session = std::iter::once(&(tags::SESSION, "rw-aaaaaaaa"));
        let tags = session.chain(tags).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Carrier { id, tags: tags.collect() }
    }

    /// One source that tells of these things.
    fn source(things: &[&[(&str, &str)]]) -> Found {
        let mut found = Found::default();
        for (n, tags) in things.iter().enumerate() {
            found.add(thing(format!("thing-{n}-of-{}", tags.len()), tags));
        }
        found
    }

    #[test]
    fn the_first_thing_alone_says_whose_and_until_when() {
        let group =
            [(tags::OWNER, "eve"), (tags::COHORT, "july"), (tags::EXPIRES_AT, "2020-01-01T00:00:00Z")];
        let key = [(tags::OWNER, "ana"), (tags::COHORT, "june"), (tags::EXPIRES_AT, "2030-01-01T00:00:00Z")];
        let (mut first, group) = (Found::default(), source(&[&group]));
        first.add(thing("arn:aws:ssm:us-east-1:1:parameter/recipe-walk/rw-aaaaaaaa/key".into(), &key));
        let remote = Found::of([first, group]).pop().expect("a session");
        assert_eq!((remote.owner.as_str(), remote.cohort.as_str(), remote.claims.len()), ("ana", "june", 2));
        assert_eq!(remote.expires_at, "2030-01-01T00:00:00Z".parse().ok());
    }

    #[test]
    fn of_several_marks_the_newest_or_later_source_counts() {
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
        assert_eq!((remote.step.as_str(), remote.error.as_str()), ("database", ""));
        assert_eq!(one(vec![source(&[&late]), source(&[&other])]).step, "database");
    }
}
