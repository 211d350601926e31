//! The kinds of Systems Manager: all are parameters.

mod note;
mod note_key;
mod secret;

use super::tagging;
use crate::AwsCloud;
use crate::connect::failure::{Named as _, absent};
use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};
use recipe_walk_engine::action::Output;
use recipe_walk_engine::cloud::Found;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::tags::Tags;
use std::collections::BTreeMap;

impl AwsCloud {
    /// The tags of a parameter; nothing where it is not there.
    pub(crate) async fn tags_of_parameter(
        &self,
        path: &str,
    ) -> Result<Option<BTreeMap<String, String>>, Failure> {
        let call = self.ssm.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter);
        let answer = absent(call.resource_id(path).send().await.named("ssm:ListTagsForResource"))?;
        let owned = |tag: &Tag| (tag.key().to_owned(), tag.value().to_owned());
        Ok(answer.map(|answer| answer.tag_list().iter().map(owned).collect()))
    }

    /// Finds a parameter by its name and looks at its tags.
    async fn find_parameter(&self, ours: &Tags, path: &str) -> Result<Found, Failure> {
        let Some(tags) = self.tags_of_parameter(path).await? else { return Ok(Found::Absent) };
        let tags = tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        Ok(tagging::judge(ours, tags, Output::id(path)))
    }

    /// Makes a parameter, tagged at once.
    async fn create_parameter(
        &self,
        tags: &Tags,
        (path, description): (&str, &str),
        kind: ParameterType,
        value: &str,
    ) -> Result<Output, Failure> {
        let call = self.ssm.put_parameter().name(path).description(description).r#type(kind).value(value);
        call.set_tags(Some(tagging::ssm(tags))).send().await.named("ssm:PutParameter")?;
        Ok(Output::id(path))
    }

    pub(crate) async fn delete_parameter(&self, path: &str) -> Result<(), Failure> {
        self.ssm.delete_parameter().name(path).send().await.named("ssm:DeleteParameter").map(|_| ())
    }
}
