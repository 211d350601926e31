//! Engine versions and the families they belong to.

use super::parameter;
use crate::model::error::ApiError;
use crate::model::{node::Node, params::Params};
use crate::services::shared::name::{bad_combination, bad_value, page};

/// One engine version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub engine: &'static str,
    /// What a caller passes: major and minor only.
    pub short: &'static str,
    /// What a node shows.
    pub full: &'static str,
    pub family: &'static str,
}

/// Oldest first within an engine; the last of an engine is its default (docs/aws.md, "ElastiCache").
const VERSIONS: &[Version] = &[
    Version { engine: "redis", short: "6.0", full: "6.0.5", family: "redis6.x" },
    Version { engine: "redis", short: "6.2", full: "6.2.6", family: "redis6.x" },
    Version { engine: "redis", short: "7.0", full: "7.0.7", family: "redis7" },
    Version { engine: "redis", short: "7.1", full: "7.1.0", family: "redis7" },
    Version { engine: "valkey", short: "7.2", full: "7.2.6", family: "valkey7" },
    Version { engine: "valkey", short: "8.0", full: "8.0.1", family: "valkey8" },
    Version { engine: "valkey", short: "8.1", full: "8.1.0", family: "valkey8" },
];

/// The version that a request means.
pub(super) fn resolve(engine: &str, version: Option<&str>) -> Result<Version, ApiError> {
    match engine {
        "redis" | "valkey" => {}
        "memcached" => return Err(bad_value("Specified engine does not support replication.")),
        _ => return Err(bad_value(format!("Invalid cache engine: {engine}."))),
    }
    let mut known = VERSIONS.iter().filter(|known| known.engine == engine);
    let found = match version {
        None => known.next_back(),
        Some("6.x") if engine == "redis" => known.find(|known| known.short == "6.2"),
        Some(asked) => {
            if let Some(same) = VERSIONS.iter().find(|known| known.engine == engine && known.full == asked) {
                let message = format!(
                    "Specific version selection is not allowed for '{asked}', please use '{}'",
                    same.short
                );
                return Err(bad_combination(message));
            }
            known.find(|known| known.short == asked)
        }
    };
    found.copied().ok_or_else(|| {
        bad_combination(format!("Cannot find version {} for {engine}", version.unwrap_or_default()))
    })
}

/// Answers DescribeCacheEngineVersions.
pub(super) fn describe(p: &Params) -> Result<Node, ApiError> {
    let wanted = |name: &str, value: &str| p.get(name).is_none_or(|w| w.is_empty() || w == value);
    let mut found: Vec<Version> = VERSIONS
        .iter()
        .filter(|version| wanted("Engine", version.engine))
        .filter(|version| wanted("EngineVersion", version.short))
        .filter(|version| wanted("CacheParameterGroupFamily", version.family))
        .copied()
        .collect();
    if p.bool("DefaultOnly")?.unwrap_or(false) {
        found.retain(|version| resolve(version.engine, None).is_ok_and(|newest| newest == *version));
    }
    let (found, marker) = page(p, found)?;
    let versions = found.into_iter().map(|version| {
        let name = if version.engine == "redis" { "Redis" } else { "Valkey" };
        Node::default()
            .leaf("Engine", version.engine)
            .leaf("EngineVersion", version.short)
            .leaf("CacheParameterGroupFamily", version.family)
            .leaf("CacheEngineDescription", name)
            .leaf("CacheEngineVersionDescription", format!("{} version {}", version.engine, version.full))
    });
    Ok(Node::result().opt("Marker", marker).list("CacheEngineVersions", "CacheEngineVersion", versions))
}

/// Answers DescribeEngineDefaultParameters.
pub(super) fn defaults(p: &Params) -> Result<Node, ApiError> {
    let family = p.required("CacheParameterGroupFamily")?;
    parameter::check_family(family)?;
    let (found, marker) = page(p, parameter::all(family))?;
    let parameters = found.into_iter().map(|parameter| parameter.element(None));
    let body = Node::new("EngineDefaults")
        .opt("Marker", marker)
        .leaf("CacheParameterGroupFamily", family)
        .list("Parameters", "Parameter", parameters);
    Ok(Node::result().child(body))
}
