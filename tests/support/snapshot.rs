//! Text compared with a file in tests/snapshots. `UPDATE_SNAPSHOTS=1` writes the files anew: look at the difference then.

/// Compares the text with the file of that name.
#[track_caller]
pub(crate) fn matches(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    // No blanks at line ends: editors take them away.
    let text = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n";
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("the directory");
        std::fs::write(&path, text).expect("the snapshot");
        return;
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(wanted == text, "{name} has changed. It was:\n{wanted}\nIt is:\n{text}");
}
