//! Values in ElastiCache parameter groups.

use crate::kind::compare::Differences;
use crate::kind::prelude::*;
use aws_sdk_elasticache::types::ParameterNameValue;
use recipe_walk_engine::kind::CacheParameters;
use std::collections::BTreeMap;

impl AwsCloud {
    /// The values are there if the group says that a user set them so.
    pub(super) async fn find_parameters(
        &self,
        ours: &Tags,
        group: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<Found, Failure> {
        let call =
            self.elasticache.describe_cache_parameters().cache_parameter_group_name(group).source("user");
        let Some(answer) = absent(call.send().await.named("elasticache:DescribeCacheParameters"))? else {
            return Ok(Found::Absent);
        };
        let set = |name: &str, value: &str| {
            let mut all = answer.parameters().iter();
            all.any(|p| p.parameter_name() == Some(name) && p.parameter_value() == Some(value))
        };
        let all = values.iter().all(|(name, value)| set(name, value));
        if all { self.judge_parameter_group(ours, group).await } else { Ok(Found::Absent) }
    }

    /// Sets values in a group of ours.
    pub(super) async fn set_parameters(
        &self,
        ours: &Tags,
        group: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let found = self.judge_parameter_group(ours, group).await?;
        tagging::must_be_ours(found, "elasticache:ModifyCacheParameterGroup", group)?;
        self.modify_parameters(group, values).await
    }

    /// Sets values in a group that was just found to be ours.
    pub(super) async fn modify_parameters(
        &self,
        group: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let pairs = values
            .iter()
            .map(|(n, v)| ParameterNameValue::builder().parameter_name(n).parameter_value(v).build())
            .collect();
        let call = self.elasticache.modify_cache_parameter_group().cache_parameter_group_name(group);
        let answer = call.set_parameter_name_values(Some(pairs)).send().await;
        answer.named("elasticache:ModifyCacheParameterGroup").map(|_| ())
    }
}

impl Resource for CacheParameters {
    const ERRORS: Errors = &[];
    goes_with_another!();
    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.find_parameters(&planned.tags, &self.group, &self.values).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        cloud.set_parameters(&planned.tags, &self.group, &self.values).await.map(|()| Output::id(&self.group))
    }

    /// They go with their group.
    async fn undo(&self, _: &AwsCloud, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    async fn differences(&self, cloud: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        let Self { group, values } = self;
        let call = cloud.elasticache.describe_cache_parameters().cache_parameter_group_name(group);
        let Some(answer) = absent(call.send().await.named("elasticache:DescribeCacheParameters"))? else {
            return Ok(Vec::new());
        };
        let mut found = Differences::default();
        for (name, value) in values {
            let there = answer.parameters().iter().find(|p| p.parameter_name() == Some(name));
            let pair = vec![("ParameterName", name.as_str()), ("ParameterValue", value.as_str())];
            let mend = cloud.typed(
                &Line::new("elasticache", "modify-cache-parameter-group")
                    .arg("cache-parameter-group-name", group)
                    .rows("parameter-name-values", &[pair]),
            );
            let matters = match name.as_str() {
                "maxmemory-policy" => {
                    "It decides which keys go when memory is full; the default evicts only keys with a TTL."
                }
                "reserved-memory-percent" => {
                    "It leaves little memory for data, so that a later step can fill it and show what goes."
                }
                _ => "A later step counts on it.",
            };
            found.compare(name, value, there.and_then(|p| p.parameter_value()), matters, &mend);
        }
        Ok(found.0)
    }
}
