//! Free Tier: the plan of the account.

use crate::model::account::part::Part;
use crate::services::{
    operation::{Needs, Operation},
    service::{BROKEN, Json, Refusals, Service, Wire, denied_json, no_resume},
};
use crate::{model::error::ApiError, server::ctx::Ctx};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) static SERVICE: Service = Service {
    part: Part::stateless("freetier", "freetier"),
    wire: Wire::Json(Json { target: "AWSFreeTierService", cbor: false, check: |_, _| Ok(()), capital: &[] }),
    operations: &[Operation::json("GetAccountPlanState", plan, Needs::Own)],
    refusals: Refusals {
        throttled: ("ThrottlingException", 400, "Rate exceeded"),
        broken: ("InternalFailure", 500, BROKEN),
        denied: denied_json,
    },
    resume: no_resume,
};

#[allow(clippy::unnecessary_wraps)] // The handlers of a table have one shape.
fn plan(ctx: &Arc<Ctx>, _: &Value) -> Result<Value, ApiError> {
    if !ctx.free_plan() {
        return Ok(json!({
            "accountId": ctx.account,
            "accountPlanType": "PAID",
            "accountPlanStatus": "ACTIVE",
        }));
    }
    let ends = ctx.now().checked_add(SignedDuration::from_hours(24 * 90)).unwrap_or_default();
    Ok(json!({
        "accountId": ctx.account,
        "accountPlanType": "FREE",
        "accountPlanStatus": "ACTIVE",
        "accountPlanRemainingCredits": {"amount": 100.0, "unit": "USD"},
        "accountPlanExpirationDate": ends.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }))
}
