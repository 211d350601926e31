//! Cache parameter groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::parameter::{self, FAMILIES};
use super::quota;
use super::state::{ParameterGroup, State, in_parameter_group};
use super::tagging;
use crate::model::error::ApiError;
use crate::model::{node::Node, params::Params};
use crate::server::ctx::Ctx;
use crate::services::shared::name::{bad_combination, bad_value, identifier, page};

const NAME: &str = "CacheParameterGroupName";

fn missing(message: String) -> ApiError {
    ApiError::new("CacheParameterGroupNotFound", 404, message)
}

/// The group of this name; `default.<family>` is there without being made. AWS words its absence differently in
/// different calls, so the caller gives the words.
pub(super) fn find(ctx: &Ctx, state: &State, name: &str, words: &str) -> Result<ParameterGroup, ApiError> {
    let name = name.to_ascii_lowercase();
    if let Some(group) = state.parameter_groups.find(&name) {
        return Ok(group.clone());
    }
    let default = name.strip_prefix("default.").filter(|family| FAMILIES.contains(family));
    match default {
        Some(family) => Ok(implicit(ctx, family)),
        None => Err(missing(words.replace("{}", &name))),
    }
}

fn implicit(ctx: &Ctx, family: &str) -> ParameterGroup {
    ParameterGroup {
        name: format!("default.{family}"),
        arn: ctx.arn("elasticache", &format!("parametergroup:default.{family}")),
        family: family.to_owned(),
        description: format!("Default parameter group for {family}"),
        values: BTreeMap::new(),
        tags: Vec::new(),
    }
}

/// CreateCacheParameterGroup.
pub(super) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = identifier(NAME, p.required(NAME)?)?;
    let family = p.required("CacheParameterGroupFamily")?.to_owned();
    parameter::check_family(&family)?;
    let description = p.required("Description")?.to_owned();
    let tags = tagging::requested(p)?;
    let arn = ctx.arn("elasticache", &format!("parametergroup:{name}"));
    let group = ParameterGroup { name, arn, family, description, values: BTreeMap::new(), tags };
    ctx.change(|world| {
        let groups = &mut world.elasticache.parameter_groups;
        if groups.contains(&group.name) {
            let message = format!("Parameter group {} already exists", group.name);
            return Err(ApiError::bad("CacheParameterGroupAlreadyExists", message));
        }
        let most = ctx.limit(&quota::PARAMETER_GROUPS);
        if groups.len() >= most {
            let message = format!("There can be at most {most} cache parameter groups in a region.");
            return Err(ApiError::bad("CacheParameterGroupQuotaExceeded", message));
        }
        groups.push(group.clone());
        Ok(())
    })?;
    Ok(Node::result().child(element(&group)))
}

/// DescribeCacheParameterGroups.
pub(super) fn describe(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let world = ctx.world();
    let groups = if let Some(name) = p.get(NAME).filter(|name| !name.is_empty()) {
        vec![find(ctx, &world.elasticache, name, "CacheParameterGroup {} not found.")?]
    } else {
        let implicit = FAMILIES.iter().map(|family| implicit(ctx, family));
        implicit.chain(world.elasticache.parameter_groups.iter().cloned()).collect()
    };
    let (groups, marker) = page(p, groups)?;
    let groups = groups.iter().map(element);
    Ok(Node::result().opt("Marker", marker).list("CacheParameterGroups", "CacheParameterGroup", groups))
}

/// DescribeCacheParameters.
pub(super) fn parameters(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let world = ctx.world();
    let group = find(ctx, &world.elasticache, p.required(NAME)?, "CacheParameterGroup {} not found.")?;
    let source = p.get("Source").filter(|source| !source.is_empty());
    if let Some(source) = source.filter(|source| !["user", "system", "engine-default"].contains(source)) {
        return Err(bad_value(format!(
            "Invalid value {source} for Source. Must be user, system or engine-default."
        )));
    }
    let all: Vec<Node> = parameter::all(&group.family)
        .map(|parameter| parameter.element(group.values.get(parameter.name)))
        .filter(|element| source.is_none_or(|source| element.find("Source") == Some(source)))
        .collect();
    let (all, marker) = page(p, all)?;
    Ok(Node::result().opt("Marker", marker).list("Parameters", "Parameter", all))
}

/// ModifyCacheParameterGroup; running engines get the new values at once.
pub(super) async fn modify(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = identifier(NAME, p.required(NAME)?)?;
    let wanted = p.structs("ParameterNameValues");
    if wanted.is_empty() {
        return Err(bad_value("The parameter ParameterNameValues must be provided and must not be blank."));
    }
    too_many(wanted.len())?;
    ctx.change(|world| {
        let group = own(&mut world.elasticache, &name)?;
        for pair in &wanted {
            let (name, value) =
                (pair.required("ParameterName")?, pair.get("ParameterValue").unwrap_or_default());
            parameter::find(&group.family, name)?.check(value)?;
            group.values.insert(name.to_owned(), value.to_owned());
        }
        Ok(())
    })?;
    apply(ctx, &name).await?;
    Ok(Node::result().leaf(NAME, name))
}

