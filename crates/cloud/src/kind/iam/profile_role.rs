//! Roles in instance profiles.

use crate::kind::prelude::*;
use recipe_walk_engine::kind::ProfileRole;

impl Resource for ProfileRole {
    const ERRORS: Errors = &[];
    goes_with_another!();
    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.judge_profile(&planned.tags, &self.profile, Some(&self.role)).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let call = cloud.iam.add_role_to_instance_profile().instance_profile_name(&self.profile);
        match call.role_name(&self.role).send().await.named("iam:AddRoleToInstanceProfile") {
            // A profile holds one role, and "already there" is told as a quota: the same role is no failure.
            Err(failure) => match self.find(cloud, planned).await? {
                Found::Ours(output) => Ok(output),
                Found::Absent | Found::Foreign(_) => Err(failure),
            },
            Ok(_) => Ok(Output::id(&self.profile)),
        }
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        let call = cloud.iam.remove_role_from_instance_profile().instance_profile_name(&self.profile);
        let answer = call.role_name(&self.role).send().await;
        answer.named("iam:RemoveRoleFromInstanceProfile").map(|_| ())
    }

    /// It is there or not.
    async fn differences(&self, _: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        Ok(Vec::new())
    }
}
