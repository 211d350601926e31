//! Notes: plain parameters in which a session keeps something about itself.

use crate::AwsCloud;
use crate::failure::{Named as _, absent, missing};
use crate::tagging;
use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::Note;
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::kind;
use recipe_walk_engine::tags::Tags;

impl AwsCloud {
    pub(crate) async fn create_note(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "ssm:PutParameter";
        let Action::Note(kind::Note { path, description, text }) = &planned.action else {
            return Err(missing(operation, "request"));
        };
        self.ssm
            .put_parameter()
            .name(path)
            .description(description)
            .r#type(ParameterType::String)
            .value(text)
            .set_tags(Some(tagging::ssm(&planned.tags)))
            .send()
            .await
            .named(operation)?;
        Ok(Output::id(path))
    }

    pub(crate) async fn note(&self, path: &str) -> Result<Option<Note>, Failure> {
        let answer = absent(self.ssm.get_parameter().name(path).send().await.named("ssm:GetParameter"))?;
        Ok(answer.and_then(|a| {
            let parameter = a.parameter?;
            Some(Note { text: parameter.value?, version: parameter.version })
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
