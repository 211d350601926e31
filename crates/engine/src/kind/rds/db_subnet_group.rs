//! RDS subnet groups.

use super::SERVICE_ROLE;
use crate::kind::prelude::*;

/// The quota against which it counts.
const QUOTA: Quota = Quota { service: "rds", code: "L-48C6BF61", what: "RDS DB subnet groups" };

/// How IAM knows it.
const ARN: Arn = Arn {
    service: "rds",
    resource: "subgrp",
    concerns: |action| action.contains("DBSubnetGroup") || action.ends_with("Resource"),
};

/// An RDS subnet group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DbSubnetGroup {
    /// Group name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Subnet ids in at least two zones.
    pub subnets: Vec<String>,
}

impl Kind for DbSubnetGroup {
    fn describe(&self) -> String {
        format!("DB subnet group {}", self.name)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.name)
    }
    fn properties(&self) -> Properties<'_> {
        Properties {
            service_role: Some(SERVICE_ROLE),
            ..Properties::free(UndoStage::Parts, Some((QUOTA, 1)))
        }
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        Line::new("rds", "create-db-subnet-group")
            .arg("db-subnet-group-name", &self.name)
            .arg("db-subnet-group-description", &self.description)
            .list("subnet-ids", &self.subnets)
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(Line::new("rds", "delete-db-subnet-group").arg("db-subnet-group-name", &self.name))
    }
    fn tag_line(&self, _: &Planned, place: &Place) -> Option<Line> {
        Some(Line::new("rds", "add-tags-to-resource").arg("resource-name", ARN.of(place, &self.name)))
    }
}
