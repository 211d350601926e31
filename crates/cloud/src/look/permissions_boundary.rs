//! The policy that bounds the roles of instances.

use crate::AwsCloud;
use crate::connect::failure::{Named as _, absent};
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind::PermissionsBoundary;

impl AwsCloud {
    pub(super) async fn look_up_boundary(&self, look: &PermissionsBoundary) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        let there = self.has_policy(&look.policy).await?;
        facts.set("boundary", if there { look.policy.as_str() } else { "" });
        Ok(facts)
    }

    pub(crate) async fn has_policy(&self, arn: &str) -> Result<bool, Failure> {
        let answer = self.iam.get_policy().policy_arn(arn).send().await.named("iam:GetPolicy");
        Ok(absent(answer)?.is_some())
    }
}
