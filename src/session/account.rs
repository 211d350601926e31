//! Whose account it is: shown, and confirmed before anything is made there.

use crate::error::CommandError;
use crate::ui::Terminal;
use crate::ui::prompt::Unanswered;
use crate::ui::style::Paint;
use crate::ui::text::{about, dollars};
use recipe_walk_engine::amount::Amount;
use recipe_walk_engine::cloud::Identity;
use recipe_walk_engine::cost::Prices;
use recipe_walk_engine::finding::Finding;

/// Shows who and where we are, and what it costs.
pub(crate) fn show(identity: &Identity, rate: &Amount, prices: &Prices, terminal: &Terminal) {
    terminal.heading("Your account");
    terminal.say(&format!("  Account   {}", identity.place.account));
    terminal.say(&format!("  Region    {}", identity.place.region));
    terminal.say(&format!("  You are   {}", identity.arn));
    if let Some(endpoint) = &identity.place.endpoint {
        terminal.say(&format!("  Endpoint  {endpoint}"));
    }
    let line = format!("  Cost      {} an hour once everything runs, until clean-up", about(rate));
    terminal.tell(Paint::Warning, &line);
    let surplus = dollars(prices.surplus_vcpu_hour);
    terminal.say(&format!(
        "            and {surplus} an hour for each processor that measures, beyond its CPU credits"
    ));
    terminal.tell(Paint::Faint, &format!("            an estimate: {}", prices.source));
    let environment = std::env::var("AWS_EXECUTION_ENV").ok();
    if let Some(finding) = cloudshell(environment.as_deref()) {
        terminal.finding(&finding);
    }
}

/// Asks whether to build there.
pub(crate) fn confirm(identity: &Identity, terminal: &Terminal) -> Result<(), CommandError> {
    let question = format!("Build in account {}, region {}?", identity.place.account, identity.place.region);
    match terminal.confirm(&question) {
        Ok(true) => Ok(()),
        Ok(false) | Err(Unanswered) => Err(CommandError::nothing_begun()),
    }
}

/// CloudShell's traps, where this is one (docs/aws.md, "CloudShell").
pub(crate) fn cloudshell(environment: Option<&str>) -> Option<Finding> {
    (environment == Some("CloudShell")).then(|| {
        Finding::note(
            "AWS CloudShell",
            "this is one",
            "It ends after 20 to 30 minutes without a key press, whatever runs; tmux does not help. Sessions are \
             kept in your home directory, which survives: come back and resume.",
        )
        .mend("recipe-walk resume")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudshell_is_told_by_its_environment() {
        assert!(cloudshell(None).is_none());
        assert!(cloudshell(Some("AWS_Lambda_python3.13")).is_none());
        let finding = cloudshell(Some("CloudShell")).expect("a finding");
        assert!(finding.why.contains("20 to 30 minutes") && finding.mend[0].as_str().contains("resume"));
    }
}
