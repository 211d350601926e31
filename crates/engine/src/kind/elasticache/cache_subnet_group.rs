//! ElastiCache subnet groups.

use crate::kind::prelude::*;

/// The quota against which it counts.
const QUOTA: Quota = Quota { service: "elasticache", code: "L-3E7F7726", what: "ElastiCache subnet groups" };

/// How IAM knows it.
const ARN: Arn = Arn {
    service: "elasticache",
    resource: "subnetgroup",
    concerns: |action| action.contains("CacheSubnetGroup") || action.ends_with("Resource"),
};

/// An ElastiCache subnet group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheSubnetGroup {
    /// Group name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Subnet ids in at least two zones.
    pub subnets: Vec<String>,
}

impl Kind for CacheSubnetGroup {
    fn describe(&self) -> String {
        format!("cache subnet group {}", self.name)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.name)
    }
    fn properties(&self) -> Properties<'_> {
        Properties::free(UndoStage::Parts, Some((QUOTA, 1)))
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        Line::new("elasticache", "create-cache-subnet-group")
            .arg("cache-subnet-group-name", &self.name)
            .arg("cache-subnet-group-description", &self.description)
            .list("subnet-ids", &self.subnets)
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(Line::new("elasticache", "delete-cache-subnet-group").arg("cache-subnet-group-name", &self.name))
    }
    fn tag_line(&self, _: &Planned, place: &Place) -> Option<Line> {
        Some(Line::new("elasticache", "add-tags-to-resource").arg("resource-name", ARN.of(place, &self.name)))
    }
}
