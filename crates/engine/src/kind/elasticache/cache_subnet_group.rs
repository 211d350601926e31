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
        Line::new("elasticache", "create-cache-subnet-group")
            .arg("cache-subnet-group-name", &self.name)
            .arg("cache-subnet-group-description", &self.description)
            .list("subnet-ids", &self.subnets)
            .tags(tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(Line::new("elasticache", "delete-cache-subnet-group").arg("cache-subnet-group-name", &self.name))
    }
    fn tag_line(&self, place: &Place) -> Option<Line> {
        Some(Line::new("elasticache", "add-tags-to-resource").arg("resource-name", ARN.of(place, &self.name)))
    }
}
