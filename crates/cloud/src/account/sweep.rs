//! The sweep: looks for everything of a session by tag and by name, kind by kind, without using the journal.

use crate::AwsCloud;
use crate::connect::failure::Named as _;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use recipe_walk_engine::action::Action;
use recipe_walk_engine::cloud::Leftover;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::tags;
use recipe_walk_engine::together::all;

impl AwsCloud {
    pub(crate) async fn sweep_session(&self, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let mut looks = self.left(session);
        looks.push(Box::pin(self.sweep_tags(session)));
        Ok(all(looks).await?.concat())
    }

    /// Whatever else carries the session's tag. The tagging service may go on showing what is deleted, so kinds, each of
    /// which was looked for at its own service, are not taken from here.
    async fn sweep_tags(&self, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let wanted = TagFilter::builder().key(tags::SESSION).values(session.as_str()).build();
        let mut found = Vec::new();
        let mut pages = self.tagging.get_resources().tag_filters(wanted).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named("tag:GetResources")?;
            let arns = page.resource_tag_mapping_list().iter().filter_map(|m| m.resource_arn());
            found.extend(arns.filter(|arn| !is_of_a_kind(arn)).map(|arn| Leftover {
                kind: "resource".to_owned(),
                id: arn.to_owned(),
                by: "tag".to_owned(),
            }));
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
    fn only_what_is_of_no_kind_is_taken_from_the_tags() {
        assert!(is_of_a_kind("arn:aws:ec2:us-east-1:1:instance/i-1"));
        assert!(is_of_a_kind("arn:aws:elasticache:us-east-1:1:replicationgroup:rw-x"));
        assert!(is_of_a_kind("arn:aws:ssm:us-east-1:1:parameter/recipe-walk/x"));
        assert!(!is_of_a_kind("arn:aws:ec2:us-east-1:1:volume/vol-1"));
        assert!(!is_of_a_kind("arn:aws:s3:::bucket"));
    }
}
