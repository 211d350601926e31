//! Finding parameters: by path, by filters.

use super::{paged, parameter, required, state::Parameter, texts, validation};
use crate::{
    model::{account::table::Table, error::ApiError, page::Rows, tag, value::epoch},
    server::ctx::Ctx,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// One filter: a key, how to compare, and the values any of which will do.
struct Filter {
    key: String,
    option: String,
    values: Vec<String>,
}

impl Filter {
    fn read(value: &Value, default_option: &str) -> Result<Self, ApiError> {
        let key = required(value, "Key")?.to_owned();
        let known = ["Name", "Type", "KeyId", "Path", "Tier", "DataType", "Label"];
        let is_tag = key.strip_prefix("tag:").is_some_and(|k| !k.is_empty());
        if !known.contains(&key.as_str()) && !is_tag {
            return Err(ApiError::bare("InvalidFilterKey"));
        }
        let default = if key == "Path" { "OneLevel" } else { default_option };
        let option = value["Option"].as_str().unwrap_or(default).to_owned();
        let fits = match key.as_str() {
            "Path" => matches!(option.as_str(), "Recursive" | "OneLevel"),
            "Name" => matches!(option.as_str(), "Equals" | "BeginsWith" | "Contains"),
            _ => matches!(option.as_str(), "Equals" | "BeginsWith"),
        };
        if !fits {
            let text = format!(
                "The following filter option is not valid: {option}. Valid options include: [BeginsWith, Equals]."
            );
            return Err(ApiError::bad("InvalidFilterOption", text));
        }
        Ok(Self { key, option, values: texts(&value["Values"]) })
    }

    fn passes(&self, p: &Parameter) -> bool {
        let compare = |have: &str| {
            self.values.iter().any(|want| match self.option.as_str() {
                "BeginsWith" => have.starts_with(want.as_str()),
                "Contains" => have.contains(want.as_str()),
                _ => have == want,
            })
        };
        match self.key.as_str() {
            // Names are compared with and without their leading slash, as AWS does.
            "Name" => compare(&p.name) || compare(p.name.trim_start_matches('/')),
            "Type" => compare(&p.kind),
            "KeyId" => p.kind == "SecureString" && compare("alias/aws/ssm"),
            "Tier" => compare("Standard"),
            "DataType" => compare("text"),
            "Path" => self.values.iter().any(|path| under(p, path, self.option == "Recursive")),
            key => key
                .strip_prefix("tag:")
                .and_then(|k| tag::value(&p.tags, k))
                .is_some_and(|value| self.values.is_empty() || compare(value)),
        }
    }
}

/// The parameters that may pass, from a number on: those that the first filter for exact names, tags or a path finds.
fn candidates<'t>(
    table: &'t Table<Parameter>,
    filters: &[Filter],
    first: u64,
) -> Box<dyn Iterator<Item = (u64, &'t Parameter)> + 't> {
    for Filter { key, option, values } in filters {
        match (key.as_str(), option.as_str(), values.as_slice()) {
            ("Name", "Equals", names) => {
                let keys: Vec<_> = names.iter().flat_map(|name| [name.clone(), format!("/{name}")]).collect();
                return Box::new(table.with_any_from(&keys, first));
            }
            ("Path", _, [path]) => {
                return Box::new(table.with_prefix_from(&format!("{}/", path.trim_end_matches('/')), first));
            }
            (key, "Equals", values @ [_, ..]) if key.starts_with("tag:") => {
                let keys: Vec<_> = values.iter().map(|value| tag::index(&key[4..], value)).collect();
                return Box::new(table.with_any_from(&keys, first));
            }
            _ => {}
        }
    }
    Box::new(table.from(first))
}

/// Whether a parameter lies under a path.
fn under(p: &Parameter, path: &str, recursive: bool) -> bool {
    let path = path.trim_end_matches('/');
    p.name
        .strip_prefix(path)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|rest| recursive || !rest.contains('/'))
}

fn filters(input: &Value) -> Result<Vec<Filter>, ApiError> {
    let new = input["ParameterFilters"].as_array().into_iter().flatten();
    let old = input["Filters"].as_array().into_iter().flatten();
    // The older filters of DescribeParameters compare names by their beginning.
    new.map(|f| Filter::read(f, "Equals")).chain(old.map(|f| Filter::read(f, "BeginsWith"))).collect()
}

pub(super) fn by_path(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let path = required(input, "Path")?;
    if !path.starts_with('/') {
        return Err(validation(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a \
             forward slash \"/\".",
        ));
    }
    let option = if input["Recursive"].as_bool().unwrap_or(false) { "Recursive" } else { "OneLevel" };
    let decrypt = input["WithDecryption"].as_bool().unwrap_or(false);
    let mut filters = filters(input)?;
    filters.insert(0, Filter { key: "Path".into(), option: option.into(), values: vec![path.to_owned()] });
    let world = ctx.world();
    let items = |first| {
        let found = candidates(&world.ssm.parameters, &filters, first);
        found
            .filter(|(_, p)| filters.iter().all(|f| f.passes(p)))
            .map(|(row, p)| (row, parameter::view(ctx, p, &p.value, p.version, decrypt)))
    };
    paged(input, "Parameters", Rows(items), 10, 10)
}

pub(super) fn describe(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let filters = filters(input)?;
    let world = ctx.world();
    let view = |p: &Parameter| {
        let mut item = json!({
            "Name": p.name, "ARN": p.arn(&ctx.region, &ctx.account), "Type": p.kind, "Version": p.version,
            "LastModifiedDate": epoch(p.modified), "Tier": "Standard", "Policies": [], "DataType": "text",
            "LastModifiedUser": format!("arn:aws:iam::{}:user/sandbox", ctx.account),
        });
        if p.kind == "SecureString" {
            item["KeyId"] = "alias/aws/ssm".into();
        }
        if let Some(description) = &p.description {
            item["Description"] = description.as_str().into();
        }
        item
    };
    let items = |first| {
        let found = candidates(&world.ssm.parameters, &filters, first);
        found.filter(|(_, p)| filters.iter().all(|f| f.passes(p))).map(|(row, p)| (row, view(p)))
    };
    paged(input, "Parameters", Rows(items), 50, 50)
}
