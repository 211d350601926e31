//! Free Tier: the plan of the account.

use crate::{
    model::error::ApiError,
    server::{ctx::Ctx, front::unimplemented_json},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Answers one request.
pub(crate) fn handle(ctx: &Ctx, operation: &str) -> Result<Value, ApiError> {
    match operation {
        "GetAccountPlanState" if ctx.free_plan() => {
            let ends = ctx.now().checked_add(SignedDuration::from_hours(24 * 90)).unwrap_or_default();
            Ok(json!({
                "accountId": ctx.account,
                "accountPlanType": "FREE",
                "accountPlanStatus": "ACTIVE",
                "accountPlanRemainingCredits": {"amount": 100.0, "unit": "USD"},
                "accountPlanExpirationDate": ends.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            }))
        }
        "GetAccountPlanState" => Ok(json!({
            "accountId": ctx.account,
            "accountPlanType": "PAID",
            "accountPlanStatus": "ACTIVE",
        })),
        other => Err(unimplemented_json(other)),
    }
}
