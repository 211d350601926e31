//! Roles in instance profiles.

use crate::kind::prelude::*;
use recipe_walk_engine::kind::ProfileRole;

impl Resource for ProfileRole {
    const BOARD: Board = Board::Unseen;

    async fn find(&self, cloud: &AwsCloud, tags: &Tags) -> Result<Found, Failure> {
        cloud.judge_profile(tags, &self.profile, Some(&self.role)).await
    }

    async fn make(&self, cloud: &AwsCloud, tags: &Tags) -> Result<Output, Failure> {
        let call = cloud.iam.add_role_to_instance_profile().instance_profile_name(&self.profile);
        match call.role_name(&self.role).send().await.named("iam:AddRoleToInstanceProfile") {
            // A profile holds one role, and "already there" is told as a quota: the same role is no failure.
            Err(failure) => match self.find(cloud, tags).await? {
                Found::Ours(output) => Ok(output),
                Found::Absent | Found::Foreign(_) => Err(failure),
            },
            Ok(_) => Ok(Output::id(&self.profile)),
        }
    }

    async fn probe(&self, cloud: &AwsCloud, tags: &Tags, _: &str) -> Result<Probe, Failure> {
        Ok(at_once(&self.find(cloud, tags).await?))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        let call = cloud.iam.remove_role_from_instance_profile().instance_profile_name(&self.profile);
        let answer = call.role_name(&self.role).send().await;
        answer.named("iam:RemoveRoleFromInstanceProfile").map(|_| ())
    }

    /// It is there or not.
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
