//! CreateDBInstance: every check AWS makes, then the start of a life.

use std::sync::Arc;

use super::quota;
use super::state::Instance;
use super::{catalog, life, subnet_group, view};
use crate::engines::database::{Database, Master};
use crate::engines::pick_addresses;
use crate::model::account::share::Use;
use crate::model::account::world::World;
use crate::model::error::ApiError;
use crate::model::tag::{self, Tag};
use crate::model::{node::Node, params::Params};
use crate::server::ctx::Ctx;
use crate::server::fault;
use crate::services::iam;
use crate::services::shared::name::{bad_combination, bad_value, identifier, unsupported};
use crate::services::shared::status::Status;
use crate::system::ids;

/// What AWS typically needs, in seconds.
const CREATE_SECONDS: f64 = 240.0;

const UNSUPPORTED: &[&str] = &[
    "DBClusterIdentifier",
    "ManageMasterUserPassword",
    "DBSecurityGroups",
    "Domain",
    "CharacterSetName",
    "TdeCredentialArn",
    "CustomIamInstanceProfile",
    "MultiTenant",
];

/// Answers the request.
pub(super) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (mut instance, master) = ctx.read(|world| plan(ctx, world, p))?;
    // The password first, under a name that is never used again: a crash leaves a directory, not a database without it.
    if let Some(engines) = &ctx.engines {
        engines
            .prepare_database(&instance.database.home, &master, instance.name.as_deref())
            .map_err(|error| ApiError::internal(error.to_string()))?;
    }
    let made = ctx.change(|world| {
        if world.rds.instance(&instance.id).is_ok() {
            return Err(exists());
        }
        instance.created = ctx.now();
        instance.doomed = fault::is_doomed();
        instance.due = ctx.after(CREATE_SECONDS);
        iam::ensure_service_linked(world, "rds.amazonaws.com", instance.created);
        world.rds.instances.push(instance.clone());
        Ok(())
    });
    if let Err(error) = made {
        life::discard(ctx, &instance.database);
        return Err(error);
    }
    life::start(ctx, &instance.id);
    Ok(Node::result().child(view::instance(ctx, &instance)))
}

/// Refuses what AWS does not give to accounts on the free plan (docs/aws-errors.md, "RDS"). Which sizes and how many
/// days are those of its Free Tier page.
fn check_free_plan(class: &str, retention: i64) -> Result<(), ApiError> {
    let refused = |text: &str| Err(ApiError::bad("FreeTierRestrictionError", text));
    if !matches!(class, "db.t3.micro" | "db.t4g.micro") {
        return refused("This instance size isn't available with free plan accounts.");
    }
    if retention > 1 {
        return refused(
            "The specified backup retention period exceeds the maximum available to free tier customers. To remove \
             all limitations, upgrade your account plan.",
        );
    }
    Ok(())
}

fn exists() -> ApiError {
    ApiError::bad("DBInstanceAlreadyExists", "DB instance already exists")
}

