//! The newest version of a cache's engine.

use crate::AwsCloud;
use crate::connect::failure::Named as _;
use recipe_walk_engine::facts::Facts;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind::CacheEngineVersion;

impl AwsCloud {
    pub(super) async fn look_up_cache_version(&self, look: &CacheEngineVersion) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        let (version, family) = self.cache_version(&look.engine).await?;
        facts.set("cache_version", version);
        facts.set("cache_family", family);
        Ok(facts)
    }

    /// The newest version and its parameter group family.
    pub(crate) async fn cache_version(&self, engine: &str) -> Result<(String, String), Failure> {
        let operation = "elasticache:DescribeCacheEngineVersions";
        let answer =
            self.elasticache.describe_cache_engine_versions().engine(engine).send().await.named(operation)?;
        let number = |v: &str| v.split('.').map(|n| n.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
        let newest = answer
            .cache_engine_versions()
            .iter()
            .filter_map(|v| Some((v.engine_version()?, v.cache_parameter_group_family()?)))
            .max_by_key(|(version, _)| number(version));
        let (version, family) = newest.ok_or_else(|| {
            Failure::local(operation, "NoVersion", format!("there is no version of {engine}"))
        })?;
        // Major and minor only (docs/aws.md, "ElastiCache"): `7.1`, not `7.1.0`.
        let short: Vec<&str> = version.split('.').take(2).collect();
        Ok((short.join("."), family.to_owned()))
    }
}
