//! Values in ElastiCache parameter groups for a while.

use crate::kind::prelude::*;
use recipe_walk_engine::kind::TemporaryCacheParameters;

impl Resource for TemporaryCacheParameters {
    const ERRORS: Errors = &[];
    goes_with_another!();
    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.find_parameters(&planned.tags, &self.group, &self.values).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        cloud.set_parameters(&planned.tags, &self.group, &self.values).await.map(|()| Output::id(&self.group))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        cloud.modify_parameters(&self.group, &self.before).await
    }

    /// They are there or not.
    async fn differences(&self, _: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        Ok(Vec::new())
    }
}
