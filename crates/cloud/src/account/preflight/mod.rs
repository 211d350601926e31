//! The preflight: what would stop a walk is told before anything billable exists. It changes nothing.

mod credentials;
mod network;
mod permission;
mod plan;
mod quota;

use self::network::Place;
use crate::AwsCloud;
use recipe_walk_engine::cloud::Preflight;
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::finding::{Finding, Weight};
use recipe_walk_engine::kind::Look;

impl AwsCloud {
    /// Looks at everything; a look that is not allowed is a finding too, never a failure.
    pub(crate) async fn look_before(&self, preflight: &Preflight) -> Vec<Finding> {
        let mut findings = vec![self.clock_finding(), self.credentials_finding()];
        let mut place = Place::default();
        for look in &preflight.looks {
            if let Look::DefaultNetwork(look) = look {
                let network = self.network(look).await;
                findings.extend(network.findings);
                place = network.place;
            }
            if let Look::PermissionsBoundary(look) = look {
                findings.extend(self.boundary_finding(look, preflight).await);
            }
            findings.extend(self.look_finding(look).await);
        }
        let (keys, dry, simulated, isolation, quotas, roles, plan) = tokio::join!(
            self.key_findings(),
            self.dry_runs(&place, preflight),
            self.simulate(preflight),
            self.isolation_finding(preflight),
            self.quota_findings(preflight),
            self.service_roles(preflight),
            self.plan_finding(),
        );
        findings.extend(keys);
        findings.extend(dry);
        findings.push(simulated);
        findings.extend(isolation);
        findings.extend(quotas);
        findings.extend(roles);
        findings.extend(plan);
        findings
    }
}

/// A look that failed: without the permission it is left out, with anything else it is worth knowing.
pub(crate) fn not_seen(what: &str, failure: &Failure, weight: Weight) -> Finding {
    if failure.kind() == Some(Kind::Credentials) {
        return refused_key(what, failure);
    }
    let why = if failure.kind() == Some(Kind::Denied) {
        format!(
            "Without {} this cannot be looked at beforehand.",
            failure.missing_permission().unwrap_or_default()
        )
    } else {
        "It could not be looked at beforehand.".to_owned()
    };
    let finding = Finding { weight, ..Finding::note(what, failure.to_string(), why) };
    if failure.kind() == Some(Kind::Denied) { finding.mend("recipe-walk policy") } else { finding }
}

/// A service that does not take the credentials stops the walk where it first needs that service, whatever the others say.
pub(crate) fn refused_key(what: &str, failure: &Failure) -> Finding {
    Finding::blocking(
        what,
        failure.to_string(),
        "This service does not take these credentials, though others do. Keys that AWS manages for another service, such \
         as those of Cloud9, reach no IAM; keys of another partition or an ended session reach nothing.",
    )
    .mend("aws configure")
    .mend("aws sso login --profile PROFILE")
}
