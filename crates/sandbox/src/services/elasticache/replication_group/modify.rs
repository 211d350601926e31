//! ModifyReplicationGroup.

use std::sync::Arc;

use super::{create, life, view};
use crate::model::error::ApiError;
use crate::model::{node::Node, params::Params};
use crate::server::ctx::Ctx;
use crate::services::elasticache::{node_type, parameter, parameter_group, subnet_group, version};
use crate::services::shared::name::{bad_combination, bad_value, unsupported};
use crate::services::shared::status::Status;

/// What AWS typically needs, in seconds.
const MODIFY_SECONDS: f64 = 60.0;

const UNSUPPORTED: &[&str] = &[
    "CacheSecurityGroupNames",
    "Engine",
    "EngineVersion",
    "LogDeliveryConfigurations",
    "NodeGroupId",
    "PrimaryClusterId",
    "SnapshottingClusterId",
    "TransitEncryptionEnabled",
    "TransitEncryptionMode",
    "UserGroupIdsToAdd",
    "UserGroupIdsToRemove",
    "RemoveUserGroups",
    "ClusterMode",
    "IpDiscovery",
];

/// Answers the request; what changes is in force when it returns.
pub(crate) async fn modify(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let id = p.required("ReplicationGroupId")?;
    let now = ctx.now();
    let token = p.get("AuthToken").filter(|token| !token.is_empty());
    let strategy = p.get("AuthTokenUpdateStrategy").unwrap_or("ROTATE");
    let group = ctx.change(|world| {
        let snapshot = world.clone();
        let group = world.elasticache.group_mut(id)?;
        unsupported(p, UNSUPPORTED)?;
        if group.status != Status::Available {
            let message = "Replication group must be in available state to modify.";
            return Err(ApiError::bad("InvalidReplicationGroupState", message));
        }
        if let Some(description) = p.get("ReplicationGroupDescription") {
            description.clone_into(&mut group.description);
        }
        if let Some(failover) = p.bool("AutomaticFailoverEnabled")? {
            if failover && group.members.len() < 2 {
                return Err(bad_combination(
                    "Automatic failover requires 2 or more cache clusters. Create more cache clusters or disable automatic failover.",
                ));
            }
            group.failover = failover;
        }
        if let Some(multi_az) = p.bool("MultiAZEnabled")? {
            group.multi_az = multi_az;
        }
        if group.multi_az && !group.failover {
            return Err(bad_combination("Multi-AZ requires automatic failover to be enabled."));
        }
        let subnets = subnet_group::KIND.find(ctx, &snapshot, &group.subnet_group)?;
        if !p.list("SecurityGroupIds").is_empty() {
            group.security_groups = create::security_groups(&snapshot, p, &subnets.name, &subnets.vpc_id)?;
        }
        if let Some(limit) = p.int("SnapshotRetentionLimit")? {
            group.snapshot_retention = limit;
        }
        if let Some(window) = p.get("PreferredMaintenanceWindow") {
            window.clone_into(&mut group.maintenance_window);
        }
        if let Some(node_type) = p.get("CacheNodeType").filter(|t| !t.is_empty()) {
            if node_type::memory(node_type).is_none() {
                return Err(bad_value(format!("Invalid Cache Node Type: {node_type}.")));
            }
            node_type.clone_into(&mut group.node_type);
        }
        let family = version::resolve(&group.engine, Some(&group.engine_version))?.family;
        let name = p.get("CacheParameterGroupName").filter(|n| !n.is_empty()).unwrap_or(&group.parameter_group);
        let parameters =
            parameter_group::find(ctx, &snapshot.elasticache, name, "CacheParameterGroup not found: {}")?;
        if parameters.family != family {
            return Err(bad_combination(format!(
                "Expected a parameter group of family {family} but found one of family {}",
                parameters.family
            )));
        }
        group.layout.settings = parameter::settings(family, &parameters.values, &group.node_type);
        group.parameter_group = parameters.name;
        if let Some(token) = token {
            if !group.tls {
                return Err(bad_combination("The AUTH token is only supported when encryption-in-transit is enabled"));
            }
            create::check_token(token)?;
            if !["SET", "ROTATE"].contains(&strategy) {
                return Err(bad_value(format!("Invalid AuthTokenUpdateStrategy: {strategy}.")));
            }
            if !p.bool("ApplyImmediately")?.unwrap_or(false) {
                return Err(bad_combination("The AUTH token can only be modified with ApplyImmediately."));
            }
            group.token_since = Some(now);
        }
        group.status = Status::Modifying;
        group.due = ctx.after(MODIFY_SECONDS);
        Ok(group.clone())
    })?;
    if let Some(engines) = &ctx.engines {
        let applied = async {
            engines.configure_cache(&group.layout).await?;
            match token {
                Some(token) => engines.set_cache_token(&group.layout, token, strategy == "ROTATE").await,
                None => Ok(()),
            }
        };
        if let Err(error) = applied.await {
            tracing::error!(%error, group = group.id, "a modification did not reach every engine");
        }
    }
    life::finish_modifying(ctx, &group.id);
    Ok(Node::result().child(view::group(&group)))
}
