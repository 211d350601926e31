//! The sweep: looks for everything of a session by tag and by name, kind by kind, without using the journal.

use crate::AwsCloud;
use crate::connect::failure::Named as _;
use crate::kind::Traces;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use jiff::{SignedDuration, Timestamp};
use recipe_walk_engine::action::Action;
use recipe_walk_engine::cloud::Leftover;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::tags;
use recipe_walk_engine::together::all;
use std::collections::BTreeSet;

/// How much earlier than a session something of its own may have been made by the service's clock.
const SKEW: SignedDuration = SignedDuration::from_mins(15);

impl AwsCloud {
    pub(crate) async fn sweep_session(
        &self,
        session: &SessionId,
        since: Timestamp,
    ) -> Result<Vec<Leftover>, Failure> {
        let since = since.saturating_sub(SKEW).unwrap_or(since);
        let traces = Traces { session, tagged: self.tagged_arns(session).await?, since };
        let mut found = all(self.left(&traces)).await?.concat();
        // The tagging service may go on showing what is deleted, so kinds, each of which was looked for at its own service,
        // are not taken from here.
        found.extend(traces.tagged.iter().filter(|arn| !is_of_a_kind(arn)).map(|arn| Leftover {
            kind: "resource".to_owned(),
            id: arn.to_owned(),
            by: Leftover::TAG_ALONE.to_owned(),
            charges: None,
            hourly: None,
        }));
        Ok(found)
    }

    /// Whatever carries the session's tag, or has carried it until a while ago.
    async fn tagged_arns(&self, session: &SessionId) -> Result<BTreeSet<String>, Failure> {
        let wanted = TagFilter::builder().key(tags::SESSION).values(session.as_str()).build();
        let mut found = BTreeSet::new();
        let mut pages = self.tagging.get_resources().tag_filters(wanted).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named("tag:GetResources")?;
            found.extend(
                page.resource_tag_mapping_list.unwrap_or_default().into_iter().filter_map(|m| m.resource_arn),
            );
        }
        Ok(found)
    }
}

fn is_of_a_kind(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, _, _, rest] = parts[..] else { return false };
    let resource = rest.split([':', '/']).next().unwrap_or_default();
    Action::arns().any(|known| known.service == service && known.resource == resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_things_of_no_kind_come_from_tags() {
        assert!(is_of_a_kind("arn:aws:ec2:us-east-1:1:instance/i-1"));
        assert!(is_of_a_kind("arn:aws:elasticache:us-east-1:1:replicationgroup:rw-x"));
        assert!(is_of_a_kind("arn:aws:ssm:us-east-1:1:parameter/recipe-walk/x"));
        assert!(!is_of_a_kind("arn:aws:ec2:us-east-1:1:volume/vol-1"));
        assert!(!is_of_a_kind("arn:aws:s3:::bucket"));
    }
}