fn plan(ctx: &Arc<Ctx>, world: &World, p: &Params) -> Result<(Instance, Master), ApiError> {
    let text = |name: &str| p.get(name).filter(|value| !value.is_empty());
    let given = p.required("DBInstanceIdentifier")?;
    let class = p.required("DBInstanceClass")?.to_owned();
    let engine = p.required("Engine")?.to_ascii_lowercase();
    if given.len() > 63 {
        return Err(bad_value(
            "The parameter DBInstanceIdentifier is not a valid identifier because it is longer than 63 characters.",
        ));
    }
    let id = identifier("DBInstanceIdentifier", given)?;
    let version = catalog::resolve(&engine, text("EngineVersion"))?;
    let max_connections = catalog::connections(&class, version)?;
    unsupported(p, UNSUPPORTED)?;
    let master = Master { user: user(p)?, password: p.required("MasterUserPassword")?.to_owned() };
    check_password(&master.password)?;
    let name = text("DBName").map(database_name).transpose()?;
    let storage_type = text("StorageType").unwrap_or("gp2").to_owned();
    let (storage, max_storage) = storage(p, &storage_type)?;
    let retention = p.int("BackupRetentionPeriod")?.unwrap_or(1);
    if !(0..=35).contains(&retention) {
        return Err(bad_value("Retention period must be between 0 and 35."));
    }
    check_parameter_group(text("DBParameterGroupName"), &catalog::family(version))?;
    if ctx.free_plan() {
        check_free_plan(&class, retention)?;
    }
    if world.rds.instance(&id).is_ok() {
        return Err(exists());
    }
    if world.rds.instances.len() >= ctx.limit(&quota::INSTANCES) {
        return Err(ApiError::bad("InstanceQuotaExceeded", "DB Instance quota exceeded"));
    }
    let subnet_group = subnet_group::KIND.find(ctx, world, text("DBSubnetGroupName").unwrap_or("default"))?;
    let security_groups = security_groups(world, p, &subnet_group.vpc_id)?;
    let zone = match text("AvailabilityZone") {
        Some(zone) if subnet_group.subnets.iter().any(|(_, known)| known == zone) => zone.to_owned(),
        Some(zone) => {
            let message =
                format!("The requested Availability Zone {zone} is not covered by the DB subnet group.");
            return Err(ApiError::bad("InvalidVPCNetworkStateFault", message));
        }
        None => subnet_group.subnets.first().map(|(_, zone)| zone.clone()).unwrap_or_default(),
    };
    let tags = Tag::list(p, "Tags")?;
    if let Some(fault) = tag::fault_of_letters(&tags) {
        return Err(bad_value(fault));
    }
    let port = u16::try_from(p.int("Port")?.unwrap_or(3306)).ok().filter(|port| *port >= 1150);
    let port = port.ok_or_else(|| bad_value("Invalid port. The port must be between 1150 and 65535."))?;
    let lifecycle = text("EngineLifecycleSupport").unwrap_or("open-source-rds-extended-support").to_owned();
    if !["open-source-rds-extended-support", "open-source-rds-extended-support-disabled"]
        .contains(&lifecycle.as_str())
    {
        return Err(bad_value(format!("Invalid EngineLifecycleSupport: {lifecycle}.")));
    }
    let listen = pick_addresses(1, port, &|address| ctx.parts.uses(world, &Use::Address(address)))
        .map_err(|error| ApiError::internal(format!("the sandbox has no address for a database: {error}")))?
        [0];
    let now = ctx.now();
    let home = format!("{id}-{}", ids::hex(8));
    let instance = Instance {
        arn: ctx.arn("rds", &format!("db:{id}")),
        resource_id: format!("db-{}", ids::base32(26)),
        database: Database { id: id.clone(), home, listen, max_connections },
        id,
        class,
        status: Status::Creating,
        created: now,
        due: now,
        engine_version: version.to_owned(),
        lifecycle,
        master: master.user.clone(),
        name,
        port,
        storage,
        max_storage,
        storage_type,
        encrypted: p.bool("StorageEncrypted")?.unwrap_or(false),
        multi_az: p.bool("MultiAZ")?.unwrap_or(false),
        // RDS does so in a VPC with an internet gateway.
        public: p.bool("PubliclyAccessible")?.unwrap_or(true),
        protected: p.bool("DeletionProtection")?.unwrap_or(false),
        retention,
        backup_window: text("PreferredBackupWindow").unwrap_or("05:00-05:30").to_owned(),
        maintenance_window: text("PreferredMaintenanceWindow").unwrap_or("sun:08:00-sun:08:30").to_owned(),
        minor_upgrades: p.bool("AutoMinorVersionUpgrade")?.unwrap_or(true),
        copy_tags: p.bool("CopyTagsToSnapshot")?.unwrap_or(false),
        zone,
        subnet_group,
        security_groups,
        tags,
        doomed: false,
    };
    Ok((instance, master))
}

