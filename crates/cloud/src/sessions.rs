//! The sessions of an account and region, as their tags tell them.

use crate::AwsCloud;
use crate::failure::Named as _;
use crate::security_group::filter;
use aws_sdk_ec2::types::{Filter, Tag};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use jiff::Timestamp;
use recipe_walk_engine::cloud::Remote;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::tags;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What is billed by the hour, but for the instances, which are asked for at their own service.
const BILLED: [&str; 2] = ["elasticache:replicationgroup", "rds:db"];

/// How an instance's ARN goes on after the account.
const INSTANCE: &str = ":instance/";

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
    pub(crate) async fn create_tags(&self, id: &str, pairs: &[(&str, String)]) -> Result<(), Failure> {
        let tags = pairs.iter().map(|(k, v)| Tag::builder().key(*k).value(v).build()).collect();
        let call = self.ec2.create_tags().resources(id).set_tags(Some(tags));
        call.send().await.named("ec2:CreateTags").map(|_| ())
    }

    pub(crate) async fn all_sessions(&self) -> Result<Vec<Remote>, Failure> {
        let wanted = vec![TagFilter::builder().key(tags::SESSION).build()];
        let tag = filter("tag-key", tags::SESSION);
        let (tagged, instances, groups) =
            tokio::try_join!(self.tagged(wanted, &[]), self.instances(tag.clone()), self.groups(tag))?;
        Ok(Found::of([tagged, instances, groups]))
    }

    /// The sessions of a class as far as a trainer needs them: how far they are and what they cost, but not every little
    /// thing that they made. Few and big pages, side by side: a class of hundreds in a second or two.
    pub async fn class(&self, cohort: &str) -> Result<Vec<Remote>, Failure> {
        let of_class = || TagFilter::builder().key(tags::COHORT).values(cohort).build();
        let session = || TagFilter::builder().key(tags::SESSION).build();
        // Who has not got beyond the first steps has made nothing but its notes, one of which carries the progress.
        let beginning = TagFilter::builder().key(tags::STEP).values("prepare").values(tags::LEASE).build();
        let tag = filter(&format!("tag:{}", tags::COHORT), cohort);
        let (begun, billed, instances, groups) = tokio::try_join!(
            self.tagged(vec![of_class(), session(), beginning], &["ssm:parameter"]),
            self.tagged(vec![of_class(), session()], &BILLED),
            self.instances(tag.clone()),
            self.groups(tag),
        )?;
        Ok(Found::of([begun, billed, instances, groups]))
    }

    /// Everything with these tags, of these types, but for the instances.
    async fn tagged(&self, wanted: Vec<TagFilter>, types: &[&str]) -> Result<Found, Failure> {
        let mut found = Found::default();
        let types = (!types.is_empty()).then(|| types.iter().map(|t| (*t).to_owned()).collect());
        let call =
            self.tagging.get_resources().set_tag_filters(Some(wanted)).set_resource_type_filters(types);
        let mut pages = call.resources_per_page(100).into_paginator().send();
        while let Some(page) = pages.next().await {
            for mapping in page.named("tag:GetResources")?.resource_tag_mapping_list() {
                let pairs = mapping.tags().iter().map(|t| (t.key(), t.value()));
                let arn = mapping.resource_arn().unwrap_or_default();
                if !arn.contains(INSTANCE) {
                    found.add(arn, pairs);
                }
            }
        }
        Ok(found)
    }

    /// The instances, asked for at their own service: the tagging service shows a terminated one for an hour and more,
    /// and its session would seem to be there still.
    async fn instances(&self, wanted: Filter) -> Result<Found, Failure> {
        let mut found = Found::default();
        for instance in self.living_instances(wanted).await? {
            let pairs = instance.tags().iter().filter_map(|t| Some((t.key()?, t.value()?)));
            found.add(&format!("{INSTANCE}{}", instance.instance_id().unwrap_or_default()), pairs);
        }
        Ok(found)
    }

    /// The security groups, asked for at their own service too: the tagging service lags behind, and one of them carries
    /// the progress.
    async fn groups(&self, wanted: Filter) -> Result<Found, Failure> {
        let mut found = Found::default();
        let call = self.ec2.describe_security_groups().filters(wanted).max_results(1000);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            for group in page.named("ec2:DescribeSecurityGroups")?.security_groups() {
                let pairs = group.tags().iter().filter_map(|t| Some((t.key()?, t.value()?)));
                found.add(group.group_id().unwrap_or_default(), pairs);
            }
        }
        Ok(found)
    }
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
