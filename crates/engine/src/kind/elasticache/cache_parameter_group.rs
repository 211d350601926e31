//! ElastiCache parameter groups.

use crate::kind::prelude::*;

/// The quota against which it counts.
const QUOTA: Quota =
    Quota { service: "elasticache", code: "L-3F15A733", what: "ElastiCache parameter groups" };

/// How IAM knows it.
const ARN: Arn = Arn {
    service: "elasticache",
    resource: "parametergroup",
    concerns: |action| action.contains("CacheParameterGroup") || action.ends_with("Resource"),
};

/// An ElastiCache parameter group with its family's defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheParameterGroup {
    /// Group name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `redis7`, `valkey8`, …
    pub family: String,
}

impl Kind for CacheParameterGroup {
    fn describe(&self) -> String {
        format!("cache parameter group {} ({})", self.name, self.family)
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
        Line::new("elasticache", "create-cache-parameter-group")
            .arg("cache-parameter-group-name", &self.name)
            .arg("cache-parameter-group-family", &self.family)
            .arg("description", &self.description)
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(
            Line::new("elasticache", "delete-cache-parameter-group")
                .arg("cache-parameter-group-name", &self.name),
        )
    }
    fn tag_line(&self, _: &Planned, place: &Place) -> Option<Line> {
        Some(Line::new("elasticache", "add-tags-to-resource").arg("resource-name", ARN.of(place, &self.name)))
    }
}
