//! Notes: plain parameters in which a session keeps something about itself.

use crate::kind::prelude::*;
use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};
use recipe_walk_engine::cloud;
use recipe_walk_engine::kind::Note;

impl AwsCloud {
    pub(crate) async fn note(&self, path: &str) -> Result<Option<cloud::Note>, Failure> {
        let answer = absent(self.ssm.get_parameter().name(path).send().await.named("ssm:GetParameter"))?;
        Ok(answer.and_then(|a| {
            let parameter = a.parameter?;
            Some(cloud::Note { text: parameter.value?, version: parameter.version })
        }))
    }

    pub(crate) async fn tag_note(&self, path: &str, pairs: &[(&str, String)]) -> Result<(), Failure> {
        let tags = pairs.iter().filter_map(|(k, v)| Tag::builder().key(*k).value(v).build().ok()).collect();
        let call = self.ssm.add_tags_to_resource().resource_type(ResourceTypeForTagging::Parameter);
        let call = call.resource_id(path).set_tags(Some(tags));
        call.send().await.named("ssm:AddTagsToResource").map(|_| ())
    }

    pub(crate) async fn put_note(
        &self,
        path: &str,
        text: &str,
        new: Option<&Tags>,
    ) -> Result<Option<i64>, Failure> {
        let call = self.ssm.put_parameter().name(path).r#type(ParameterType::String).value(text);
        // The service takes tags only with a new parameter.
        let call = match new {
            Some(tags) => call.overwrite(false).set_tags(Some(tagging::ssm(tags))),
            None => call.overwrite(true),
        };
        match call.send().await.named("ssm:PutParameter") {
            Ok(answer) => Ok(Some(answer.version)),
            Err(f) if f.kind() == Some(Kind::AlreadyExists) => Ok(None),
            Err(f) => Err(f),
        }
    }
}

impl Resource for Note {
    const ERRORS: Errors = &[
        ("ParameterAlreadyExists", Kind::AlreadyExists),
        ("ParameterNotFound", Kind::NotFound),
        ("InvalidResourceId", Kind::NotFound),
    ];
    // Who has not got beyond the first steps has made nothing else, and one of them carries the progress: a class's board
    // asks for those of the beginning by themselves.
    // The look for secrets finds every parameter of the session.
    goes_with_another!();
    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.find_parameter(&planned.tags, &self.path).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let named = (self.path.as_str(), self.description.as_str());
        cloud.create_parameter(&planned.tags, named, ParameterType::String, &self.text).await
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        cloud.delete_parameter(&self.path).await
    }

    /// The session writes it again and again.
    async fn differences(&self, _: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        Ok(Vec::new())
    }
}
