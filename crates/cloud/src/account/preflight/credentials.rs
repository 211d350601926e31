//! How long the credentials last, and whether the clocks agree.

use super::not_seen;
use crate::AwsCloud;
use crate::connect::failure::Named as _;
use jiff::{SignedDuration, Timestamp};
use recipe_walk_engine::failure::{Failure, Kind};
use recipe_walk_engine::finding::{Finding, Weight};

/// A walk with its clean-up takes about half an hour on AWS; this leaves time to read.
const WALK: SignedDuration = SignedDuration::from_mins(60);

impl AwsCloud {
    pub(crate) fn credentials_finding(&self) -> Finding {
        life(self.credentials_end, self.temporary, Timestamp::now())
    }

    /// Each service that a walk needs, and that no other look asks, is asked for something small: some take no keys that
    /// others take.
    pub(super) async fn key_findings(&self) -> Vec<Finding> {
        let caches = self.elasticache.describe_replication_groups().max_records(20);
        let databases = self.rds.describe_db_instances().max_records(20);
        let (caches, databases) = tokio::join!(caches.send(), databases.send());
        let answers = [
            ("ElastiCache", caches.named("elasticache:DescribeReplicationGroups").err()),
            ("RDS", databases.named("rds:DescribeDBInstances").err()),
        ];
        // Any other refusal is told where that is looked at.
        let untaken = |failure: &Failure| matches!(failure.kind(), Some(Kind::Credentials) | None);
        let seen = answers.iter().filter_map(|(service, failure)| Some((service, failure.as_ref()?)));
        let mut findings: Vec<Finding> = seen
            .filter(|(_, failure)| untaken(failure))
            .map(|(service, failure)| not_seen(service, failure, Weight::Note))
            .collect();
        if findings.is_empty() {
            let services: Vec<&str> = answers.iter().map(|(service, _)| *service).collect();
            findings
                .push(Finding::good("Services", format!("{} take these credentials", services.join(", "))));
        }
        findings
    }

    pub(crate) fn clock_finding(&self) -> Finding {
        clock(self.clock.ahead())
    }
}

fn life(end: Option<Timestamp>, temporary: bool, now: Timestamp) -> Finding {
    let what = "Credentials";
    let Some(end) = end else {
        return if temporary {
            Finding::note(
                what,
                "temporary, with an end that is not known here",
                "When they end in the middle of a walk, nothing is lost: sign in again and resume.",
            )
        } else {
            Finding::good(what, "they do not expire")
        };
    };
    let left = end.duration_since(now);
    let minutes = left.as_mins();
    let found = format!("valid for {minutes} more minutes, until {end:.0}");
    if left >= WALK {
        return Finding::good(what, found);
    }
    Finding::note(
        what,
        found,
        "A walk with its clean-up may take longer. Sources such as SSO, CloudShell and instance roles renew them by \
         themselves; others stop working then. Nothing is lost: sign in again and resume.",
    )
    .mend("aws sso login")
}

fn clock(ahead: Option<i64>) -> Finding {
    let what = "Clock";
    match ahead {
        None => Finding::note(what, "nothing was answered yet", "It is compared with the service's answers."),
        Some(seconds) if seconds.abs() < 60 => Finding::good(what, "agrees with the service's"),
        Some(seconds) => {
            let way = if seconds > 0 { "behind" } else { "ahead of" };
            Finding::note(
                what,
                format!("{} {way} the service's", span(seconds.abs())),
                "AWS refuses signatures that are more than 5 to 15 minutes off.",
            )
            .mend("sudo timedatectl set-ntp true")
        }
    }
}

fn span(seconds: i64) -> String {
    if seconds < 120 { format!("{seconds} seconds") } else { format!("{} minutes", seconds / 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_credentials_and_wrong_clocks_are_noted() {
        let now = Timestamp::now();
        let at = |minutes| Some(now + SignedDuration::from_mins(minutes));
        assert_eq!(life(None, false, now).weight, Weight::Good);
        assert_eq!(life(None, true, now).weight, Weight::Note);
        assert_eq!(life(at(200), true, now).weight, Weight::Good);
        let short = life(at(20), true, now);
        assert!(short.weight == Weight::Note && short.found.contains("20 more minutes"), "{short:?}");
        assert_eq!(clock(Some(3)).weight, Weight::Good);
        assert!(clock(Some(600)).found.contains("10 minutes behind"), "{:?}", clock(Some(600)));
        assert!(clock(Some(-90)).found.contains("90 seconds ahead of"));
    }
}
