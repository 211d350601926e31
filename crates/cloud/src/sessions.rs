//! The sessions of an account and region, as their tags tell them.

use crate::AwsCloud;
use crate::failure::Named as _;
use crate::security_group::filter;
use aws_sdk_ec2::types::Tag;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use recipe_walk_engine::cloud::Remote;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::tags;
use std::collections::BTreeMap;

/// Resources by session, filled from several services.
#[derive(Default)]
struct Found(BTreeMap<SessionId, Remote>);

impl Found {
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

impl AwsCloud {
    pub(crate) async fn create_tags(&self, id: &str, pairs: &[(&str, String)]) -> Result<(), Failure> {
        let tags = pairs.iter().map(|(k, v)| Tag::builder().key(*k).value(v).build()).collect();
        let call = self.ec2.create_tags().resources(id).set_tags(Some(tags));
        call.send().await.named("ec2:CreateTags").map(|_| ())
    }

    pub(crate) async fn all_sessions(&self) -> Result<Vec<Remote>, Failure> {
        let mut found = Found::default();
        let wanted = TagFilter::builder().key(tags::SESSION).build();
        let mut pages = self.tagging.get_resources().tag_filters(wanted).into_paginator().send();
        while let Some(page) = pages.next().await {
            for mapping in page.named("tag:GetResources")?.resource_tag_mapping_list() {
                let pairs = mapping.tags().iter().map(|t| (t.key(), t.value()));
                found.add(mapping.resource_arn().unwrap_or_default(), pairs);
            }
        }
        // Asked for at its own service too: the tagging service lags behind, and this group carries the progress.
        let wanted = filter("tag-key", tags::SESSION);
        let mut pages = self.ec2.describe_security_groups().filters(wanted).into_paginator().send();
        while let Some(page) = pages.next().await {
            for group in page.named("ec2:DescribeSecurityGroups")?.security_groups() {
                let pairs = group.tags().iter().filter_map(|t| Some((t.key()?, t.value()?)));
                found.add(group.group_id().unwrap_or_default(), pairs);
            }
        }
        Ok(found.0.into_values().collect())
    }
}
