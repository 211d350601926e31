//! RDS subnet groups.

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
    fn properties(&self) -> Properties<'_> {
        Properties {
            undo_stage: UndoStage::Parts,
            nature: Nature::Own,
            wait: None,
            secret: SecretUse::None,
            charges: Vec::new(),
            quota: Some((QUOTA, 1)),
            id_query: None,
        }
    }
    fn token(&mut self) -> Option<&mut String> {
        None
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, tags: &Tags) -> Line {
        Line::new("rds", "create-db-subnet-group")
            .arg("db-subnet-group-name", &self.name)
            .arg("db-subnet-group-description", &self.description)
            .list("subnet-ids", &self.subnets)
            .tags(tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(Line::new("rds", "delete-db-subnet-group").arg("db-subnet-group-name", &self.name))
    }
    fn tag_line(&self, place: &Place) -> Option<Line> {
        Some(Line::new("rds", "add-tags-to-resource").arg("resource-name", ARN.of(place, &self.name)))
    }
}
