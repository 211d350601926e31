//! "Did you mean": by the measure that clap uses for commands and options.

/// Bytes of a word that is compared.
const LONGEST: usize = 100;

/// What was probably meant by a word that is none of the known ones.
pub fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody slips for so long; and the measure takes time with the product of both lengths.
    if word.len() > LONGEST {
        return None;
    }
    let known = known.filter(|known| known.len() <= LONGEST);
    // In short words one slip is more than the measure allows.
    let likeness = |k: &str| match strsim::damerau_levenshtein(word, k) {
        1 => 1.0,
        _ => strsim::jaro_winkler(word, k),
    };
    let alike = known.map(|k| (likeness(k), k)).filter(|(likeness, _)| *likeness > 0.8);
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

/// What to say of a word that is none of the known ones: the nearest of them, or all.
pub fn suggestion<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match closest(word, known.clone()) {
        Some(meant) => format!("Did you mean '{meant}'?"),
        None => format!("There are: {}.", known.collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood_and_strangers_are_not() {
        let known = || ["region", "profile", "cohort"].into_iter();
        assert_eq!(closest("regoin", known()), Some("region"));
        assert_eq!(closest("profil", known()), Some("profile"));
        assert_eq!(closest("zzz", known()), None);
        assert_eq!(closest(&"region".repeat(1_000_000), known()), None);
        assert_eq!(closest("regio", [&*"region".repeat(1_000_000), "region"].into_iter()), Some("region"));
        assert_eq!(suggestion("zzz", known()), "There are: region, profile, cohort.");
    }
}
