//! How what is there differs from what was planned: for people who make it themselves.

use crate::AwsCloud;
use recipe_walk_engine::action::FORGOTTEN;
use recipe_walk_engine::cli_line::Line;
use recipe_walk_engine::difference::Difference;

/// What differs, collected. Facts that a rebuilt session does not know are not compared.
#[derive(Default)]
pub(super) struct Differences(pub(super) Vec<Difference>);

impl Differences {
    /// Compares; the difference must be mended if there is a way to do so.
    pub(super) fn compare(
        &mut self,
        what: &str,
        planned: &str,
        there: Option<&str>,
        matters: &str,
        mend: &str,
    ) {
        let there = there.unwrap_or("none");
        if planned == there || planned == FORGOTTEN {
            return;
        }
        let difference = Difference::harmless(what, planned, there);
        self.0.push(if mend.is_empty() { difference } else { difference.must(matters, mend) });
    }

    /// A switch that must be on or off.
    pub(super) fn switch(&mut self, what: &str, planned: bool, there: bool, matters: &str, mend: &str) {
        let word = |on| if on { "on" } else { "off" };
        self.compare(what, word(planned), Some(word(there)), matters, mend);
    }
}

impl AwsCloud {
    /// A command of the AWS CLI for this place.
    pub(super) fn typed(&self, command: &Line) -> String {
        command.end(self.endpoint.as_deref())
    }

    /// For what can only be chosen at creation.
    pub(super) fn anew(&self, delete: &Line) -> String {
        format!("Delete it, then create it again with this step's command:\n{}", self.typed(delete))
    }
}

/// Subnets that are missing matter; further ones do not.
pub(super) fn subnets_differ(planned: &[String], there: Option<Vec<String>>, mend: &str) -> Vec<Difference> {
    let mut found = Differences::default();
    let Some(mut there) = there.filter(|_| !planned.iter().any(|s| s == FORGOTTEN)) else { return found.0 };
    let mut planned = planned.to_vec();
    planned.sort();
    there.sort();
    let missing = planned.iter().any(|s| !there.contains(s));
    let matters = "What stands there could not be placed in every zone that was chosen.";
    let mend = if missing { mend } else { "" };
    found.compare("subnets", &planned.join(", "), Some(&there.join(", ")), matters, mend);
    found.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_subnets_must_be_mended_and_further_ones_may_stay() {
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let differ = |there: &str| subnets_differ(&list("a,b"), Some(list(there)), "mend");
        assert!(differ("b,a").is_empty());
        assert!(differ("a").iter().all(Difference::blocks) && !differ("a").is_empty());
        assert!(!differ("a,b,c").iter().any(Difference::blocks) && !differ("a,b,c").is_empty());
        assert!(subnets_differ(&list("-"), Some(list("a")), "mend").is_empty());
    }
}
