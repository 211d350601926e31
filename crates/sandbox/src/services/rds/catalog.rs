//! Engine versions, instance classes and certificates that the sandbox's RDS knows.

use std::sync::Arc;

use super::filter::Filters;
use crate::model::error::ApiError;
use crate::model::{node::Node, params::Params};
use crate::server::ctx::Ctx;
use crate::services::shared::name::{bad_combination, bad_value, page};

/// Oldest first; the last is the default.
const VERSIONS: &[&str] = &["8.0.42", "8.0.43", "8.0.44", "8.4.5", "8.4.6", "8.4.7"];

/// Class, memory in MiB, and whether MySQL 8 runs on it.
const CLASSES: &[(&str, u32, bool)] = &[
    ("db.t2.micro", 1_024, false),
    ("db.t2.small", 2_048, false),
    ("db.t2.medium", 4_096, false),
    ("db.t3.micro", 1_024, true),
    ("db.t3.small", 2_048, true),
    ("db.t3.medium", 4_096, true),
    ("db.t3.large", 8_192, true),
    ("db.t4g.micro", 1_024, true),
    ("db.t4g.small", 2_048, true),
    ("db.t4g.medium", 4_096, true),
    ("db.t4g.large", 8_192, true),
    ("db.m5.large", 8_192, true),
    ("db.m6g.large", 8_192, true),
    ("db.m7g.large", 8_192, true),
    ("db.r5.large", 16_384, true),
    ("db.r6g.large", 16_384, true),
];

/// The full version that a request means; `8.4` means the newest 8.4.x.
pub(super) fn resolve(engine: &str, version: Option<&str>) -> Result<&'static str, ApiError> {
    if engine != "mysql" {
        let known = [
            "mariadb",
            "postgres",
            "aurora-mysql",
            "aurora-postgresql",
            "oracle-ee",
            "oracle-se2",
            "sqlserver-ee",
            "sqlserver-se",
            "sqlserver-ex",
            "sqlserver-web",
            "db2-ae",
            "db2-se",
        ];
        return Err(if known.contains(&engine) {
            bad_combination(format!("The recipe-walk sandbox does not implement the engine {engine}."))
        } else {
            bad_value("Invalid DB engine")
        });
    }
    let Some(asked) = version else { return Ok(VERSIONS[VERSIONS.len() - 1]) };
    let minor = format!("{asked}.");
    VERSIONS
        .iter()
        .rev()
        .find(|known| **known == asked || (asked.matches('.').count() == 1 && known.starts_with(&minor)))
        .copied()
        .ok_or_else(|| bad_combination(format!("Cannot find version {asked} for {engine}")))
}

/// `mysql8.4` for `8.4.7`.
pub(super) fn family(version: &str) -> String {
    let major = version.rsplit_once('.').map_or(version, |(major, _)| major);
    format!("mysql{major}")
}

/// Checks a class against a version; returns how many connections RDS gives it.
pub(super) fn connections(class: &str, version: &str) -> Result<u32, ApiError> {
    let Some((_, memory, fits)) = CLASSES.iter().find(|(name, ..)| *name == class) else {
        return Err(bad_value(format!("Invalid DB Instance class: {class}")));
    };
    if !fits {
        return Err(bad_combination(format!(
            "RDS does not support creating a DB instance with the following combination: DBInstanceClass={class}, \
             Engine=mysql, EngineVersion={version}, LicenseModel=general-public-license. For supported combinations of \
             instance class and database engine version, see the documentation."
        )));
    }
    // RDS's formula is {DBInstanceClassMemory/12582880}, of the memory that is left to the database.
    Ok((memory * 3 / 4) * 1_048_576 / 12_582_880)
}

/// DescribeDBEngineVersions.
pub(super) fn versions(p: &Params) -> Result<Node, ApiError> {
    let engine = p.get("Engine").filter(|engine| !engine.is_empty());
    let wanted = p.get("EngineVersion").filter(|version| !version.is_empty());
    let parameter_family = p.get("DBParameterGroupFamily").filter(|family| !family.is_empty());
    let default_only = p.bool("DefaultOnly")?.unwrap_or(false);
    let known = ["db-parameter-group-family", "engine", "engine-mode", "engine-version", "status"];
    let filters = Filters::read(p, &known)?;
    let found: Vec<&str> = VERSIONS
        .iter()
        .filter(|_| engine.is_none_or(|engine| engine == "mysql"))
        .filter(|v| wanted.is_none_or(|w| **v == w || v.starts_with(&format!("{w}."))))
        .filter(|v| parameter_family.is_none_or(|wanted| family(v) == wanted))
        .filter(|v| !default_only || resolve("mysql", None).is_ok_and(|newest| newest == **v))
        .filter(|v| {
            filters.pass(|name, value| match name {
                "db-parameter-group-family" => value == family(v),
                "engine" => value == "mysql",
                "engine-mode" => value == "provisioned",
                "engine-version" => value == **v,
                _ => value == "available",
            })
        })
        .copied()
        .collect();
    let (found, marker) = page(p, found)?;
    let found = found.into_iter().map(|version| {
        let major = family(version).trim_start_matches("mysql").to_owned();
        Node::default()
            .leaf("Engine", "mysql")
            .leaf("MajorEngineVersion", major)
            .leaf("EngineVersion", version)
            .leaf("DBParameterGroupFamily", family(version))
            .leaf("DBEngineDescription", "MySQL Community Edition")
            .leaf("DBEngineVersionDescription", format!("MySQL {version}"))
            .child(Node::new("ValidUpgradeTarget"))
            .leaves("ExportableLogTypes", "member", ["audit", "error", "general", "slowquery"])
            .leaf("SupportsLogExportsToCloudwatchLogs", true)
            .leaf("SupportsReadReplica", true)
            .leaf("Status", "available")
            .leaf("SupportsParallelQuery", false)
            .leaf("SupportsGlobalDatabases", false)
            .leaf("SupportsCertificateRotationWithoutRestart", true)
            .leaves("SupportedCACertificateIdentifiers", "member", ["rds-ca-rsa2048-g1"])
    });
    Ok(Node::result().opt("Marker", marker).list("DBEngineVersions", "DBEngineVersion", found))
}