/// ResetCacheParameterGroup.
pub(super) async fn reset(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = identifier(NAME, p.required(NAME)?)?;
    let everything = p.bool("ResetAllParameters")?.unwrap_or(false);
    let wanted = p.structs("ParameterNameValues");
    too_many(wanted.len())?;
    if !everything && wanted.is_empty() {
        return Err(bad_combination("Either ResetAllParameters or ParameterNameValues must be given."));
    }
    let reset = ctx.change(|world| {
        let group = own(&mut world.elasticache, &name)?;
        if everything {
            return Ok(std::mem::take(&mut group.values).into_keys().collect::<Vec<_>>());
        }
        let mut reset = Vec::new();
        for pair in &wanted {
            let name = pair.required("ParameterName")?;
            parameter::find(&group.family, name)?;
            group.values.remove(name);
            reset.push(name.to_owned());
        }
        Ok(reset)
    })?;
    // An engine keeps what it was told until it is told something else: tell it the defaults.
    let family = ctx.read(|world| world.elasticache.parameter_groups.find(&name).cloned());
    let defaults: BTreeMap<String, String> = family
        .iter()
        .flat_map(|group| reset.iter().filter_map(|name| parameter::find(&group.family, name).ok()))
        .filter(|parameter| parameter.modifiable)
        .map(|parameter| (parameter.name.to_owned(), parameter.default.to_owned()))
        .collect();
    apply_with(ctx, &name, &defaults).await?;
    Ok(Node::result().leaf(NAME, name))
}

/// DeleteCacheParameterGroup.
pub(super) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = identifier(NAME, p.required(NAME)?)?;
    ctx.change(|world| {
        let state = &mut world.elasticache;
        if !state.parameter_groups.contains(&name) {
            // AWS's text lacks this space too.
            return Err(missing(format!("CacheParameterGroupnot found: {name}")));
        }
        if state.replication_groups.contains(&in_parameter_group(&name)) {
            let message = format!(
                "One or more cache clusters are still members of this parameter group {name}, so the group cannot be deleted."
            );
            return Err(ApiError::bad("InvalidCacheParameterGroupState", message));
        }
        state.parameter_groups.remove(&name);
        Ok(())
    })?;
    Ok(Node::result())
}

fn too_many(count: usize) -> Result<(), ApiError> {
    if count > 20 {
        return Err(bad_combination("Cannot modify more than 20 parameters in a single request"));
    }
    Ok(())
}

fn own<'a>(state: &'a mut State, name: &str) -> Result<&'a mut ParameterGroup, ApiError> {
    state
        .parameter_groups
        .get_mut(name)
        .ok_or_else(|| missing(format!("CacheParameterGroup not found: {name}")))
}

async fn apply(ctx: &Arc<Ctx>, name: &str) -> Result<(), ApiError> {
    apply_with(ctx, name, &BTreeMap::new()).await
}

/// Recomputes the settings of every cache that uses the group, and tells the engines.
async fn apply_with(ctx: &Arc<Ctx>, name: &str, more: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let layouts = ctx.change(|world| {
        let state = &mut world.elasticache;
        let Some(group) = state.parameter_groups.find(name).cloned() else {
            return Ok(Vec::new());
        };
        let mut layouts = Vec::new();
        let users = state.replication_groups.with(&in_parameter_group(name));
        let users: Vec<String> = users.map(|cache| cache.id.clone()).collect();
        for id in users {
            let cache = state.group_mut(&id)?;
            let mut settings = more.clone();
            settings.extend(parameter::settings(&group.family, &group.values, &cache.node_type));
            cache.layout.settings = settings;
            layouts.push(cache.layout.clone());
        }
        Ok(layouts)
    })?;
    if let Some(engines) = &ctx.engines {
        for layout in layouts {
            // A node that is just starting gets the new settings with its start.
            if let Err(error) = engines.configure_cache(&layout).await {
                tracing::warn!(%error, cache = layout.id, "settings not applied to a running cache");
            }
        }
    }
    Ok(())
}

fn element(group: &ParameterGroup) -> Node {
    Node::new("CacheParameterGroup")
        .leaf(NAME, &group.name)
        .leaf("CacheParameterGroupFamily", &group.family)
        .leaf("Description", &group.description)
        .leaf("IsGlobal", false)
        .leaf("ARN", &group.arn)
}
