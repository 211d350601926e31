//! "Did you mean": by the measure that clap uses for commands and options.

/// What was probably meant by a word that is none of the known ones.
pub(crate) fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let alike = known.map(|k| (strsim::jaro_winkler(word, k), k)).filter(|(likeness, _)| *likeness > 0.8);
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn slips_are_understood_and_strangers_are_not() {
        let known = || ["region", "profile", "cohort"].into_iter();
        assert_eq!(closest("regoin", known()), Some("region"));
        assert_eq!(closest("profil", known()), Some("profile"));
        assert_eq!(closest("zzz", known()), None);
    }
}
