//! Quotas: what is allowed, what is used, and what a class would take.

use super::not_seen;
use crate::AwsCloud;
use crate::connect::failure::{Named as _, absent, missing};
use recipe_walk_engine::cloud::Preflight;
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::finding::{Demand, Finding, Weight};
use recipe_walk_engine::quota::{IAM, Quota};

impl AwsCloud {
    pub(super) async fn quota_findings(&self, preflight: &Preflight) -> Vec<Finding> {
        let mut findings = Vec::new();
        for demand in &preflight.demands {
            let finding = match self.quota(demand).await {
                Ok(None) => continue,
                Ok(Some((limit, used))) => demand.judge(limit, used, preflight.attendees, self.region()),
                // What is not allowed for one is not allowed for the others: one word is enough.
                Err(failure) if failure.kind() == Some(Kind::Denied) => {
                    let told = not_seen("Quotas", &failure, Weight::Note);
                    if !findings.contains(&told) {
                        findings.push(told);
                    }
                    continue;
                }
                Err(failure) => not_seen(&format!("Quota: {}", demand.quota.what), &failure, Weight::Note),
            };
            findings.push(finding);
        }
        findings
    }

    /// What is allowed, and what is used; none where the kind counts against no quota.
    async fn quota(&self, demand: &Demand) -> Result<Option<(f64, u32)>, Failure> {
        if demand.quota.service == IAM {
            // IAM tells both itself, whatever the region.
            let usage = self.usage(demand.kind).await?;
            return Ok(usage.and_then(|usage| Some((usage.limit?, usage.used))));
        }
        let (limit, usage) = tokio::join!(self.limit(&demand.quota), self.usage(demand.kind));
        let limit = limit?;
        Ok(usage?.map(|usage| (usage.limit.unwrap_or(limit), usage.used)))
    }

    async fn limit(&self, quota: &Quota) -> Result<f64, Failure> {
        let mut operation = "servicequotas:GetServiceQuota";
        let call = self.quotas.get_service_quota().service_code(quota.service).quota_code(quota.code);
        let quota = if let Some(answer) = absent(call.send().await.named(operation))? {
            answer.quota
        } else {
            // One that was never changed for the account may have no applied value (docs/aws.md, "Rates and quotas").
            operation = "servicequotas:GetAWSDefaultServiceQuota";
            let call = self.quotas.get_aws_default_service_quota();
            let call = call.service_code(quota.service).quota_code(quota.code);
            call.send().await.named(operation)?.quota
        };
        quota.and_then(|quota| quota.value).ok_or_else(|| missing(operation, "Value"))
    }
}
