//! Inline policies of IAM roles.

use crate::kind::prelude::*;
use recipe_walk_engine::kind::RolePolicy;

impl Resource for RolePolicy {
    const ERRORS: Errors = &[];
    goes_with_another!();
    there_at_once!();

    /// A policy is ours if its role is.
    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        // Listing instead of GetRolePolicy: one permission less for the learner.
        let call = cloud.iam.list_role_policies().role_name(&self.role);
        let answer = absent(call.send().await.named("iam:ListRolePolicies"))?;
        match answer {
            Some(a) if a.policy_names().contains(&self.name) => {
                match cloud.judge_role(&planned.tags, &self.role).await? {
                    Found::Ours(_) => Ok(Found::Ours(Output::id(&self.name))),
                    other => Ok(other),
                }
            }
            _ => Ok(Found::Absent),
        }
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        // The call overwrites whatever policy of that name is there.
        tagging::must_be_ours(
            cloud.judge_role(&planned.tags, &self.role).await?,
            "iam:PutRolePolicy",
            &self.role,
        )?;
        let call = cloud.iam.put_role_policy().role_name(&self.role).policy_name(&self.name);
        call.policy_document(&self.document).send().await.named("iam:PutRolePolicy")?;
        Ok(Output::id(&self.name))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        let call = cloud.iam.delete_role_policy().role_name(&self.role).policy_name(&self.name);
        call.send().await.named("iam:DeleteRolePolicy").map(|_| ())
    }

    /// Reading it takes a permission that nothing else needs.
    async fn differences(&self, _: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        Ok(Vec::new())
    }
}
