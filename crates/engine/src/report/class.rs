//! A trainer's view of one session, from its tags alone: which step it is at, for how long, and whether it is stuck. Pure.

use crate::cloud::Remote;
use crate::recipe::{Recipe, Step};
use crate::standing::Standing;
use crate::tags::UNWINDING;
use jiff::Timestamp;
use serde::Serialize;

/// Nobody is called stuck before this many seconds: a short step has its explanation to be read.
const STUCK_AFTER: f64 = 120.0;
/// How many times its estimate a step may take.
const TIMES: f64 = 2.0;
/// Words a minute that somebody reads who wants to understand.
const WORDS_A_MINUTE: f64 = 180.0;
/// What a clean-up takes, seconds: the slowest deletion is the replication group's.
const CLEAN_UP: f64 = 600.0;

/// One attendee.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attendee {
    /// The session.
    pub session: String,
    /// The person, or empty.
    pub owner: String,
    /// The class, or empty.
    pub cohort: String,
    /// Where they are.
    pub standing: Standing,
    /// The step they are at: its id, where one is known.
    pub step: Option<String>,
    /// Its title.
    pub title: String,
    /// Its place among the steps, from one.
    pub number: usize,
    /// Number of steps.
    pub total: usize,
    /// How long they are at it, seconds.
    pub in_step_seconds: Option<f64>,
    /// How long it takes, with the reading, seconds.
    pub expected_seconds: f64,
    /// Why they need help, if they do.
    pub stuck: Option<String>,
    /// The newest error.
    pub error: Option<String>,
    /// When everything should be gone.
    pub expires_at: Option<Timestamp>,
    /// Whether that is past.
    pub expired: bool,
}

impl Attendee {
    /// What the tags tell of one session.
    pub fn new(remote: &Remote, recipe: &Recipe, now: Timestamp) -> Self {
        let error = Some(remote.error.clone()).filter(|e| !e.is_empty());
        let cleaning = remote.step == UNWINDING;
        let step = if cleaning { None } else { current(recipe, &remote.step, error.is_some()) };
        let standing = match (cleaning, step) {
            (true, _) => Standing::CleaningUp,
            (false, Some(_)) => Standing::Walking,
            (false, None) => Standing::Walked,
        };
        let since = remote.since.or(remote.opened_at);
        let in_step_seconds = since.map(|at| now.duration_since(at).as_secs_f64().max(0.0));
        let expected_seconds = match standing {
            Standing::CleaningUp => CLEAN_UP,
            Standing::Walking | Standing::Walked | Standing::Closed => {
                step.map_or(0.0, |s| s.estimate.aws_seconds + reading(recipe, s))
            }
        };
        let over = |seconds: f64| seconds > (TIMES * expected_seconds).max(STUCK_AFTER);
        let stuck = match (&error, in_step_seconds) {
            (Some(error), _) => Some(error.clone()),
            (None, Some(seconds)) if standing != Standing::Walked && over(seconds) => {
                Some(format!("longer than {TIMES:.0} times the usual"))
            }
            _ => None,
        };
        let number = step.and_then(|s| recipe.steps.iter().position(|other| other.id == s.id));
        Self {
            session: remote.session.to_string(),
            owner: remote.owner.clone(),
            cohort: remote.cohort.clone(),
            standing,
            step: step.map(|s| s.id.to_string()),
            title: match standing {
                Standing::Walking => step.map(|s| s.title.clone()).unwrap_or_default(),
                Standing::Walked => "all steps done, not cleaned up".into(),
                Standing::CleaningUp => "cleaning up".into(),
                Standing::Closed => "all gone".into(),
            },
            number: number.map_or(recipe.steps.len(), |n| n + 1),
            total: recipe.steps.len(),
            in_step_seconds,
            expected_seconds,
            stuck,
            error,
            expires_at: remote.expires_at,
            expired: remote.expires_at.is_some_and(|at| at < now),
        }
    }

    /// What to sort by: who needs help first, the longest waiting first among them; then who has the longest way to go.
    fn urgency(&self) -> (bool, bool, usize, i64) {
        let waiting = self.in_step_seconds.unwrap_or(0.0) as i64;
        (
            self.stuck.is_none(),
            self.error.is_none(),
            if self.stuck.is_some() { 0 } else { self.number },
            -waiting,
        )
    }
}

