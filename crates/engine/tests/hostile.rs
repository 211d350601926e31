//! The bounded run of the fuzz targets for what the engine reads and writes of others: journals, recipes, notes, words for
//! a shell and text for a screen.

#[path = "../../../fuzz/checks.rs"]
mod checks;

use recipe_walk_engine::{journal::replay, recipe::Recipe};
use std::path::Path;

/// A journal as a walk writes it, and the recipe that comes with the program.
const JOURNAL: &[u8] = include_bytes!("hostile-journal.jsonl");
const RECIPE: &str = include_str!("../../../recipe/recipe.toml");

/// SplitMix64: the same bytes in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("small")
    }

    /// Cuts, doubles, overwrites and swaps pieces.
    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            let length = self.below(60).min(bytes.len() - at);
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..at + length)),
                2 => {
                    let piece = bytes[at..at + length].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                3 => bytes[at..at + length].iter_mut().for_each(|byte| *byte = self.next() as u8),
                4 => bytes.splice(at..at, b"\xff\0{[\"\\u0000-9e999".iter().copied()).for_each(drop),
                _ => bytes.splice(at..at + length, b"\n".iter().copied()).for_each(drop),
            }
            if bytes.is_empty() {
                return;
            }
        }
    }
}

#[test]
fn spoilt_journals_are_read_up_to_the_damage_or_refused() {
    let path = Path::new("journal.jsonl");
    let whole = replay(path, JOURNAL).expect("a whole journal").sound;
    assert_eq!(whole, JOURNAL.len() as u64);
    let mut dice = Dice(1);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..1_500 {
        let mut bytes = JOURNAL[..dice.below(JOURNAL.len())].to_vec();
        if !bytes.is_empty() {
            dice.spoil(&mut bytes);
        }
        match replay(path, &bytes[..]) {
            Ok(replayed) => {
                let sound = usize::try_from(replayed.sound).expect("small");
                assert!(sound <= bytes.len());
                // What is taken for sound is read the same way again, all of it.
                assert_eq!(replay(path, &bytes[..sound]).expect("sound"), replayed);
                read += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused: both must be met");
}

#[test]
fn spoilt_recipes_are_parsed_or_refused() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipe");
    let prose = |name: &str| std::fs::read_to_string(dir.join(name)).ok();
    Recipe::parse(RECIPE, prose).expect("the recipe itself");
    let mut dice = Dice(2);
    let (mut parsed, mut refused) = (0, 0);
    for _ in 0..200 {
        let mut bytes = RECIPE.as_bytes().to_vec();
        dice.spoil(&mut bytes);
        match Recipe::parse(&String::from_utf8_lossy(&bytes), prose) {
            Ok(_) => parsed += 1,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
    }
    assert!(refused > 50, "{parsed} parsed, {refused} refused");
}

/// Texts that somebody could wish to be more than text, and as many that are spoilt.
fn texts(seed: u64) -> impl Iterator<Item = String> {
    const SEEDS: [&str; 8] = [
        "it's $(touch canary) `id` \"$HOME\" ${x:-y} !! ~root *",
        "\u{1b}]52;c;aWQ=\u{7}\u{9b}2J\r\n\u{202e}\u{2066}\u{200b}\u{e0041}",
        "-----BEGIN RSA PRIVATE KEY-----'\nx password=y 123456789012 AKIAIOSFODNN7EXAMPLE",
        "$APP_GROUP_ID",
        "--option=value file:///etc/passwd",
        "{\"compare\":{\"kind\":\"compare\"},\"check\":{\"rows\":[[[[[[[[[1]]]]]]]]]}}",
        "{\"recipe\":\"r\",\"owner\":\"\",\"cohort\":\"\",\"opened_at\":\"2026-01-01T00:00:00Z\",\"expires_at\":\
         \"2026-01-01T00:00:00Z\",\"sandbox\":true,\"answers\":{}}",
        "\\'\\\\''\"'\"' \u{0}\u{fffd}é\u{301}名 🦀",
    ];
    let mut dice = Dice(seed);
    (0..4_000).map(move |n| {
        let mut bytes = SEEDS[n % SEEDS.len()].as_bytes().to_vec();
        if n >= SEEDS.len() {
            dice.spoil(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[test]
fn any_text_is_one_shell_word_and_shown_visibly() {
    for text in texts(3) {
        checks::quoting(&text);
        checks::terminal(&text);
    }
}

#[test]
fn any_note_of_an_account_is_read_or_left_out() {
    let recipe =
        Recipe::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipe")).expect("the recipe");
    texts(4).for_each(|text| checks::notes(&text, &recipe));
}
