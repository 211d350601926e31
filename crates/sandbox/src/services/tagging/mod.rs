//! The Resource Groups Tagging API: everything tagged, of all services but IAM, which it does not cover.

use crate::model::account::part::Part;
use crate::model::account::share::{Account, Wanted};
use crate::services::{
    operation::{Needs, Operation},
    service::{BROKEN, Json, Refusals, Service, Wire, denied_json, no_resume},
};
use crate::{
    model::{
        error::ApiError,
        page::page_while,
        tag::{self, Tag},
        value,
    },
    server::ctx::Ctx,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    tag_filters: Vec<TagFilter>,
    resource_type_filters: Vec<String>,
    #[serde(rename = "ResourceARNList")]
    resource_arns: Vec<String>,
    resources_per_page: Option<i64>,
    tags_per_page: Option<i64>,
    pagination_token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct TagFilter {
    key: String,
    values: Vec<String>,
}

pub(crate) static SERVICE: Service = Service {
    part: Part::stateless("tagging", "tag"),
    wire: Wire::Json(Json {
        target: "ResourceGroupsTaggingAPI_20170126",
        cbor: true,
        check: |_, _| Ok(()),
        capital: &[],
    }),
    operations: &[Operation::json("GetResources", |ctx, input| get(ctx, &value::read(input)?), Needs::Own)],
    refusals: Refusals {
        throttled: ("ThrottledException", 400, "Rate exceeded"),
        broken: ("InternalServiceException", 500, BROKEN),
        denied: denied_json,
    },
    resume: no_resume,
};

fn get(ctx: &Ctx, input: &Input) -> Result<Value, ApiError> {
    let invalid = |text: &str| ApiError::bad("InvalidParameterException", text);
    if input.tag_filters.len() > 50 || input.tag_filters.iter().any(|f| f.values.len() > 20) {
        return Err(invalid("There can be at most 50 tag filters with at most 20 values each."));
    }
    let filtered = !input.tag_filters.is_empty() || !input.resource_type_filters.is_empty();
    if filtered && !input.resource_arns.is_empty() {
        return Err(invalid("ResourceARNList cannot be combined with other filters."));
    }
    let max = input.resources_per_page.unwrap_or(100);
    if !(1..=100).contains(&max) {
        return Err(invalid("ResourcesPerPage must be between 1 and 100."));
    }
    let most_tags = input.tags_per_page.unwrap_or(i64::MAX);
    if most_tags < 100 || (input.tags_per_page.is_some() && (most_tags > 500 || most_tags % 100 != 0)) {
        return Err(invalid("TagsPerPage must be a multiple of 100 between 100 and 500."));
    }
    let world = ctx.world();
    let account = Account { id: &ctx.account, region: &ctx.region, now: ctx.now() };
    let exact = input.tag_filters.iter().find(|filter| !filter.values.is_empty());
    let wanted = exact.map_or(Wanted::All, |filter| Wanted::With(&filter.key, &filter.values));
    let services = ctx.parts.all().filter_map(|part| part.tagged);
    let mut all: Vec<_> = services.flat_map(|tagged| tagged(&world, &account, &wanted)).collect();
    all.retain(|(arn, tags)| {
        let types = &input.resource_type_filters;
        (types.is_empty() || types.iter().any(|t| is_of_type(arn, t)))
            && (input.resource_arns.is_empty() || input.resource_arns.contains(arn))
            && input.tag_filters.iter().all(|f| {
                tag::value(tags, &f.key)
                    .is_some_and(|v| f.values.is_empty() || f.values.iter().any(|w| w == v))
            })
    });
    all.sort();
    let fits = |page: &[(String, Vec<Tag>)]| {
        // A resource is never parted from some of its tags.
        let tags = page.iter().map(|(_, tags)| tags.len()).sum::<usize>();
        page.len() <= max as usize && i64::try_from(tags).is_ok_and(|tags| tags <= most_tags)
    };
    let (items, token) = page_while(all, input.pagination_token.as_deref(), fits).ok_or_else(|| {
        ApiError::bad(
            "PaginationTokenExpiredException",
            "A PaginationToken is valid for a maximum of 15 minutes.",
        )
    })?;
    let items: Vec<Value> =
        items.iter().map(|(arn, tags)| json!({"ResourceARN": arn, "Tags": tags})).collect();
    Ok(json!({"ResourceTagMappingList": items, "PaginationToken": token.unwrap_or_default()}))
}

/// Whether an ARN is of a type such as `ec2`, `ec2:instance` or `rds:db`.
fn is_of_type(arn: &str, wanted: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    let kind = resource.split(['/', ':']).next().unwrap_or_default();
    match wanted.split_once(':') {
        Some((s, k)) => s == service && k == kind,
        None => wanted == service,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(ctx: &Ctx, input: &Value) -> Result<Value, ApiError> {
        get(ctx, &value::read(input)?)
    }

    #[test]
    fn resource_types_are_told_from_arns() {
        let instance = "arn:aws:ec2:us-east-1:123456789012:instance/i-1";
        let database = "arn:aws:rds:us-east-1:123456789012:db:x";
        let parameter = "arn:aws:ssm:us-east-1:123456789012:parameter/recipe-walk/x";
        assert!(is_of_type(instance, "ec2:instance") && is_of_type(instance, "ec2"));
        assert!(is_of_type(database, "rds:db") && !is_of_type(database, "rds:subgrp"));
        assert!(is_of_type(parameter, "ssm:parameter") && !is_of_type(parameter, "ec2"));
    }

    #[test]
    fn wrong_page_sizes_and_tokens_are_refused() {
        let (_dir, ctx) = Ctx::for_tests();
        let answer = ask(&ctx, &json!({})).unwrap();
        assert_eq!(answer, json!({"ResourceTagMappingList": [], "PaginationToken": ""}));
        assert!(ask(&ctx, &json!({"ResourcesPerPage": 0})).is_err());
        assert!(ask(&ctx, &json!({"PaginationToken": "x"})).is_err());
        for tags in [0, 99, 150, 600] {
            assert!(ask(&ctx, &json!({"TagsPerPage": tags})).is_err(), "{tags}");
        }
    }

    /// The example of AWS's reference: 22 resources with ten tags each come in pages of ten, ten and two.
    #[test]
    fn counts_tags_and_not_resources() {
        let (_dir, ctx) = Ctx::for_tests();
        let tags: Vec<Tag> = (0..10).map(|n| Tag { key: format!("k{n}"), value: "v".into() }).collect();
        let filled = ctx.change(|world| {
            let group = world.ec2.groups[0].clone();
            for n in 0..22 {
                let mut other = group.clone();
                other.id = format!("sg-{n:08x}");
                other.tags.clone_from(&tags);
                world.ec2.groups.push(other);
            }
            Ok(())
        });
        filled.unwrap();
        let (mut token, mut pages) = (String::new(), Vec::new());
        loop {
            let input = json!({"TagsPerPage": 100, "PaginationToken": token});
            let answer = ask(&ctx, &input).unwrap();
            pages.push(answer["ResourceTagMappingList"].as_array().unwrap().len());
            token = answer["PaginationToken"].as_str().unwrap().to_owned();
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(pages, [10, 10, 2]);
    }
}
