//! Service Quotas: GetServiceQuota of the quotas that a class may meet.

use crate::{ctx::Ctx, error::ApiError, front::unimplemented_json};
use serde_json::{Value, json};

/// Service, code, name and value. The values are AWS's defaults, but for the vCPUs: a new account has 5, one that
/// has been used for a while has 64 and more.
const QUOTAS: [(&str, &str, &str, f64); 8] = [
    ("ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 64.0),
    ("vpc", "L-E79EC296", "VPC security groups per Region", 2500.0),
    ("rds", "L-7B6409FD", "DB instances", 40.0),
    ("rds", "L-48C6BF61", "DB subnet groups", 50.0),
    ("elasticache", "L-DFE45DF3", "Nodes per Region", 300.0),
    ("elasticache", "L-3F15A733", "Parameter groups per Region", 300.0),
    ("elasticache", "L-3E7F7726", "Subnet groups per Region", 300.0),
    ("iam", "L-FE177D64", "Roles per account", 1000.0),
];

/// Answers one request.
pub(crate) fn handle(ctx: &Ctx, operation: &str, input: &Value) -> Result<Value, ApiError> {
    match operation {
        "GetServiceQuota" => get(ctx, input),
        other => Err(unimplemented_json(other)),
    }
}

fn get(ctx: &Ctx, input: &Value) -> Result<Value, ApiError> {
    let text = |name: &str| input[name].as_str().unwrap_or_default();
    let (service, code) = (text("ServiceCode"), text("QuotaCode"));
    if service.is_empty() || code.is_empty() {
        let field = if service.is_empty() { "serviceCode" } else { "quotaCode" };
        let why = format!(
            "1 validation error detected: Value null at '{field}' failed to satisfy constraint: Member must not be null"
        );
        return Err(ApiError::bad("ValidationException", why));
    }
    let found = QUOTAS.iter().find(|(s, c, ..)| *s == service && *c == code);
    let Some((_, _, name, value)) = found else {
        let why = "The request failed because the specified quota or service does not exist.";
        return Err(ApiError::bad("NoSuchResourceException", why));
    };
    Ok(json!({"Quota": {
        "ServiceCode": service,
        "QuotaArn": ctx.arn("servicequotas", &format!("{service}/{code}")),
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": service == "iam",
        "QuotaAppliedAtLevel": "ACCOUNT",
    }}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_quotas_and_no_others() {
        let (_dir, ctx) = Ctx::for_tests();
        let ask = |service: &str, code: &str| {
            handle(&ctx, "GetServiceQuota", &json!({"ServiceCode": service, "QuotaCode": code}))
        };
        assert_eq!(ask("rds", "L-7B6409FD").unwrap()["Quota"]["Value"], 40.0);
        assert_eq!(ask("ec2", "L-7B6409FD").unwrap_err().code, "NoSuchResourceException");
        assert_eq!(handle(&ctx, "GetServiceQuota", &json!({})).unwrap_err().code, "ValidationException");
    }
}
