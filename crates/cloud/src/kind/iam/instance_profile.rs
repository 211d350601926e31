//! IAM instance profiles.

use super::PAGE;
use crate::kind::prelude::*;
use aws_sdk_iam::types::SummaryKeyType;
use recipe_walk_engine::kind::InstanceProfile;

impl AwsCloud {
    /// Whether a profile is there, with that role in it where one is given, and whose it is.
    pub(super) async fn judge_profile(
        &self,
        ours: &Tags,
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
        Ok(tagging::judge(ours, tags, Output::id(name).with("arn", profile.arn())))
    }
}

impl Resource for InstanceProfile {
    const ERRORS: Errors = &[];
    const BOARD: Board = Board::Unseen;

    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.judge_profile(&planned.tags, &self.name, None).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let call = cloud.iam.create_instance_profile().instance_profile_name(&self.name);
        let answer = call.set_tags(Some(tagging::iam(&planned.tags))).send().await;
        let answer = answer.named("iam:CreateInstanceProfile")?;
        let arn = answer.instance_profile().map(|p| p.arn().to_owned()).unwrap_or_default();
        Ok(Output::id(&self.name).with("arn", arn))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        let call = cloud.iam.delete_instance_profile().instance_profile_name(&self.name);
        call.send().await.named("iam:DeleteInstanceProfile").map(|_| ())
    }

    /// The role in it is looked for by itself.
    async fn differences(&self, _: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        Ok(Vec::new())
    }

    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let (mut found, mut older) = (Vec::new(), 0);
        let mut pages = cloud.iam.list_instance_profiles().max_items(PAGE).into_paginator().send();
        while let Some(page) = pages.next().await {
            for profile in page.named("iam:ListInstanceProfiles")?.instance_profiles() {
                let name = profile.instance_profile_name();
                let tagged = traces.may_be(name, profile.create_date().secs(), &mut older) && {
                    let call = cloud.iam.get_instance_profile().instance_profile_name(name);
                    let answer = absent(call.send().await.named("iam:GetInstanceProfile"))?;
                    let profile = answer.and_then(|answer| answer.instance_profile);
                    profile
                        .is_some_and(|p| names(p.tags().iter().map(|t| (t.key(), t.value())), traces.session))
                };
                found.extend(traces.of("instance profile", name, tagged, Some(Vec::new())));
            }
        }
        Ok(found)
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        cloud.iam_usage(&SummaryKeyType::InstanceProfiles, &SummaryKeyType::InstanceProfilesQuota).await
    }
}