/// Puts those who need help first.
pub fn sort<T>(list: &mut [T], attendee: impl Fn(&T) -> &Attendee) {
    list.sort_by(|a, b| {
        let (a, b) = (attendee(a), attendee(b));
        a.urgency()
            .cmp(&b.urgency())
            .then_with(|| a.owner.cmp(&b.owner))
            .then_with(|| a.session.cmp(&b.session))
    });
}

/// The step somebody is at. The tag names the newest one that was finished, or the one that failed. Optional steps are
/// nobody's duty: after the last required one all are done.
fn current<'a>(recipe: &'a Recipe, tag: &str, failed: bool) -> Option<&'a Step> {
    let Some(index) = recipe.steps.iter().position(|s| s.id == tag) else { return recipe.steps.first() };
    if failed {
        return recipe.steps.get(index);
    }
    recipe.steps[index + 1..].iter().find(|s| !s.optional)
}

/// How long its explanation takes to be read, seconds.
fn reading(recipe: &Recipe, step: &Step) -> f64 {
    let words = recipe.prose.get(&step.prose).map_or(0, |text| text.split_whitespace().count());
    words as f64 / WORDS_A_MINUTE * 60.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SessionId;

    fn recipe() -> Recipe {
        let step = |id: &str, optional: bool, seconds: u32| {
            format!(
                "[[step]]\nid='{id}'\ntitle='{id}'\nphase='p'\noptional={optional}\nprose='{id}.md'\n\
                 estimate={{aws_seconds={seconds},sandbox_seconds=1}}\n"
            )
        };
        let text = format!(
            "format_version=2\nid='r'\ntitle='t'\n[[phase]]\nid='p'\ntitle='P'\n{}{}{}",
            step("one", false, 10),
            step("two", false, 540),
            step("three", true, 10)
        );
        toml::from_str(&text).expect("parses")
    }

    fn remote(step: &str, error: &str, seconds_ago: i64) -> Remote {
        Remote {
            session: SessionId::from_bytes([1; 8]),
            owner: "ana".into(),
            cohort: "june".into(),
            expires_at: Some(Timestamp::from_second(10_000).expect("a time")),
            opened_at: None,
            step: step.into(),
            since: Some(Timestamp::from_second(20_000 - seconds_ago).expect("a time")),
            error: error.into(),
            resources: Vec::new(),
            claims: Vec::new(),
        }
    }

    fn seen(step: &str, error: &str, seconds_ago: i64) -> Attendee {
        Attendee::new(
            &remote(step, error, seconds_ago),
            &recipe(),
            Timestamp::from_second(20_000).expect("a time"),
        )
    }

    #[test]
    fn the_step_after_the_newest_finished_is_current() {
        let one = seen("", "", 5);
        assert_eq!((one.step.as_deref(), one.number, one.total), (Some("one"), 1, 3));
        assert_eq!(seen("one", "", 5).step.as_deref(), Some("two"));
        assert_eq!(seen("one", "it failed", 5).step.as_deref(), Some("one"));
        assert_eq!(seen("two", "", 5).standing, Standing::Walked);
        assert_eq!(seen(UNWINDING, "", 5).standing, Standing::CleaningUp);
        assert!(seen("one", "", 5).expired);
    }

    #[test]
    fn stuck_is_an_error_or_twice_the_estimate() {
        assert_eq!(seen("one", "", 1_000).stuck, None);
        assert!(seen("one", "", 1_200).stuck.is_some());
        assert_eq!(seen("", "", 100).stuck, None, "a short step has its reading");
        assert!(seen("", "", 130).stuck.is_some());
        assert_eq!(seen("one", "no capacity", 1).stuck.as_deref(), Some("no capacity"));
        assert_eq!(seen("two", "", 99_999).stuck, None, "who has finished is not stuck");
    }

    #[test]
    fn who_needs_help_comes_first() {
        let mut list = vec![seen("one", "", 5), seen("", "", 500), seen("", "", 5), seen("one", "x", 1)];
        sort(&mut list, |a| a);
        let order: Vec<(bool, bool)> = list.iter().map(|a| (a.error.is_some(), a.stuck.is_some())).collect();
        assert_eq!(order, [(true, true), (false, true), (false, false), (false, false)]);
        assert_eq!(list[2].number, 1);
    }
}
