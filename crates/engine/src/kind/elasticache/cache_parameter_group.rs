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
    fn make_line(&self, planned: &Planned, _: Option<&str>) -> Line {
        Line::new("elasticache", "create-cache-parameter-group")
            .arg("cache-parameter-group-name", &self.name)
            .arg("cache-parameter-group-family", &self.family)
            .arg("description", &self.description)
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<String> {
        Some(format!(
            "aws elasticache delete-cache-parameter-group \\\n    --cache-parameter-group-name {}",
            quote(&self.name)
        ))
    }
    fn tag_line(&self, _: &Planned, place: &Place) -> Option<String> {
        Some(format!(
            "aws elasticache add-tags-to-resource --resource-name {}",
            quote(&ARN.of(place, &self.name))
        ))
    }
}
