//! What must hold for any bytes: by the fuzz targets, and in a bounded run by the engine's own tests.

use recipe_walk_engine::cli_line::{Copied, Line};
use recipe_walk_engine::note::{Passport, read_results};
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::shell::{Typed, shortest_word, word};
use recipe_walk_engine::shown::{is_visible, one_line, visible};

/// Notes of an account: what is taken from them has a shape and an end.
pub(crate) fn notes(text: &str, recipe: &Recipe) {
    let _ = serde_json::from_str::<Passport>(text);
    for (kind, result) in read_results(text, recipe) {
        assert!(recipe.measuring(&kind).is_some() && result.to_string().len() <= 64 * 1024, "{kind}");
    }
}

/// Words for a shell: whatever they hold, a shell reads back the value, and nothing in them is anything else.
pub(crate) fn quoting(text: &str) {
    let value = text.replace('\0', "");
    for word in [word(text), shortest_word(text)] {
        assert_eq!(read(&word).as_deref(), Some(value.as_bytes()), "{word}");
    }
    // Where a value stands in a command, it is one word of it.
    let typed = Typed::of("x --y {} z", &[text.to_owned()]);
    let inner =
        typed.as_str().strip_prefix("x --y").and_then(|rest| rest.strip_suffix(" z")).expect("its ends");
    assert_eq!(read(&inner[1..]).as_deref(), Some(value.as_bytes()), "{inner}");
    let line = Line::new("x", "y").arg("v", text);
    for by in [Copied::default(), Copied { endpoint: None, without: Some("123456789012") }] {
        let line = line.copied(by);
        let inner = line.strip_prefix("aws x y \\\n    --v").expect("its begin");
        let variable = inner.starts_with(" \"$") && inner.ends_with("_ID\"");
        assert!(
            variable || inner.replace("\"$ACCOUNT_ID\"", "''").get(1..).and_then(read).is_some(),
            "{line}"
        );
    }
}

/// What a shell reads as one word; none where it would read more than a word, or run anything but our `printf`.
fn read(word: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (text, after) = quoted.split_once('\'')?;
            out.extend(text.bytes());
            rest = after;
        } else if let Some(octal) = rest.strip_prefix("\"$(printf '") {
            let (octal, after) = octal.split_once("')\"")?;
            for number in octal.strip_prefix('\\')?.split('\\') {
                out.push(u8::from_str_radix(number, 8).ok()?);
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix("\\'") {
            out.push(b'\'');
            rest = after;
        } else if first.is_ascii_alphanumeric() || "-_./:=,@+".contains(first) {
            out.push(first as u8);
            rest = &rest[1..];
        } else {
            return None;
        }
    }
    (!word.is_empty()).then_some(out)
}

/// The terminal's door: nothing invisible passes, what is visible stays as it is, and twice is as once.
pub(crate) fn terminal(text: &str) {
    let shown = visible(text);
    assert!(shown.chars().all(|c| c == '\n' || is_visible(c)), "{shown:?}");
    assert_eq!(visible(&shown), shown);
    if text.chars().all(|c| c == '\n' || is_visible(c)) {
        assert_eq!(shown, text);
    }
    let line = one_line(text, 50);
    assert!(line.chars().all(is_visible), "{line:?}");
}
