//! What a session costs: an estimate from a dated price table and the journal's times.

pub mod amount;
pub mod price;
pub mod quota;

use crate::action::Action;
use crate::amount::Amount;
use crate::cloud::Leftover;
use crate::parameter::convention::BUDGET;
use crate::price::{Charge, Price};
use crate::state::{Resource, State};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The price table, `assets/prices.toml`.
#[derive(Debug, Clone, Deserialize)]
pub struct Prices {
    /// Month the prices were read, `2026-09`.
    pub date: String,
    /// Region they hold for.
    pub region: String,
    /// `USD`
    pub currency: String,
    /// Where they come from, for people.
    #[serde(default)]
    pub source: String,
    /// What an hour of a processor costs beyond what a burstable instance has earned. No running rate has it in: it is
    /// due while something measures, and not before or after.
    #[serde(default)]
    pub surplus_vcpu_hour: f64,
    /// Price of an hour by item.
    pub hourly: BTreeMap<String, f64>,
    /// Price of a GB-month by item.
    pub gb_month: BTreeMap<String, f64>,
    /// How running time is rounded, by kind; by the second where nothing is said.
    #[serde(default)]
    pub billing: BTreeMap<String, Billing>,
}

/// How a running time is rounded before it is multiplied. docs/aws.md, "Billing".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Billing {
    /// A partial hour counts as a full one.
    Hour,
    /// By the second, with so many minutes at least.
    Second {
        /// Fewest minutes.
        #[serde(default)]
        at_least_minutes: u32,
    },
}

impl Billing {
    /// The hours that are billed for something that has run so long.
    fn hours(self, seconds: f64) -> f64 {
        match self {
            Self::Hour => (seconds / 3600.0).ceil().max(1.0),
            Self::Second { at_least_minutes } => seconds.max(f64::from(at_least_minutes) * 60.0) / 3600.0,
        }
    }
}

/// Hours in a month, as AWS counts it.
const MONTH: f64 = 730.0;

/// How long before the expiry somebody is warned.
const SOON: SignedDuration = SignedDuration::from_mins(30);

impl Prices {
    /// Reads the table.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The price of an hour of it, where the table has one.
    fn price(&self, charge: &Charge) -> Amount {
        let (item, price) = match &charge.price {
            Price::Hour(item) => (item.as_str(), self.hourly.get(item).copied()),
            Price::GbMonth(item) => (*item, self.gb_month.get(*item).map(|price| price / MONTH)),
        };
        price.map_or_else(|| Amount::unknown(item), |price| Amount::of(price * charge.quantity))
    }

    /// What an hour of something costs that a sweep has found; nothing where nobody can tell.
    pub fn known(&self, left: &Leftover) -> Option<f64> {
        left.charges.as_ref()?.iter().map(|charge| self.price(charge)).sum::<Amount>().known()
    }

    /// What the thing costs an hour.
    pub fn per_hour(&self, action: &Action) -> Amount {
        action.properties().charges.iter().map(|charge| self.price(charge)).sum()
    }

    /// What the thing costs when it is there for so many seconds.
    pub fn of_seconds(&self, action: &Action, seconds: f64) -> Amount {
        let cost = |charge: &Charge| {
            let rule = self.billing.get(charge.billing).copied();
            self.price(charge) * rule.unwrap_or(Billing::Second { at_least_minutes: 0 }).hours(seconds)
        };
        action.properties().charges.iter().map(cost).sum()
    }

    /// What one resource has cost by the time given.
    pub fn of(&self, resource: &Resource, now: Timestamp) -> Amount {
        let action = &resource.planned.action;
        resource.lives(now).map(|life| self.of_seconds(action, seconds(life))).sum()
    }

    /// What the session has cost so far.
    pub fn so_far(&self, state: &State, now: Timestamp) -> Amount {
        state.resources.iter().map(|r| self.of(r, now)).sum()
    }

    /// What it goes on costing an hour.
    pub fn going_rate(&self, state: &State) -> Amount {
        state.remaining().map(|r| self.per_hour(&r.planned.action)).sum()
    }

    /// What a session's owner should be told now, about money and time.
    pub fn alarms(&self, state: &State, now: Timestamp) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        let so_far = self.so_far(state, now);
        let budget = budget(state);
        if let Some(budget) = budget.filter(|budget| so_far.dollars > *budget) {
            alarms.push(Alarm::OverBudget { so_far: so_far.clone(), budget });
        }
        let going_rate = self.going_rate(state);
        if !going_rate.is_known() {
            alarms.push(Alarm::Unpriced { so_far, going_rate: going_rate.clone(), budget });
        }
        let left = state.opening.as_ref().map(|(_, opening)| opening.expires_at.duration_since(now));
        match left {
            // With nothing left that costs, an expiry is nobody's worry.
            Some(left) if left <= SOON && !going_rate.is_nothing() => {
                alarms.push(if left.is_positive() {
                    Alarm::Expires(left)
                } else {
                    Alarm::Expired(left.abs())
                });
            }
            _ => {}
        }
        alarms
    }
}

