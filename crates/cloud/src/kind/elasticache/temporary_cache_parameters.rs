//! Values in ElastiCache parameter groups for a while.

use crate::kind::prelude::*;
use recipe_walk_engine::kind::TemporaryCacheParameters;

impl Resource for TemporaryCacheParameters {
    const BOARD: Board = Board::Unseen;

    async fn find(&self, cloud: &AwsCloud, tags: &Tags) -> Result<Found, Failure> {
        cloud.find_parameters(tags, &self.group, &self.values).await
    }

    async fn make(&self, cloud: &AwsCloud, tags: &Tags) -> Result<Output, Failure> {
        cloud.set_parameters(tags, &self.group, &self.values).await.map(|()| Output::id(&self.group))
    }

    async fn probe(&self, cloud: &AwsCloud, tags: &Tags, _: &str) -> Result<Probe, Failure> {
        Ok(at_once(&self.find(cloud, tags).await?))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        cloud.modify_parameters(&self.group, &self.before).await
    }

    /// They are there or not.
    async fn differences(&self, _: &AwsCloud) -> Result<Vec<Difference>, Failure> {
        Ok(Vec::new())
    }

    async fn left(_: &AwsCloud, _: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        Ok(Vec::new())
    }

    async fn usage(_: &AwsCloud) -> Result<Option<Usage>, Failure> {
        Ok(None)
    }
}
