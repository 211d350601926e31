//! The account's plan, and the roles that services make for themselves.

use super::not_seen;
use crate::AwsCloud;
use crate::connect::failure::{Named as _, absent};
use aws_sdk_freetier::types::AccountPlanType;
use recipe_walk_engine::cloud::Preflight;
use recipe_walk_engine::failure::Kind;
use recipe_walk_engine::finding::{Finding, Weight};

impl AwsCloud {
    /// Accounts made since July 2025 may be on the free plan, which refuses some types and ends with its credits.
    pub(super) async fn plan_finding(&self) -> Option<Finding> {
        let what = "Account plan";
        let answer = self.free_tier.get_account_plan_state().send().await;
        let plan = match answer.named("freetier:GetAccountPlanState") {
            Ok(plan) => plan,
            // It is only worth a word where it could be seen.
            Err(failure) if failure.kind() == Some(Kind::Denied) => return None,
            Err(failure) => return Some(not_seen(what, &failure, Weight::Note)),
        };
        if *plan.account_plan_type() != AccountPlanType::Free {
            return Some(Finding::good(what, "paid"));
        }
        let credits = plan.account_plan_remaining_credits().map_or_else(String::new, |c| {
            format!(", {:.2} {} of credit left", c.amount(), c.unit().as_str())
        });
        Some(Finding::note(
            what,
            format!("free plan{credits}"),
            "The free plan takes the walk's small types from its credit and refuses bigger ones (\"not eligible for \
             Free Tier\", FreeTierRestrictionError). When the credit is used up, the account is closed.",
        ))
    }

    pub(super) async fn service_roles(&self, preflight: &Preflight) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (service, role) in &preflight.roles {
            let what = format!("Role of {service}");
            let answer = self.iam.get_role().role_name(*role).send().await.named("iam:GetRole");
            findings.push(match absent(answer) {
                Ok(Some(_)) => Finding::good(&what, format!("{role} is there")),
                // With the permission for it, which the simulation looks at, the service makes it.
                Ok(None) => Finding::good(&what, format!("{role} is made when it is first used")),
                Err(failure) => not_seen(&what, &failure, Weight::Note),
            });
        }
        findings
    }
}
