//! Describing, modifying and deleting DB instances.

use std::sync::Arc;

use super::filter::Filters;
use super::{create, life, view};
use crate::engines::database::Master;
use crate::model::error::ApiError;
use crate::model::{node::Node, params::Params};
use crate::server::ctx::Ctx;
use crate::services::shared::name::{bad_combination, bad_value, identifier, page, unsupported};
use crate::services::shared::status::Status;

/// What AWS typically needs, in seconds.
const DELETE_SECONDS: f64 = 180.0;
const MODIFY_SECONDS: f64 = 60.0;

const NOT_MODIFIABLE: &[&str] = &[
    "DBInstanceClass",
    "DBParameterGroupName",
    "DBSubnetGroupName",
    "EngineVersion",
    "MultiAZ",
    "NewDBInstanceIdentifier",
    "DBPortNumber",
    "OptionGroupName",
    "StorageType",
    "ManageMasterUserPassword",
];

/// DescribeDBInstances.
pub(super) fn describe(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let world = ctx.world();
    let mut found: Vec<_> = match p.get("DBInstanceIdentifier").filter(|id| !id.is_empty()) {
        Some(id) => vec![world.rds.instance(id.rsplit(':').next().unwrap_or(id))?],
        None => world.rds.instances.iter().collect(),
    };
    let filters =
        Filters::read(p, &["db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine"])?;
    for value in filters.values("db-instance-id").filter(|value| !value.starts_with("arn:")) {
        identifier("Filter: db-instance-id", value)?;
    }
    found.retain(|instance| {
        filters.pass(|name, value| match name {
            "db-instance-id" => value == instance.arn || value.eq_ignore_ascii_case(&instance.id),
            "dbi-resource-id" => value == instance.resource_id,
            "engine" => value == "mysql",
            // No instance here belongs to a cluster or to a domain.
            _ => false,
        })
    });
    let (found, marker) = page(p, found)?;
    let found = found.into_iter().map(|instance| view::instance(ctx, instance));
    Ok(Node::result().opt("Marker", marker).list("DBInstances", "DBInstance", found))
}

/// DeleteDBInstance.
pub(super) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let id = p.required("DBInstanceIdentifier")?;
    identifier("DBInstanceIdentifier", id)?;
    let skip = p.bool("SkipFinalSnapshot")?.unwrap_or(false);
    let snapshot = p.get("FinalDBSnapshotIdentifier").filter(|name| !name.is_empty());
    if let Some(snapshot) = snapshot {
        identifier("FinalDBSnapshotIdentifier", snapshot)?;
    }
    let instance = ctx.change(|world| {
        let instance = world.rds.instance_mut(id)?;
        match (skip, snapshot) {
            (false, None) => {
                return Err(bad_combination(
                    "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
                ));
            }
            (true, Some(_)) => {
                return Err(bad_combination("You cannot specify both FinalDBSnapshotIdentifier and SkipFinalSnapshot"));
            }
            _ => {}
        }
        if instance.status == Status::Deleting {
            let message = format!("Instance {id} is already being deleted.");
            return Err(ApiError::bad("InvalidDBInstanceState", message));
        }
        if instance.protected {
            return Err(bad_combination(
                "Cannot delete protected DB Instance, please disable deletion protection and try again.",
            ));
        }
        if snapshot.is_some() {
            if instance.status != Status::Available {
                let message = format!(
                    "Cannot create a snapshot because the database instance {id} is not currently in the available state."
                );
                return Err(ApiError::bad("InvalidDBInstanceState", message));
            }
            unsupported(p, &["FinalDBSnapshotIdentifier"])?;
        }
        instance.status = Status::Deleting;
        instance.due = ctx.after(DELETE_SECONDS);
        Ok(instance.clone())
    })?;
    life::end(ctx, instance.clone());
    Ok(Node::result().child(view::instance(ctx, &instance)))
}

/// ModifyDBInstance; what changes is in force when it returns.
pub(super) async fn modify(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let id = p.required("DBInstanceIdentifier")?;
    let password = p.get("MasterUserPassword").filter(|password| !password.is_empty());
    let instance = ctx.change(|world| {
        let snapshot = world.clone();
        let instance = world.rds.instance_mut(id)?;
        unsupported(p, NOT_MODIFIABLE)?;
        if instance.status != Status::Available {
            let message = format!("Instance {id} is not in available state.");
            return Err(ApiError::bad("InvalidDBInstanceState", message));
        }
        if let Some(password) = password {
            create::check_password(password)?;
        }
        if !p.list("VpcSecurityGroupIds").is_empty() {
            instance.security_groups = create::security_groups(&snapshot, p, &instance.subnet_group.vpc_id)?;
        }
        if let Some(retention) = p.int("BackupRetentionPeriod")? {
            if !(0..=35).contains(&retention) {
                return Err(bad_value("Retention period must be between 0 and 35."));
            }
            instance.retention = retention;
        }
        if let Some(storage) = p.int("AllocatedStorage")? {
            // RDS grows storage by a tenth at least, and never shrinks it.
            if storage != instance.storage && storage * 10 < instance.storage * 11 {
                let message = format!(
                    "Invalid storage size for engine name mysql and storage type {}: {storage}",
                    instance.storage_type
                );
                return Err(bad_combination(message));
            }
            instance.storage = storage;
        }
        if let Some(protected) = p.bool("DeletionProtection")? {
            instance.protected = protected;
        }
        if let Some(public) = p.bool("PubliclyAccessible")? {
            instance.public = public;
        }
        if let Some(copy) = p.bool("CopyTagsToSnapshot")? {
            instance.copy_tags = copy;
        }
        instance.status = Status::Modifying;
        instance.due = ctx.after(MODIFY_SECONDS);
        Ok(instance.clone())
    })?;
    if let (Some(engines), Some(password)) = (&ctx.engines, password) {
        let master = Master { user: instance.master.clone(), password: password.to_owned() };
        match engines.set_master_password(&instance.database, &master).await {
            Ok(()) => life::watch(ctx, &instance.database),
            Err(error) => {
                tracing::error!(%error, instance = instance.id, "a new password did not reach the database");
            }
        }
    }
    life::finish_modifying(ctx, instance.clone());
    Ok(Node::result().child(view::instance(ctx, &instance)))
}