/// DescribeOrderableDBInstanceOptions.
pub(super) fn orderable(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let engine = p.required("Engine")?;
    Filters::none(p)?;
    let wanted = |name: &str, value: &str| p.get(name).is_none_or(|w| w.is_empty() || w == value);
    let version = p.get("EngineVersion").filter(|version| !version.is_empty());
    let version = version.map(|version| resolve(engine, Some(version))).transpose()?;
    let mut options = Vec::new();
    for known in VERSIONS.iter().filter(|known| engine == "mysql" && version.is_none_or(|v| v == **known)) {
        for (class, ..) in CLASSES.iter().filter(|(class, _, fits)| *fits && wanted("DBInstanceClass", class))
        {
            for storage in ["gp2", "gp3"] {
                options.push((*known, *class, storage));
            }
        }
    }
    if !wanted("LicenseModel", "general-public-license") {
        options.clear();
    }
    let zones: Vec<String> =
        ctx.read(|world| world.ec2.subnets.iter().map(|subnet| subnet.zone.clone()).collect());
    let (options, marker) = page(p, options)?;
    let options = options.into_iter().map(|(version, class, storage)| {
        Node::default()
            .leaf("Engine", "mysql")
            .leaf("EngineVersion", version)
            .leaf("DBInstanceClass", class)
            .leaf("LicenseModel", "general-public-license")
            .list(
                "AvailabilityZones",
                "AvailabilityZone",
                zones.iter().map(|zone| Node::default().leaf("Name", zone)),
            )
            .leaf("MultiAZCapable", true)
            .leaf("ReadReplicaCapable", true)
            .leaf("Vpc", true)
            .leaf("SupportsStorageEncryption", true)
            .leaf("StorageType", storage)
            .leaf("SupportsIops", storage == "gp3")
            .leaf("SupportsEnhancedMonitoring", true)
            .leaf("SupportsIAMDatabaseAuthentication", true)
            .leaf("SupportsPerformanceInsights", false)
            .leaf("MinStorageSize", 20)
            .leaf("MaxStorageSize", 65_536)
            .leaf("SupportsStorageAutoscaling", true)
            .leaf("OutpostCapable", false)
            .leaves("SupportedNetworkTypes", "member", ["IPV4"])
    });
    Ok(Node::result().opt("Marker", marker).list(
        "OrderableDBInstanceOptions",
        "OrderableDBInstanceOption",
        options,
    ))
}

/// DescribeCertificates: the one authority that instances name.
pub(super) fn certificates(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let id = "rds-ca-rsa2048-g1";
    Filters::none(p)?;
    if let Some(other) = p.get("CertificateIdentifier").filter(|asked| !asked.is_empty() && *asked != id) {
        return Err(ApiError::new("CertificateNotFound", 404, format!("Certificate {other} not found.")));
    }
    let certificate = Node::default()
        .leaf("CertificateIdentifier", id)
        .leaf("CertificateType", "CA")
        .leaf("ValidFrom", "2021-05-25T22:34:57Z")
        .leaf("ValidTill", "2061-05-25T23:34:57Z")
        .leaf("CertificateArn", format!("arn:aws:rds:{}::cert:{id}", ctx.region))
        .leaf("CustomerOverride", false);
    let (certificates, marker) = page(p, vec![certificate])?;
    Ok(Node::result().leaf("DefaultCertificateForNewLaunches", id).opt("Marker", marker).list(
        "Certificates",
        "Certificate",
        certificates,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minor_version_means_its_newest_patch() {
        assert_eq!(resolve("mysql", Some("8.4")), Ok("8.4.7"));
        assert_eq!(resolve("mysql", Some("8.0.43")), Ok("8.0.43"));
        assert_eq!(
            resolve("mysql", Some("5.7")).map_err(|e| e.code),
            Err("InvalidParameterCombination".into())
        );
        assert_eq!(resolve("nosql", None).map_err(|e| e.code), Err("InvalidParameterValue".into()));
        assert_eq!(family("8.4.7"), "mysql8.4");
    }

    #[test]
    fn a_micro_takes_about_sixty_connections() {
        assert_eq!(connections("db.t3.micro", "8.4.7"), Ok(64));
        assert!(connections("db.t2.micro", "8.4.7").is_err() && connections("db.x", "8.4.7").is_err());
    }
}
