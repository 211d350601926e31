use super::*;
use crate::transcript::tests::{ACCOUNT, session};

fn prices() -> Prices {
    Prices::parse("date='2026-09'\nregion='us-east-1'\ncurrency='USD'\n[hourly]\n[gb_month]\n")
        .expect("parses")
}

#[test]
fn a_report_tells_the_session_and_hides_the_account() {
    let now = Timestamp::from_second(1_700_000_900).expect("a time");
    let report = Report::new(&session(false), None, &prices(), now).expect("folds");
    assert_eq!((report.state, report.seconds), (Standing::Closed, 32.0));
    assert_eq!(report.account, "xxxxxxxx9012");
    assert_eq!(report.headlines.len(), 1);
    let receipt = report.receipt.as_ref().expect("closed");
    assert!(receipt.is_clean() && receipt.items.len() == 2);
    let text = serde_json::to_string(&report).expect("JSON");
    assert!(!text.contains(ACCOUNT), "{text}");
    let troubles = report.moments.iter().filter(|m| m.trouble).count();
    assert_eq!((report.moments.len(), troubles), (4, 1));
}

#[test]
fn steps_have_times_and_measurements_begin_before_their_end() {
    let report = Report::new(&session(false), None, &prices(), Timestamp::UNIX_EPOCH).expect("folds");
    let seconds = |id: &str| report.steps.iter().find(|s| s.id == id).and_then(|s| s.seconds);
    assert_eq!(seconds("replication-group"), Some(4.0));
    assert_eq!(seconds("app-instance"), Some(8.0));
    assert_eq!(seconds("compare"), Some(4.0));
}

#[test]
fn a_journal_cut_anywhere_still_gives_a_report() {
    let lines = session(true);
    for end in 1..=lines.len() {
        let report = Report::new(&lines[..end], None, &prices(), Timestamp::UNIX_EPOCH).expect("folds");
        assert_eq!(report.receipt.is_some(), end == lines.len());
    }
    assert!(Report::new(&[], None, &prices(), Timestamp::UNIX_EPOCH).is_err());
}
