//! Quotas: what is allowed, what is used, and what a class would take.

use super::not_seen;
use crate::AwsCloud;
use crate::failure::Named as _;
use crate::instance::alive;
use aws_sdk_iam::types::SummaryKeyType;
use recipe_walk_engine::cloud::Preflight;
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::finding::{Demand, Finding, Weight};

impl AwsCloud {
    pub(super) async fn quota_findings(&self, preflight: &Preflight) -> Vec<Finding> {
        let mut findings = Vec::new();
        for demand in &preflight.demands {
            let finding = match self.quota(demand).await {
                Ok((limit, used)) => demand.judge(limit, used, preflight.attendees, self.region()),
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

    async fn quota(&self, demand: &Demand) -> Result<(f64, u32), Failure> {
        if let Some(what) = in_summary(demand.quota.code) {
            return self.summary(what).await;
        }
        let operation = "servicequotas:GetServiceQuota";
        let call =
            self.quotas.get_service_quota().service_code(demand.quota.service).quota_code(demand.quota.code);
        let (answer, used) = tokio::join!(call.send(), self.used(demand.quota.code));
        let answer = answer.named(operation)?;
        let limit = answer.quota().and_then(aws_sdk_servicequotas::types::ServiceQuota::value);
        let limit = limit.ok_or_else(|| crate::failure::missing(operation, "Value"))?;
        Ok((limit, used?))
    }

    /// IAM tells both in one answer, whatever the region.
    async fn summary(&self, what: SummaryKeyType) -> Result<(f64, u32), Failure> {
        let operation = "iam:GetAccountSummary";
        let answer = self.iam.get_account_summary().send().await.named(operation)?;
        let counts = answer.summary_map();
        let count = |key: &SummaryKeyType| counts.and_then(|c| c.get(key)).copied();
        let quota = if what == SummaryKeyType::Roles {
            SummaryKeyType::RolesQuota
        } else {
            SummaryKeyType::InstanceProfilesQuota
        };
        match (count(&quota), count(&what)) {
            (Some(limit), Some(used)) => Ok((f64::from(limit), u32::try_from(used).unwrap_or(0))),
            _ => Err(crate::failure::missing(operation, quota.as_str())),
        }
    }

    /// How much of it the account uses.
    async fn used(&self, code: &str) -> Result<u32, Failure> {
        let mut used = 0;
        match code {
            "L-1216C47A" => {
                let mut pages = self.ec2.describe_instances().filters(alive()).into_paginator().send();
                while let Some(page) = pages.next().await {
                    let page = page.named("ec2:DescribeInstances")?;
                    let instances =
                        page.reservations().iter().flat_map(aws_sdk_ec2::types::Reservation::instances);
                    used += instances
                        .filter(|i| i.instance_type().is_some_and(|t| is_standard(t.as_str())))
                        .filter_map(|i| i.cpu_options())
                        .map(|c| c.core_count().unwrap_or(1) * c.threads_per_core().unwrap_or(1))
                        .sum::<i32>();
                }
            }
            "L-E79EC296" => {
                let mut pages = self.ec2.describe_security_groups().into_paginator().send();
                while let Some(page) = pages.next().await {
                    used += count(page.named("ec2:DescribeSecurityGroups")?.security_groups());
                }
            }
            "L-7B6409FD" => {
                let mut pages = self.rds.describe_db_instances().into_paginator().send();
                while let Some(page) = pages.next().await {
                    used += count(page.named("rds:DescribeDBInstances")?.db_instances());
                }
            }
            "L-48C6BF61" => {
                let mut pages = self.rds.describe_db_subnet_groups().into_paginator().send();
                while let Some(page) = pages.next().await {
                    used += count(page.named("rds:DescribeDBSubnetGroups")?.db_subnet_groups());
                }
            }
            "L-DFE45DF3" => {
                let mut pages = self.elasticache.describe_replication_groups().into_paginator().send();
                while let Some(page) = pages.next().await {
                    let page = page.named("elasticache:DescribeReplicationGroups")?;
                    used += page.replication_groups().iter().map(|g| count(g.member_clusters())).sum::<i32>();
                }
            }
            "L-3E7F7726" => {
                let mut pages = self.elasticache.describe_cache_subnet_groups().into_paginator().send();
                while let Some(page) = pages.next().await {
                    used += count(page.named("elasticache:DescribeCacheSubnetGroups")?.cache_subnet_groups());
                }
            }
            "L-3F15A733" => {
                let mut pages = self.elasticache.describe_cache_parameter_groups().into_paginator().send();
                while let Some(page) = pages.next().await {
                    let page = page.named("elasticache:DescribeCacheParameterGroups")?;
                    let own = page.cache_parameter_groups().iter().filter(|g| {
                        g.cache_parameter_group_name().is_some_and(|n| !n.starts_with("default."))
                    });
                    used += i32::try_from(own.count()).unwrap_or(i32::MAX);
                }
            }
            _ => {}
        }
        Ok(u32::try_from(used).unwrap_or(0))
    }
}

/// What IAM's summary calls a quota's things.
fn in_summary(code: &str) -> Option<SummaryKeyType> {
    match code {
        "L-FE177D64" => Some(SummaryKeyType::Roles),
        "L-6E65F664" => Some(SummaryKeyType::InstanceProfiles),
        _ => None,
    }
}

fn count<T>(list: &[T]) -> i32 {
    i32::try_from(list.len()).unwrap_or(i32::MAX)
}

/// Whether an instance type counts against the quota of the standard families (A, C, D, H, I, M, R, T, Z).
fn is_standard(instance_type: &str) -> bool {
    const OTHERS: [&str; 5] = ["hpc", "inf", "dl", "trn", "mac"];
    instance_type.starts_with(|c: char| "acdhimrtz".contains(c))
        && !OTHERS.iter().any(|family| instance_type.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_count_where_aws_counts_them() {
        for (instance_type, expected) in [
            ("t3.micro", true),
            ("m7g.large", true),
            ("g5.xlarge", false),
            ("inf2.xlarge", false),
            ("mac1.metal", false),
        ] {
            assert_eq!(is_standard(instance_type), expected, "{instance_type}");
        }
    }
}
