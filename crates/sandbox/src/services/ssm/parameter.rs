//! Parameters: writing, reading, deleting, tags.

use super::{MOST_NAMES, broken, required, state::Parameter, tags, texts, validation};
use crate::{
    model::{account::world::World, error::ApiError, tag::merge, value::epoch},
    server::ctx::Ctx,
    services::ec2::public_parameter,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Characters in a standard parameter's value.
const MAX_VALUE: usize = 4096;
/// Standard parameters in an account and region.
const MAX_PARAMETERS: usize = 10_000;
/// SSM keeps this many versions.
const MAX_VERSIONS: usize = 100;

fn not_found() -> ApiError {
    ApiError::bare("ParameterNotFound")
}

/// A name without an ARN around it and without a version behind it.
pub(super) fn plain(name: &str) -> &str {
    let name = match name.split_once(":parameter") {
        Some((arn, rest)) if arn.starts_with("arn:") => rest,
        _ => name,
    };
    name.split(':').next().unwrap_or_default()
}

/// The ARN of a parameter; AWS's public ones belong to no account.
pub(super) fn arn_of(ctx: &Ctx, name: &str) -> String {
    let name = plain(name);
    let slash = if name.starts_with('/') { "" } else { "/" };
    if name.starts_with("/aws/") {
        return format!("arn:aws:ssm:{}::parameter{name}", ctx.region);
    }
    ctx.arn("ssm", &format!("parameter{slash}{name}"))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name.is_empty() || name.chars().count() > 1011 {
        return Err(broken(&format!("'{name}'"), "name", "have length between 1 and 1011"));
    }
    let lower = name.to_ascii_lowercase();
    let first = lower.trim_start_matches('/');
    if lower.starts_with("/aws/") || lower == "/aws" {
        let text = format!("No access to reserved parameter name: {name}.");
        return Err(ApiError::bad("AccessDeniedException", text));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(validation("Parameter name must be a fully qualified name."));
    }
    let path_rules = "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be \
                      formed as a mix of letters, numbers and the following 3 symbols .-_";
    if first.starts_with("ssm") || first.starts_with("aws") {
        return Err(validation(if name.starts_with('/') {
            format!("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). {path_rules}")
        } else {
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).".into()
        }));
    }
    if name.ends_with('/') {
        return Err(validation("Parameter name must not end with slash."));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || "./-_".contains(c)) || name.contains("//") {
        return Err(validation(format!("Parameter name: {path_rules}")));
    }
    if name.matches('/').count() > 15 {
        let text = "The hierarchy is too deep; a parameter name can have at most 15 levels.";
        return Err(ApiError::bad("HierarchyLevelLimitExceededException", text));
    }
    Ok(())
}

fn check_value(value: &str) -> Result<(), ApiError> {
    if value.is_empty() {
        return Err(broken("''", "value", "have length greater than or equal to 1."));
    }
    if value.chars().count() > MAX_VALUE {
        return Err(validation(
            "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger \
             parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see \
             https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
        ));
    }
    if value.contains("{{") && value.contains("}}") {
        return Err(validation(
            "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.",
        ));
    }
    Ok(())
}

pub(super) fn put(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let name = required(input, "Name")?;
    check_name(name)?;
    let value = required(input, "Value")?;
    check_value(value)?;
    let kind = input["Type"].as_str();
    if let Some(kind) = kind.filter(|k| !matches!(*k, "String" | "StringList" | "SecureString")) {
        let rule = "satisfy enum value set: [SecureString, StringList, String]";
        return Err(broken(&format!("'{kind}'"), "type", rule));
    }
    if let Some(key) = input["KeyId"].as_str().filter(|k| *k != "alias/aws/ssm") {
        return Err(ApiError::bad("InvalidKeyId", format!("Invalid keyId {key}")));
    }
    let overwrite = input["Overwrite"].as_bool().unwrap_or(false);
    let tags = tags(input)?;
    if overwrite && !tags.is_empty() {
        return Err(validation(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please \
             remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
             RemoveTagsFromResource.",
        ));
    }
    let now = ctx.now();
    let description = input["Description"].as_str().map(str::to_owned);
    let version = ctx.change(|world| {
        let count = world.ssm.parameters.len();
        if let Some(old) = world.ssm.parameters.get_mut(name) {
            if !overwrite {
                return Err(ApiError::bad(
                    "ParameterAlreadyExists",
                    "The parameter already exists. To overwrite this value, set the overwrite option in the request \
                     to true.",
                ));
            }
            old.earlier.push((old.version, std::mem::replace(&mut old.value, value.to_owned())));
            let surplus = old.earlier.len().saturating_sub(MAX_VERSIONS - 1);
            old.earlier.drain(..surplus);
            old.version += 1;
            old.modified = now;
            if let Some(kind) = kind {
                kind.clone_into(&mut old.kind);
            }
            if description.is_some() {
                old.description = description;
            }
            return Ok(old.version);
        }
        let Some(kind) = kind else {
            return Err(validation("A parameter type is required when you create a parameter."));
        };
        if count >= MAX_PARAMETERS {
            return Err(ApiError::bad(
                "ParameterLimitExceeded",
                "You have reached the maximum number of standard parameters for this AWS account and Region (10000). \
                 To add more parameters, either delete existing parameters or upgrade to the advanced-parameter tier \
                 (charges apply).",
            ));
        }
        world.ssm.parameters.push(Parameter {
            name: name.to_owned(),
            kind: kind.to_owned(),
            value: value.to_owned(),
            version: 1,
            earlier: Vec::new(),
            modified: now,
            description,
            tags,
        });
        Ok(1)
    })?;
    Ok(json!({"Version": version, "Tier": "Standard"}))
}

