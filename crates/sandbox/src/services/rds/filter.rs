//! Filters of RDS's describe operations.

use crate::model::error::ApiError;
use crate::model::params::Params;
use crate::services::shared::name::bad_value;

/// The filters of one request: all must hold, each by any of its values.
pub(super) struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads `Filters.Filter.N.Name` and its `Values.Value.M`; the operation knows these names and no others.
    pub(super) fn read(p: &Params, known: &[&str]) -> Result<Self, ApiError> {
        let mut filters = Vec::new();
        for filter in p.structs("Filters") {
            let name = filter.required("Name")?;
            if !known.contains(&name) {
                return Err(bad_value(format!("Unrecognized filter name: {name}")));
            }
            filters.push((name.to_owned(), filter.list("Values")));
        }
        Ok(Self(filters))
    }

    /// Refuses every filter: several operations have the parameter in their model and support none, as AWS's
    /// documentation says.
    pub(super) fn none(p: &Params) -> Result<(), ApiError> {
        Self::read(p, &[]).map(|_| ())
    }

    /// The values that filters of this name ask for.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| own == name).flat_map(|(_, values)| values).map(String::as_str)
    }

    /// Whether a thing passes; `has` says whether it has a value for a filter's name.
    pub(super) fn pass(&self, has: impl Fn(&str, &str) -> bool) -> bool {
        self.0.iter().all(|(name, values)| values.iter().any(|value| has(name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{node::Node, params::Missing};
    use crate::server::ctx::Ctx;

    async fn ask(operation: &str, pairs: &[(&str, &str)]) -> Result<Node, ApiError> {
        let (_dir, ctx) = Ctx::for_tests();
        crate::services::tests::ask_later(
            &crate::services::rds::SERVICE,
            &ctx,
            operation,
            &Params::of(Missing::Blank, pairs.iter().copied()),
        )
        .await
    }

    /// The versions that pass a filter.
    async fn versions(name: &str, values: &[&str]) -> usize {
        let names: Vec<String> =
            (1..=values.len()).map(|n| format!("Filters.Filter.1.Values.Value.{n}")).collect();
        let mut pairs = vec![("Filters.Filter.1.Name", name)];
        pairs.extend(names.iter().map(String::as_str).zip(values.iter().copied()));
        let answer = ask("DescribeDBEngineVersions", &pairs).await.unwrap();
        answer.document().matches("<DBEngineVersion>").count()
    }

    #[tokio::test]
    async fn engine_versions_pass_every_filter_that_aws_has() {
        assert_eq!(versions("engine", &["mysql"]).await, 6);
        assert_eq!(versions("engine", &["postgres"]).await, 0);
        assert_eq!(versions("engine-version", &["8.4.7", "8.0.42", "8.4"]).await, 2);
        assert_eq!(versions("db-parameter-group-family", &["mysql8.0"]).await, 3);
        assert_eq!(versions("engine-mode", &["serverless"]).await, 0);
        assert_eq!(versions("status", &["deprecated", "available"]).await, 6);
        assert_eq!(versions("status", &["deprecated"]).await, 0);
        assert_eq!(versions("status", &[]).await, 0);
    }

    #[tokio::test]
    async fn unknown_filters_are_refused_everywhere() {
        let filter = [("Filters.Filter.1.Name", "colour"), ("Filters.Filter.1.Values.Value.1", "red")];
        for (operation, more) in [
            ("DescribeDBInstances", ("x", "")),
            ("DescribeDBEngineVersions", ("x", "")),
            ("DescribeOrderableDBInstanceOptions", ("Engine", "mysql")),
            ("DescribeCertificates", ("x", "")),
            ("DescribeDBSubnetGroups", ("x", "")),
            ("DescribeEvents", ("x", "")),
            ("ListTagsForResource", ("ResourceName", "arn:aws:rds:us-east-1:123456789012:db:x")),
        ] {
            let error = ask(operation, &[more, filter[0], filter[1]]).await.unwrap_err();
            assert_eq!(
                error.to_string(),
                "InvalidParameterValue: Unrecognized filter name: colour",
                "{operation}"
            );
        }
    }

    #[tokio::test]
    async fn certificates_come_in_pages() {
        assert!(ask("DescribeCertificates", &[("MaxRecords", "20")]).await.is_ok());
        assert!(ask("DescribeCertificates", &[("MaxRecords", "19")]).await.is_err());
        assert!(ask("DescribeCertificates", &[("Marker", "nonsense")]).await.is_err());
    }

    #[tokio::test]
    async fn events_are_told_apart_by_category() {
        let (_dir, ctx) = Ctx::for_tests();
        let added = ctx.change(|world| {
            world.rds.events.add(ctx.now(), "db-instance", "db", "DB instance created");
            world.rds.events.add(ctx.now(), "db-instance", "db", "DB instance deleted");
            Ok(())
        });
        added.unwrap();
        for (categories, found) in
            [(&[][..], 2), (&["creation"], 1), (&["deletion", "creation"], 2), (&["backup"], 0)]
        {
            let names: Vec<String> =
                (1..=categories.len()).map(|n| format!("EventCategories.EventCategory.{n}")).collect();
            let p =
                Params::of(Missing::Blank, names.iter().map(String::as_str).zip(categories.iter().copied()));
            let answer =
                crate::services::tests::ask_later(&crate::services::rds::SERVICE, &ctx, "DescribeEvents", &p)
                    .await
                    .unwrap();
            assert_eq!(answer.document().matches("<Event>").count(), found, "{categories:?}");
        }
    }
}
