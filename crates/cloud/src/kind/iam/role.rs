//! IAM roles.

use super::{PAGE, SERVICES};
use crate::kind::compare::Differences;
use crate::kind::prelude::*;
use aws_sdk_iam::types::SummaryKeyType;
use recipe_walk_engine::kind::Role;

impl AwsCloud {
    /// Whether a role is there, and whose it is.
    pub(super) async fn judge_role(&self, ours: &Tags, name: &str) -> Result<Found, Failure> {
        let answer = absent(self.iam.get_role().role_name(name).send().await.named("iam:GetRole"))?;
        let Some(role) = answer.and_then(|a| a.role) else { return Ok(Found::Absent) };
        let tags = role.tags().iter().map(|t| (t.key(), t.value()));
        Ok(tagging::judge(ours, tags, Output::id(name).with("arn", role.arn())))
    }

    /// IAM tells how many there are, and how many there may be, in one answer, whatever the region.
    pub(super) async fn iam_usage(
        &self,
        used: &SummaryKeyType,
        quota: &SummaryKeyType,
    ) -> Result<Option<Usage>, Failure> {
        let operation = "iam:GetAccountSummary";
        let answer = self.iam.get_account_summary().send().await.named(operation)?;
        let counts = answer.summary_map();
        let count = |key: &SummaryKeyType| counts.and_then(|c| c.get(key)).copied();
        match (count(used), count(quota)) {
            (Some(used), Some(limit)) => {
                Ok(Some(Usage { used: u32::try_from(used).unwrap_or(0), limit: Some(f64::from(limit)) }))
            }
            _ => Err(missing(operation, quota.as_str())),
        }
    }
}

impl Resource for Role {
    const ERRORS: Errors = &[
        ("EntityAlreadyExists", Kind::AlreadyExists),
        ("NoSuchEntity", Kind::NotFound),
        ("DeleteConflict", Kind::InUse),
        // Two changes at the same time, one of which is to be asked for again.
        ("ConcurrentModification", Kind::NotYet),
    ];
    const BOARD: Board = Board::Unseen;

    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.judge_role(&planned.tags, &self.name).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let answer = cloud
            .iam
            .create_role()
            .role_name(&self.name)
            .path(Self::path(&planned.tags.owner))
            .description(&self.description)
            .assume_role_policy_document(Self::trust_policy())
            .set_permissions_boundary((!self.boundary.is_empty()).then(|| self.boundary.clone()))
            .set_tags(Some(tagging::iam(&planned.tags)))
            .send()
            .await
            .named("iam:CreateRole")?;
        let arn = answer.role().map(|r| r.arn().to_owned()).unwrap_or_default();
        Ok(Output::id(&self.name).with("arn", arn))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        cloud.iam.delete_role().role_name(&self.name).send().await.named("iam:DeleteRole").map(|_| ())
    }

    /// What it may do is in its policy; what it may do at most is here.
    async fn differences(&self, cloud: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        let call = cloud.iam.get_role().role_name(&self.name);
        let Some(role) = absent(call.send().await.named("iam:GetRole"))?.and_then(|a| a.role) else {
            return Ok(Vec::new());
        };
        let mut found = Differences::default();
        if !self.boundary.is_empty() {
            let matters = "Whoever may write this role's policies could let the instance do anything.";
            let put = Line::new("iam", "put-role-permissions-boundary")
                .arg("role-name", &self.name)
                .arg("permissions-boundary", &self.boundary);
            let there = role.permissions_boundary().and_then(|b| b.permissions_boundary_arn());
            found.compare("permissions boundary", &self.boundary, there, matters, &cloud.typed(&put));
        }
        Ok(found.0)
    }

    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let (mut found, mut older) = (Vec::new(), 0);
        let mut pages = cloud.iam.list_roles().max_items(PAGE).into_paginator().send();
        while let Some(page) = pages.next().await {
            for role in page.named("iam:ListRoles")?.roles() {
                let name = role.role_name();
                let tagged = !role.path().starts_with(SERVICES)
                    && traces.may_be(name, role.create_date().secs(), &mut older)
                    && {
                        let answer =
                            absent(cloud.iam.get_role().role_name(name).send().await.named("iam:GetRole"))?;
                        let role = answer.and_then(|answer| answer.role);
                        role.is_some_and(|r| {
                            names(r.tags().iter().map(|t| (t.key(), t.value())), traces.session)
                        })
                    };
                found.extend(traces.of("IAM role", name, tagged, Some(Vec::new())));
            }
        }
        Ok(found)
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        cloud.iam_usage(&SummaryKeyType::Roles, &SummaryKeyType::RolesQuota).await
    }
}
