//! The kinds of Systems Manager: both are parameters.

mod note;
mod secret;

use super::tagging;
use crate::AwsCloud;
use crate::connect::failure::{Named as _, absent};
use aws_sdk_ssm::types::ResourceTypeForTagging;
use recipe_walk_engine::action::Output;
use recipe_walk_engine::cloud::Found;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::tags::Tags;

impl AwsCloud {
    /// Finds a parameter by its name and looks at its tags.
    async fn find_parameter(&self, ours: &Tags, path: &str) -> Result<Found, Failure> {
        let call = self.ssm.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter);
        let answer = call.resource_id(path).send().await;
        let Some(answer) = absent(answer.named("ssm:ListTagsForResource"))? else {
            return Ok(Found::Absent);
        };
        let tags = answer.tag_list().iter().map(|t| (t.key(), t.value()));
        Ok(tagging::judge(ours, tags, Output::id(path)))
    }

    pub(crate) async fn delete_parameter(&self, path: &str) -> Result<(), Failure> {
        self.ssm.delete_parameter().name(path).send().await.named("ssm:DeleteParameter").map(|_| ())
    }
}
