//! The sweep: looks for everything of a session by tag and by name, service by service, without using the journal.

use crate::AwsCloud;
use crate::failure::{Named as _, absent};
use crate::security_group::filter;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use aws_sdk_ssm::types::ParameterStringFilter;
use recipe_walk_engine::cloud::Leftover;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::names::{belongs_to, parameters};
use recipe_walk_engine::tags;

fn leftover(kind: &str, id: impl Into<String>, by: &str) -> Leftover {
    Leftover { kind: kind.to_owned(), id: id.into(), by: by.to_owned() }
}

impl AwsCloud {
    pub(crate) async fn sweep_session(&self, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let (ec2, cache, rds, iam, ssm, others) = tokio::try_join!(
            self.sweep_ec2(session),
            self.sweep_cache(session),
            self.sweep_rds(session),
            self.sweep_iam(session),
            self.sweep_ssm(session),
            self.sweep_tags(session),
        )?;
        Ok([ec2, cache, rds, iam, ssm, others].concat())
    }

    async fn sweep_ec2(&self, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let tag = filter(&format!("tag:{}", tags::SESSION), session.as_str());
        let mut found: Vec<Leftover> = Vec::new();
        // A launch's tags may show later than its token, and somebody may have taken them off: the token is as good as a name.
        let token = filter("client-token", &format!("{session}-instance-*"));
        for (by, wanted) in [("tag", tag.clone()), ("token", token)] {
            for instance in self.living_instances(wanted).await? {
                let id = instance.instance_id().unwrap_or_default();
                if !found.iter().any(|l| l.id == id) {
                    found.push(leftover("EC2 instance", id, by));
                }
            }
        }
        let name = filter("group-name", &format!("{session}-*"));
        for (by, wanted) in [("tag", tag), ("name", name)] {
            let mut pages = self.ec2.describe_security_groups().filters(wanted).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.named("ec2:DescribeSecurityGroups")?;
                for id in page.security_groups().iter().filter_map(|g| g.group_id()) {
                    if !found.iter().any(|l| l.id == id) {
                        found.push(leftover("security group", id, by));
                    }
                }
            }
        }
        Ok(found)
    }

    async fn sweep_cache(&self, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let mut found = Vec::new();
        let mut take = |kind: &str, name: Option<&str>| {
            if let Some(name) = name.filter(|n| belongs_to(n, session)) {
                found.push(leftover(kind, name, "name"));
            }
        };
        let mut pages = self.elasticache.describe_replication_groups().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named("elasticache:DescribeReplicationGroups")?;
            page.replication_groups()
                .iter()
                .for_each(|g| take("replication group", g.replication_group_id()));
        }
        let mut pages = self.elasticache.describe_cache_subnet_groups().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named("elasticache:DescribeCacheSubnetGroups")?;
            page.cache_subnet_groups()
                .iter()
                .for_each(|g| take("cache subnet group", g.cache_subnet_group_name()));
        }
        let mut pages = self.elasticache.describe_cache_parameter_groups().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named("elasticache:DescribeCacheParameterGroups")?;
            let groups = page.cache_parameter_groups().iter();
            groups.for_each(|g| take("cache parameter group", g.cache_parameter_group_name()));
        }
        Ok(found)
    }

    async fn sweep_rds(&self, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let mut found = Vec::new();
        let mut pages = self.rds.describe_db_instances().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named("rds:DescribeDBInstances")?;
            for instance in page.db_instances() {
                let name = instance.db_instance_identifier().unwrap_or_default();
                let tagged = instance
                    .tag_list()
                    .iter()
                    .any(|t| t.key() == Some(tags::SESSION) && t.value() == Some(session.as_str()));
                if tagged || belongs_to(name, session) {
                    found.push(leftover("database", name, if tagged { "tag" } else { "name" }));
                }
            }
        }
        let mut pages = self.rds.describe_db_subnet_groups().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named("rds:DescribeDBSubnetGroups")?;
            let names = page.db_subnet_groups().iter().filter_map(|g| g.db_subnet_group_name());
            found.extend(
                names.filter(|n| belongs_to(n, session)).map(|n| leftover("DB subnet group", n, "name")),
            );
        }
        Ok(found)
    }

    async fn sweep_iam(&self, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let name = format!("{session}-app");
        let mut found = Vec::new();
        if absent(self.iam.get_role().role_name(&name).send().await.named("iam:GetRole"))?.is_some() {
            found.push(leftover("IAM role", &name, "name"));
        }
        let call = self.iam.get_instance_profile().instance_profile_name(&name);
        if absent(call.send().await.named("iam:GetInstanceProfile"))?.is_some() {
            found.push(leftover("instance profile", &name, "name"));
        }
        Ok(found)
    }

    async fn sweep_ssm(&self, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let operation = "ssm:DescribeParameters";
        let prefix = format!("{}/", parameters(session));
        let only = ParameterStringFilter::builder().key("Name").option("BeginsWith").values(prefix).build();
        let only = only.map_err(|e| Failure::local(operation, "InvalidFilter", e.to_string()))?;
        let mut found = Vec::new();
        let mut pages = self.ssm.describe_parameters().parameter_filters(only).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named(operation)?;
            found.extend(
                page.parameters().iter().filter_map(|p| p.name()).map(|n| leftover("parameter", n, "name")),
            );
        }
        Ok(found)
    }

    /// Whatever else carries the session's tag. The tagging service may go on showing what is deleted, so kinds that
    /// were looked for above, each at its own service, are not taken from here.
    async fn sweep_tags(&self, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let wanted = TagFilter::builder().key(tags::SESSION).values(session.as_str()).build();
        let mut found = Vec::new();
        let mut pages = self.tagging.get_resources().tag_filters(wanted).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named("tag:GetResources")?;
            let arns = page.resource_tag_mapping_list().iter().filter_map(|m| m.resource_arn());
            found.extend(arns.filter(|arn| !looked_for(arn)).map(|arn| leftover("resource", arn, "tag")));
        }
        Ok(found)
    }
}

fn looked_for(arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next().unwrap_or_default();
    let resource = parts.nth(2).unwrap_or_default();
    let kind = resource.split([':', '/']).next().unwrap_or_default();
    match service {
        "ec2" => matches!(kind, "instance" | "security-group"),
        "elasticache" => matches!(kind, "replicationgroup" | "cluster" | "subnetgroup" | "parametergroup"),
        "rds" => matches!(kind, "db" | "subgrp"),
        "ssm" => kind == "parameter",
        "iam" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kinds_that_no_service_was_asked_for_are_taken_from_the_tags() {
        assert!(looked_for("arn:aws:ec2:us-east-1:1:instance/i-1"));
        assert!(looked_for("arn:aws:elasticache:us-east-1:1:replicationgroup:rw-x"));
        assert!(looked_for("arn:aws:ssm:us-east-1:1:parameter/recipe-walk/x"));
        assert!(!looked_for("arn:aws:ec2:us-east-1:1:volume/vol-1"));
        assert!(!looked_for("arn:aws:s3:::bucket"));
    }
}
