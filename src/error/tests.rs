use super::*;

#[test]
fn kinds_have_own_exit_status_that_help_tells() {
    let kinds = [
        Kind::Unexpected,
        Kind::Usage,
        Kind::Credentials,
        Kind::Region,
        Kind::Engines,
        Kind::Disk,
        Kind::Locked,
        Kind::Journal,
        Kind::Recipe,
        Kind::Step,
        Kind::Left,
        Kind::Place,
        Kind::NoTerminal,
        Kind::Sandbox,
        Kind::Unreachable,
        Kind::Interrupted,
    ];
    let codes: std::collections::BTreeSet<u8> = kinds.iter().map(|k| *k as u8).collect();
    assert_eq!(codes.len(), kinds.len());
    let words: Vec<&str> = EXIT_STATUSES.split_whitespace().collect();
    for code in codes {
        assert!(words.contains(&code.to_string().as_str()), "{code}");
    }
}

#[test]
fn a_full_disk_and_a_damaged_journal_are_told_apart() {
    let full =
        JournalError::Io { path: "x".into(), cause: std::io::Error::from(std::io::ErrorKind::StorageFull) };
    assert_eq!(CommandError::from(full).kind, Kind::Disk);
    let damaged =
        JournalError::Damaged { path: "/s/rw-abcdefgh/journal.jsonl".into(), line: 3, cause: "junk".into() };
    let error = CommandError::from(damaged);
    assert_eq!(error.kind, Kind::Journal);
    assert!(
        error.message.contains("line 3") && error.next[0].as_str().ends_with("resume rw-abcdefgh --rebuild"),
        "{error:?}"
    );
}

#[test]
fn clean_up_on_a_full_disk_names_another_disk() {
    let stop = |kind| Stop::Journal(JournalError::Io { path: "x".into(), cause: std::io::Error::from(kind) });
    let full = CommandError::from_stop(&stop(std::io::ErrorKind::StorageFull), "rw-abcdefgh");
    assert!(
        full.next[1].as_str().starts_with("XDG_STATE_HOME=") && full.next[1].as_str().contains("cleanup"),
        "{full:?}"
    );
    let denied = CommandError::from_stop(&stop(std::io::ErrorKind::PermissionDenied), "rw-abcdefgh");
    assert!(denied.next.iter().all(|next| !next.as_str().contains("cleanup")), "{denied:?}");
}