/// The budget that was stated for a session, if one was.
pub fn budget(state: &State) -> Option<f64> {
    let told = state.answers.told();
    told.get(BUDGET)?.parse().ok().filter(|budget: &f64| *budget > 0.0 && budget.is_finite())
}

/// Something about money or time that a session's owner should be told.
#[derive(Debug, Clone, PartialEq)]
pub enum Alarm {
    /// The estimate has passed the budget.
    OverBudget {
        /// The estimate.
        so_far: Amount,
        /// The budget.
        budget: f64,
    },
    /// Something is there of which nobody knows the price: it counts as over any budget.
    Unpriced {
        /// What it has cost at least.
        so_far: Amount,
        /// What it goes on costing at least, and what has no price.
        going_rate: Amount,
        /// The budget, if one was stated.
        budget: Option<f64>,
    },
    /// The session expires so soon.
    Expires(SignedDuration),
    /// It expired so long ago.
    Expired(SignedDuration),
}

/// How long a resource has lived, in seconds, all its lives together.
pub fn lived_seconds(resource: &Resource, now: Timestamp) -> f64 {
    resource.lives(now).fold(0.0, |sum, life| sum + seconds(life))
}

fn seconds((made, gone): (Timestamp, Timestamp)) -> f64 {
    gone.duration_since(made).as_secs_f64().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Output, Planned};
    use crate::cloud::{Place, Undone};
    use crate::failure::Failure;
    use crate::id::SessionId;
    use crate::kind::{DbInstance, ReplicationGroup};
    use crate::record::{Line, Opening, Record};

    fn prices() -> Prices {
        Prices::parse(include_str!("../../../../../assets/prices.toml")).expect("the table parses")
    }

    fn cache() -> Action {
        ReplicationGroup {
            id: "rw-x-cache".into(),
            description: String::new(),
            engine: "redis".into(),
            engine_version: "7.1".into(),
            node_type: "cache.t3.micro".into(),
            nodes: 2,
            parameter_group: String::new(),
            subnet_group: String::new(),
            security_group: String::new(),
            auth_token: String::new(),
            port: 6379,
        }
        .into()
    }

    fn database() -> Action {
        DbInstance {
            id: "rw-x-db".into(),
            class: "db.t3.micro".into(),
            engine_version: "8.4".into(),
            database: "shop".into(),
            user: "admin".into(),
            password: String::new(),
            subnet_group: String::new(),
            security_group: String::new(),
            storage_gb: 20,
        }
        .into()
    }

    /// A session that made the thing at its very beginning and expires after four hours.
    fn session(action: Action, answers: &[(&str, &str)]) -> (State, Timestamp) {
        let answers = answers.iter().map(|(k, v)| Record::Answered { key: (*k).into(), value: (*v).into() });
        let thing = Planned::new("thing", action, opening().tags("s"));
        let made = Record::Created { name: "thing".into(), output: Output::id("x") };
        session_of(answers.chain([Record::Intended(Box::new(thing)), made]))
    }

    /// A session of which all this happened at its very beginning.
    fn session_of(records: impl IntoIterator<Item = Record>) -> (State, Timestamp) {
        let mut state = State::default();
        for record in std::iter::once(Record::Opened(Box::new(opening()))).chain(records) {
            state.fold(Line { at: start(), record }).expect("a legal record");
        }
        (state, start())
    }

    fn start() -> Timestamp {
        "2026-09-01T12:00:00Z".parse().expect("a time")
    }

    fn opening() -> Opening {
        let place = Place { account: "1".into(), region: "us-east-1".into(), endpoint: None };
        let expires_at = start() + SignedDuration::from_hours(4);
        Opening::new(SessionId::from_bytes([1; 8]), place, "r", expires_at)
    }

    #[track_caller]
    fn costs(state: &State, at: Timestamp, expected: f64) {
        let found = prices().so_far(state, at).known().expect("all has a price");
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn caches_are_billed_by_begun_hours() {
        let (state, start) = session(cache(), &[]);
        let at = |minutes| start + SignedDuration::from_mins(minutes);
        costs(&state, at(1), 2.0 * 0.017);
        costs(&state, at(60), 2.0 * 0.017);
        costs(&state, at(61), 2.0 * 2.0 * 0.017);
    }

    #[test]
    fn databases_are_billed_by_seconds_with_a_minimum_storage_without() {
        let (state, start) = session(database(), &[]);
        let storage = 0.115 / 730.0 * 20.0;
        let at = |minutes| start + SignedDuration::from_mins(minutes);
        costs(&state, at(1), 0.017 / 6.0 + storage / 60.0);
        costs(&state, at(30), 0.017 / 2.0 + storage / 2.0);
        assert!((prices().going_rate(&state).dollars - 0.017 - storage).abs() < 1e-9);
    }

    #[test]
    fn only_what_was_made_is_billed_each_time() {
        let (mut state, start) = session(database(), &[]);
        let at = |minutes| start + SignedDuration::from_mins(minutes);
        let planned = state.resources[0].planned.clone();
        let name = || "thing".to_owned();
        let mut fold =
            |minutes, record| state.fold(Line { at: at(minutes), record }).expect("a legal record");
        fold(60, Record::UndoStarted { name: name() });
        fold(60, Record::UndoFinished { name: name(), how: Undone::AlreadyGone });
        // A night between a refusal and the next try.
        fold(61, Record::Intended(Box::new(planned.clone())));
        fold(61, Record::Refused { name: name(), failure: Failure::local("a", "b", "c") });
        fold(601, Record::Intended(Box::new(planned.clone())));
        fold(601, Record::Created { name: name(), output: Output::id("y") });
        let an_hour = 0.017 + 0.115 / 730.0 * 20.0;
        costs(&state, at(661), 2.0 * an_hour);
        assert!((lived_seconds(&state.resources[0], at(661)) - 7_200.0).abs() < 1e-9);

        // One whose call never took effect, as the look before its deletion told.
        let (state, _) = session_of([
            Record::Intended(Box::new(planned.clone())),
            Record::UndoStarted { name: name() },
            Record::UndoFinished { name: name(), how: Undone::AlreadyGone },
        ]);
        costs(&state, at(600), 0.0);
        // One whose answer was lost, and that was there.
        let (state, _) = session_of([
            Record::Intended(Box::new(planned)),
            Record::UndoStarted { name: name() },
            Record::UndoFinished { name: name(), how: Undone::Deleted },
        ]);
        assert!(prices().so_far(&state, at(600)).dollars > 0.0);
    }

    #[test]
    fn the_budget_and_the_expiry_are_warned_of() {
        let (state, start) = session(cache(), &[(BUDGET, "0.05")]);
        let at = |minutes| start + SignedDuration::from_mins(minutes);
        assert_eq!(prices().alarms(&state, at(30)), []);
        assert_eq!(
            prices().alarms(&state, at(90)),
            [Alarm::OverBudget { so_far: Amount::of(0.068), budget: 0.05 }]
        );
        let (state, _) = session(cache(), &[]);
        assert_eq!(prices().alarms(&state, at(209)), []);
        assert_eq!(prices().alarms(&state, at(220)), [Alarm::Expires(SignedDuration::from_mins(20))]);
        assert_eq!(prices().alarms(&state, at(250)), [Alarm::Expired(SignedDuration::from_mins(10))]);
    }

    #[test]
    fn what_has_no_price_never_counts_as_nothing() {
        let Action::ReplicationGroup(mut cache) = cache() else { unreachable!("it is one") };
        cache.node_type = "cache.r7g.large".into();
        let (state, start) = session(cache.into(), &[(BUDGET, "1")]);
        let at = start + SignedDuration::from_mins(1);
        let so_far = prices().so_far(&state, at);
        assert_eq!(so_far.unpriced.iter().collect::<Vec<_>>(), ["cache.r7g.large.redis"]);
        assert!(!prices().going_rate(&state).is_nothing());
        let alarms = prices().alarms(&state, at);
        assert!(matches!(&alarms[..], [Alarm::Unpriced { budget: Some(1.0), .. }]), "{alarms:?}");
        // A database has a price for its storage alone: it is a part of the sum.
        let Action::DbInstance(mut db) = database() else { unreachable!("it is one") };
        db.class = "db.r6g.large".into();
        let rate = prices().per_hour(&db.into());
        assert!(rate.dollars > 0.0 && rate.known().is_none(), "{rate:?}");
    }

    #[test]
    fn the_table_says_when_and_where_from() {
        let prices = prices();
        assert!(
            prices.date.starts_with("20") && prices.source.contains("AWS") && prices.region == "us-east-1"
        );
        assert_eq!(prices.billing["cache"], Billing::Hour);
        assert_eq!(prices.billing["rds"], Billing::Second { at_least_minutes: 10 });
    }
}
