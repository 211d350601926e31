//! The instance's role, its inline policy and its instance profile.

use crate::AwsCloud;
use crate::failure::{Named as _, absent, missing};
use crate::tagging;
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::Found;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind;
use recipe_walk_engine::kind::Role;

impl AwsCloud {
    async fn judge_role(&self, planned: &Planned, name: &str) -> Result<Found, Failure> {
        let answer = absent(self.iam.get_role().role_name(name).send().await.named("iam:GetRole"))?;
        let Some(role) = answer.and_then(|a| a.role) else { return Ok(Found::Absent) };
        let tags = role.tags().iter().map(|t| (t.key(), t.value()));
        Ok(tagging::judge(planned, tags, Output::id(name).with("arn", role.arn())))
    }

    pub(crate) async fn find_role(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::Role(kind::Role { name, .. }) = &planned.action else { return Ok(Found::Absent) };
        self.judge_role(planned, name).await
    }

    pub(crate) async fn create_role(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "iam:CreateRole";
        let Action::Role(kind::Role { name, description }) = &planned.action else {
            return Err(missing(operation, "request"));
        };
        let answer = self
            .iam
            .create_role()
            .role_name(name)
            .description(description)
            .assume_role_policy_document(Role::trust_policy())
            .set_tags(Some(tagging::iam(&planned.tags)))
            .send()
            .await
            .named(operation)?;
        let arn = answer.role().map(|r| r.arn().to_owned()).unwrap_or_default();
        Ok(Output::id(name).with("arn", arn))
    }

    pub(crate) async fn delete_role(&self, name: &str) -> Result<(), Failure> {
        self.iam.delete_role().role_name(name).send().await.named("iam:DeleteRole").map(|_| ())
    }

    /// A policy is ours if its role is.
    pub(crate) async fn find_role_policy(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::RolePolicy(kind::RolePolicy { role, name, .. }) = &planned.action else {
            return Ok(Found::Absent);
        };
        // Listing instead of GetRolePolicy: one permission less for the learner.
        let answer =
            absent(self.iam.list_role_policies().role_name(role).send().await.named("iam:ListRolePolicies"))?;
        match answer {
            Some(a) if a.policy_names().contains(name) => match self.judge_role(planned, role).await? {
                Found::Ours(_) => Ok(Found::Ours(Output::id(name))),
                other => Ok(other),
            },
            _ => Ok(Found::Absent),
        }
    }

    pub(crate) async fn put_role_policy(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "iam:PutRolePolicy";
        let Action::RolePolicy(kind::RolePolicy { role, name, document }) = &planned.action else {
            return Err(missing(operation, "request"));
        };
        let call = self.iam.put_role_policy().role_name(role).policy_name(name).policy_document(document);
        call.send().await.named(operation)?;
        Ok(Output::id(name))
    }

    pub(crate) async fn delete_role_policy(&self, role: &str, name: &str) -> Result<(), Failure> {
        let call = self.iam.delete_role_policy().role_name(role).policy_name(name);
        call.send().await.named("iam:DeleteRolePolicy").map(|_| ())
    }

    async fn judge_profile(
        &self,
        planned: &Planned,
        name: &str,
        role: Option<&str>,
    ) -> Result<Found, Failure> {
        let call = self.iam.get_instance_profile().instance_profile_name(name);
        let answer = absent(call.send().await.named("iam:GetInstanceProfile"))?;
        let Some(profile) = answer.and_then(|a| a.instance_profile) else { return Ok(Found::Absent) };
        if let Some(role) = role
            && !profile.roles().iter().any(|r| r.role_name() == role)
        {
            return Ok(Found::Absent);
        }
        let tags = profile.tags().iter().map(|t| (t.key(), t.value()));
        Ok(tagging::judge(planned, tags, Output::id(name).with("arn", profile.arn())))
    }

    pub(crate) async fn find_profile(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::InstanceProfile(kind::InstanceProfile { name }) = &planned.action else {
            return Ok(Found::Absent);
        };
        self.judge_profile(planned, name, None).await
    }

    pub(crate) async fn create_profile(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "iam:CreateInstanceProfile";
        let Action::InstanceProfile(kind::InstanceProfile { name }) = &planned.action else {
            return Err(missing(operation, "request"));
        };
        let answer = self
            .iam
            .create_instance_profile()
            .instance_profile_name(name)
            .set_tags(Some(tagging::iam(&planned.tags)))
            .send()
            .await
            .named(operation)?;
        let arn = answer.instance_profile().map(|p| p.arn().to_owned()).unwrap_or_default();
        Ok(Output::id(name).with("arn", arn))
    }

    pub(crate) async fn delete_profile(&self, name: &str) -> Result<(), Failure> {
        let call = self.iam.delete_instance_profile().instance_profile_name(name);
        call.send().await.named("iam:DeleteInstanceProfile").map(|_| ())
    }

    pub(crate) async fn find_profile_role(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::ProfileRole(kind::ProfileRole { profile, role }) = &planned.action else {
            return Ok(Found::Absent);
        };
        self.judge_profile(planned, profile, Some(role)).await
    }

    pub(crate) async fn add_role_to_profile(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "iam:AddRoleToInstanceProfile";
        let Action::ProfileRole(kind::ProfileRole { profile, role }) = &planned.action else {
            return Err(missing(operation, "request"));
        };
        let call = self.iam.add_role_to_instance_profile().instance_profile_name(profile).role_name(role);
        match call.send().await.named(operation) {
            // A profile holds one role, and "already there" is told as a quota: the same role is no failure.
            Err(f) => match self.judge_profile(planned, profile, Some(role)).await? {
                Found::Ours(output) => Ok(output),
                _ => Err(f),
            },
            Ok(_) => Ok(Output::id(profile)),
        }
    }

    pub(crate) async fn remove_role_from_profile(&self, profile: &str, role: &str) -> Result<(), Failure> {
        let call =
            self.iam.remove_role_from_instance_profile().instance_profile_name(profile).role_name(role);
        call.send().await.named("iam:RemoveRoleFromInstanceProfile").map(|_| ())
    }
}
