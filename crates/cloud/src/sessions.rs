//! The sessions of an account and region, as their tags tell them.

use crate::AwsCloud;
use crate::failure::Named as _;
use crate::security_group::filter;
use aws_sdk_ec2::types::{Filter, Tag};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use recipe_walk_engine::cloud::Remote;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::tags;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What is billed by the hour.
const BILLED: [&str; 3] = ["elasticache:replicationgroup", "rds:db", "ec2:instance"];

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
        take(&mut remote.step, tags::PROGRESS);
        take(&mut remote.error, tags::ERROR);
        let time = |key: &str| tags.get(key).and_then(|t| t.parse().ok());
        remote.expires_at = time(tags::EXPIRES_AT).or(remote.expires_at);
        remote.opened_at = time(tags::OPENED_AT).or(remote.opened_at);
        remote.since = time(tags::SINCE).or(remote.since);
        if !remote.resources.iter().any(|r| r == id || r.ends_with(&format!("/{id}"))) {
            remote.resources.push(id.to_owned());
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
    take(&mut whole.step, more.step);
    take(&mut whole.error, more.error);
    whole.expires_at = more.expires_at.or(whole.expires_at);
    whole.opened_at = more.opened_at.or(whole.opened_at);
    whole.since = more.since.or(whole.since);
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
        let (tagged, groups) =
            tokio::try_join!(self.tagged(wanted, &[]), self.groups(filter("tag-key", tags::SESSION)))?;
        Ok(Found::of([tagged, groups]))
    }

    /// The sessions of a class as far as a trainer needs them: how far they are and what they cost, but not every little
    /// thing that they made. Few and big pages, side by side: a class of hundreds in a second or two.
    pub async fn class(&self, cohort: &str) -> Result<Vec<Remote>, Failure> {
        let of_class = || TagFilter::builder().key(tags::COHORT).values(cohort).build();
        let session = || TagFilter::builder().key(tags::SESSION).build();
        // Who has not got beyond the look at the account has made nothing but its notes.
        let beginning = TagFilter::builder().key(tags::STEP).values("prepare").build();
        let (billed, groups, begun) = tokio::try_join!(
            self.tagged(vec![of_class(), session()], &BILLED),
            self.groups(filter(&format!("tag:{}", tags::COHORT), cohort)),
            self.tagged(vec![of_class(), session(), beginning], &["ssm:parameter"]),
        )?;
        Ok(Found::of([billed, groups, begun]))
    }

    /// Everything with these tags, of these types.
    async fn tagged(&self, wanted: Vec<TagFilter>, types: &[&str]) -> Result<Found, Failure> {
        let mut found = Found::default();
        let types = (!types.is_empty()).then(|| types.iter().map(|t| (*t).to_owned()).collect());
        let call =
            self.tagging.get_resources().set_tag_filters(Some(wanted)).set_resource_type_filters(types);
        let mut pages = call.resources_per_page(100).into_paginator().send();
        while let Some(page) = pages.next().await {
            for mapping in page.named("tag:GetResources")?.resource_tag_mapping_list() {
                let pairs = mapping.tags().iter().map(|t| (t.key(), t.value()));
                found.add(mapping.resource_arn().unwrap_or_default(), pairs);
            }
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
