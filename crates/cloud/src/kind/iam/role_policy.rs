//! Inline policies of IAM roles.

use crate::kind::prelude::*;
use recipe_walk_engine::kind::RolePolicy;

impl Resource for RolePolicy {
    const BOARD: Board = Board::Unseen;

    /// A policy is ours if its role is.
    async fn find(&self, cloud: &AwsCloud, tags: &Tags) -> Result<Found, Failure> {
        // Listing instead of GetRolePolicy: one permission less for the learner.
        let call = cloud.iam.list_role_policies().role_name(&self.role);
        let answer = absent(call.send().await.named("iam:ListRolePolicies"))?;
        match answer {
            Some(a) if a.policy_names().contains(&self.name) => {
                match cloud.judge_role(tags, &self.role).await? {
                    Found::Ours(_) => Ok(Found::Ours(Output::id(&self.name))),
                    other => Ok(other),
                }
            }
            _ => Ok(Found::Absent),
        }
    }

    async fn make(&self, cloud: &AwsCloud, tags: &Tags) -> Result<Output, Failure> {
        // The call overwrites whatever policy of that name is there.
        tagging::must_be_ours(cloud.judge_role(tags, &self.role).await?, "iam:PutRolePolicy", &self.role)?;
        let call = cloud.iam.put_role_policy().role_name(&self.role).policy_name(&self.name);
        call.policy_document(&self.document).send().await.named("iam:PutRolePolicy")?;
        Ok(Output::id(&self.name))
    }

    async fn probe(&self, cloud: &AwsCloud, tags: &Tags, _: &str) -> Result<Probe, Failure> {
        Ok(at_once(&self.find(cloud, tags).await?))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        let call = cloud.iam.delete_role_policy().role_name(&self.role).policy_name(&self.name);
        call.send().await.named("iam:DeleteRolePolicy").map(|_| ())
    }

    /// Reading it takes a permission that nothing else needs.
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