/// A parameter as GetParameter shows it; `None` if there is none of that name.
fn look_up(ctx: &Ctx, world: &World, asked: &str, decrypt: bool) -> Result<Option<Value>, ApiError> {
    let name = plain(asked);
    if let Some(image) = public_parameter(name) {
        return Ok(Some(json!({
            "Name": name, "Type": "String", "Value": image, "Version": 1, "DataType": "aws:ec2:image",
            "LastModifiedDate": 1_791_829_361.0,
            "ARN": format!("arn:aws:ssm:{}::parameter{name}", ctx.region),
        })));
    }
    let Some(parameter) = world.ssm.parameter(name) else { return Ok(None) };
    let selector = asked.rsplit_once(':').map(|(_, s)| s).filter(|s| !s.contains('/'));
    let version = match selector {
        None => parameter.version,
        Some(text) => text.parse().unwrap_or(-1),
    };
    let value = if version == parameter.version {
        Some(&parameter.value)
    } else {
        parameter.earlier.iter().find(|(v, _)| *v == version).map(|(_, value)| value)
    };
    let Some(value) = value else {
        let text = selector.unwrap_or_default();
        return Err(ApiError::bad(
            "ParameterVersionNotFound",
            format!(
                "Systems Manager could not find version {text} of {name}. Verify the version and try again."
            ),
        ));
    };
    Ok(Some(view(ctx, parameter, value, version, decrypt)))
}

pub(super) fn view(ctx: &Ctx, p: &Parameter, value: &str, version: i64, decrypt: bool) -> Value {
    let shown = if p.kind == "SecureString" && !decrypt {
        // This stands for a ciphertext; nobody can get the value out of it.
        let digest = Sha256::digest(format!("{}:{version}:{}", p.name, p.modified));
        format!("AQICAH{}", STANDARD.encode(digest))
    } else {
        value.to_owned()
    };
    json!({
        "Name": p.name, "Type": p.kind, "Value": shown, "Version": version, "DataType": "text",
        "LastModifiedDate": epoch(p.modified), "ARN": p.arn(&ctx.region, &ctx.account),
    })
}

pub(super) fn get(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let name = required(input, "Name")?;
    let decrypt = input["WithDecryption"].as_bool().unwrap_or(false);
    let parameter = look_up(ctx, &ctx.world(), name, decrypt)?.ok_or_else(not_found)?;
    Ok(json!({ "Parameter": parameter }))
}

fn names(input: &Value) -> Result<Vec<String>, ApiError> {
    let names = texts(&input["Names"]);
    if names.is_empty() || names.len() > MOST_NAMES {
        let value = if names.is_empty() { "null".into() } else { format!("'[{}]'", names.join(", ")) };
        return Err(broken(&value, "names", "have length less than or equal to 10."));
    }
    Ok(names)
}

pub(super) fn get_many(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let decrypt = input["WithDecryption"].as_bool().unwrap_or(false);
    let world = ctx.world();
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in names(input)? {
        match look_up(ctx, &world, &name, decrypt) {
            Ok(Some(parameter)) => found.push(parameter),
            _ => invalid.push(name),
        }
    }
    Ok(json!({"Parameters": found, "InvalidParameters": invalid}))
}

pub(super) fn delete(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let name = plain(required(input, "Name")?);
    ctx.change(|world| {
        world.ssm.parameter(name).ok_or_else(not_found)?;
        world.ssm.parameters.remove(name);
        Ok(json!({}))
    })
}

pub(super) fn delete_many(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let names = names(input)?;
    ctx.change(|world| {
        let (deleted, invalid): (Vec<&String>, Vec<&String>) =
            names.iter().partition(|n| world.ssm.parameter(plain(n)).is_some());
        let answer = json!({"DeletedParameters": deleted, "InvalidParameters": invalid});
        for name in &names {
            world.ssm.parameters.remove(plain(name));
        }
        Ok(answer)
    })
}

/// The parameter that a tag call is about.
fn tagged<'a>(world: &'a mut World, input: &Value) -> Result<&'a mut Parameter, ApiError> {
    if required(input, "ResourceType")? != "Parameter" {
        return Err(ApiError::bare("InvalidResourceType"));
    }
    let name = plain(required(input, "ResourceId")?);
    world.ssm.parameters.get_mut(name).ok_or_else(|| ApiError::bare("InvalidResourceId"))
}

pub(super) fn add_tags(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let most = |count: usize| if count > 50 { Err(ApiError::bare("TooManyTagsError")) } else { Ok(()) };
    most(input["Tags"].as_array().map_or(0, Vec::len))?;
    let tags = tags(input)?;
    ctx.change(|world| {
        let parameter = tagged(world, input)?;
        merge(&mut parameter.tags, tags);
        most(parameter.tags.len())?;
        Ok(json!({}))
    })
}

pub(super) fn remove_tags(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let keys = texts(&input["TagKeys"]);
    ctx.change(|world| {
        tagged(world, input)?.tags.retain(|t| !keys.contains(&t.key));
        Ok(json!({}))
    })
}

pub(super) fn list_tags(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let mut world = (*ctx.world()).clone();
    let parameter = tagged(&mut world, input)?;
    Ok(json!({"TagList": parameter.tags}))
}