fn user(p: &Params) -> Result<String, ApiError> {
    let user = p.required("MasterUsername")?;
    if user.len() > 32
        || !user.starts_with(|c: char| c.is_ascii_alphabetic())
        || !user.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return Err(bad_value("Invalid master user name"));
    }
    let reserved = ["rdsadmin", "rdsrepladmin", "mysql", "root"];
    if reserved.iter().any(|word| user.eq_ignore_ascii_case(word)) {
        return Err(bad_value(format!(
            "MasterUsername {user} cannot be used as it is a reserved word used by the engine"
        )));
    }
    Ok(user.to_owned())
}

/// RDS's rules for a master password.
pub(super) fn check_password(password: &str) -> Result<(), ApiError> {
    let length = password.chars().count();
    if length < 8 {
        return Err(bad_value(
            "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.",
        ));
    }
    if length > 41 {
        return Err(bad_value(
            "The parameter MasterUserPassword is not a valid password because it is longer than 41 characters.",
        ));
    }
    if !password.chars().all(|c| c.is_ascii_graphic() && !"/@\"".contains(c)) {
        return Err(bad_value(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
        ));
    }
    Ok(())
}

fn database_name(name: &str) -> Result<String, ApiError> {
    let fits = name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    if !fits {
        return Err(bad_value("DBName must begin with a letter and contain only alphanumeric characters."));
    }
    if ["mysql", "sys", "information_schema", "performance_schema", "innodb"]
        .contains(&name.to_lowercase().as_str())
    {
        return Err(bad_value(format!(
            "DBName {name} cannot be used as it is a reserved word used by the engine"
        )));
    }
    Ok(name.to_owned())
}

fn storage(p: &Params, kind: &str) -> Result<(i64, Option<i64>), ApiError> {
    let least = match kind {
        "gp2" | "gp3" => 20,
        "io1" | "io2" => 100,
        "standard" => 5,
        other => return Err(bad_value(format!("Invalid storage type: {other}"))),
    };
    let storage = p
        .int("AllocatedStorage")?
        .ok_or_else(|| bad_value("The parameter AllocatedStorage must be provided and must not be blank."))?;
    if !(least..=65_536).contains(&storage) {
        return Err(bad_combination(format!(
            "Invalid storage size for engine name mysql and storage type {kind}: {storage}"
        )));
    }
    let most = p.int("MaxAllocatedStorage")?;
    if let Some(most) = most {
        if most <= storage {
            return Err(bad_combination("Max storage size must be greater than storage size"));
        }
        if most * 10 < storage * 11 {
            return Err(bad_combination(
                "The maximum allocated storage must be increased by at least 10 percent.",
            ));
        }
    }
    Ok((storage, most))
}

fn check_parameter_group(name: Option<&str>, family: &str) -> Result<(), ApiError> {
    let Some(name) = name else { return Ok(()) };
    match name.strip_prefix("default.") {
        Some(given) if given == family => Ok(()),
        Some(given) if given.starts_with("mysql") => Err(bad_combination(format!(
            "The parameter group {name} with DBParameterGroupFamily {given} can't be used for this instance. Use a parameter group with DBParameterGroupFamily {family}."
        ))),
        _ => {
            Err(ApiError::new("DBParameterGroupNotFound", 404, format!("DBParameterGroup not found: {name}")))
        }
    }
}

/// The groups asked for, or the VPC's default one.
pub(super) fn security_groups(world: &World, p: &Params, vpc: &str) -> Result<Vec<String>, ApiError> {
    let ids = p.list("VpcSecurityGroupIds");
    if ids.is_empty() {
        return Ok(world.ec2.default_group(vpc).map(|group| group.id.clone()).into_iter().collect());
    }
    for id in &ids {
        let known = world.ec2.group(id);
        if known.is_none_or(|group| group.vpc_id != vpc) {
            return Err(bad_value(format!("Invalid security group , groupId= {id}, groupName=.")));
        }
    }
    Ok(ids)
}
