//! "Did you mean".

/// What was probably meant by a word that is none of the known ones, as the end of a sentence.
pub(super) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    // In short words one slip is more than the measure allows.
    let likeness = |k: &str| match strsim::damerau_levenshtein(word, k) {
        1 => 1.0,
        _ => strsim::jaro_winkler(word, k),
    };
    let alike = known.into_iter().map(|k| (likeness(k), k));
    let nearest = alike.filter(|(likeness, _)| *likeness > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map_or_else(String::new, |(_, known)| format!("; did you mean '{known}'?"))
}

/// A message of serde's that names an unknown word and those that there are, with what was probably meant; and the word.
pub(super) fn told(message: &str) -> (String, Option<&str>) {
    let message = message.trim_end();
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown ") {
        return (message.replace('\n', " "), None);
    }
    let word = quoted.next();
    (message.replace('\n', " ") + &meant(word.unwrap_or_default(), quoted), word)
}
