//! What a recipe asks for: each parameter with the rule that its value must keep.

use crate::did_you_mean::closest;
use crate::shown::{is_visible, shown};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::str::FromStr;

/// Characters that any answer may have, whatever its rule says. All answers together go into the session's note, which
/// holds 4,096.
pub const LONGEST: usize = 256;

/// Something that may be asked, with its default.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Id: small letters, digits and `_`.
    pub id: String,
    /// What a person calls it, in small letters.
    pub name: String,
    /// The question.
    pub question: String,
    /// One line of help.
    pub help: String,
    /// The answer when nobody is asked.
    pub default: String,
    /// What is allowed.
    pub rule: Rule,
}

/// What a parameter's value may be. Numbers are written in one way only, in ASCII digits: no sign but a minus, no zero in
/// front, no blank.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// One of a list.
    Choice {
        /// The list.
        choices: Vec<String>,
    },
    /// Free text of visible characters.
    Text {
        /// Fewest characters.
        min_length: usize,
        /// Most characters.
        max_length: usize,
        /// Which characters.
        charset: Charset,
    },
    /// A whole number.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number that may have decimals.
    Decimal {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
        /// Most digits after the point.
        decimals: usize,
    },
    /// Whole numbers with commas between them.
    Integers {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
        /// Most numbers; there is at least one.
        max_items: usize,
        /// Whether each must be larger than the one before.
        ascending: bool,
    },
}

/// Which characters a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charset {
    /// All that can be seen, and blanks.
    #[default]
    Visible,
    /// Those of them that are ASCII.
    Ascii,
    /// ASCII letters and digits, and `.`, `_` and `-`.
    Name,
}

impl Charset {
    fn has(self, c: char) -> bool {
        match self {
            Self::Visible => true,
            Self::Ascii => c.is_ascii(),
            Self::Name => c.is_ascii_alphanumeric() || "._-".contains(c),
        }
    }
}

impl Parameter {
    /// Checks an answer; the error is one line for a person.
    pub fn check(&self, value: &str) -> Result<(), String> {
        admissible(value)?;
        if self.rule.allows(value) { Ok(()) } else { Err(format!("{} is not {}", shown(value), self.rule)) }
    }

    /// Which of the choices was probably meant.
    pub fn meant(&self, value: &str) -> Option<&str> {
        match &self.rule {
            Rule::Choice { choices } => closest(value, choices.iter().map(String::as_str)),
            Rule::Text { .. } | Rule::Integer { .. } | Rule::Decimal { .. } | Rule::Integers { .. } => None,
        }
    }
}

/// What every answer must keep, also where nobody knows its rule: it is no longer than [`LONGEST`], and all of it is seen.
pub fn admissible(value: &str) -> Result<(), String> {
    if value.chars().nth(LONGEST).is_some() {
        return Err(format!("{} is longer than {LONGEST} characters", shown(value)));
    }
    if value.chars().all(is_visible) {
        return Ok(());
    }
    Err(format!("{} has characters that cannot be seen, such as a line break", shown(value)))
}

impl Rule {
    fn allows(&self, value: &str) -> bool {
        match self {
            Self::Choice { choices } => choices.iter().any(|c| c == value),
            Self::Text { min_length, max_length, charset } => {
                (*min_length..=*max_length).contains(&value.chars().count())
                    && value.chars().all(|c| charset.has(c))
            }
            Self::Integer { min, max } => whole(value).is_some_and(|n| (*min..=*max).contains(&n)),
            Self::Decimal { min, max, decimals } => {
                decimal(value, *decimals).is_some_and(|n| (*min..=*max).contains(&n))
            }
            Self::Integers { min, max, max_items, ascending } => {
                let numbers: Option<Vec<i64>> =
                    value.split(',').map(|n| whole(n).filter(|n| (*min..=*max).contains(n))).collect();
                numbers.is_some_and(|numbers| {
                    numbers.len() <= *max_items && (!*ascending || numbers.is_sorted_by(|a, b| a < b))
                })
            }
        }
    }
}

/// What it demands, as in "… is not a whole number from 1 to 24".
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choice { choices } => write!(f, "one of {}", choices.join(", ")),
            Self::Text { min_length, max_length, charset } => {
                let of = match charset {
                    Charset::Visible => "",
                    Charset::Ascii => " of ASCII",
                    Charset::Name => " (letters, digits, '.', '_' and '-')",
                };
                write!(f, "a text of {min_length} to {max_length} characters{of}")
            }
            Self::Integer { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Decimal { min, max, decimals } => {
                write!(f, "a number from {min} to {max} with up to {decimals} decimals")
            }
            Self::Integers { min, max, max_items, ascending } => {
                let order = if *ascending { ", each larger than the one before" } else { "" };
                write!(
                    f,
                    "a list of up to {max_items} whole numbers from {min} to {max}{order}, with commas between them and \
                     nothing else"
                )
            }
        }
    }
}

/// A whole number, if it is written as we would write it.
fn whole(text: &str) -> Option<i64> {
    text.parse().ok().filter(|n: &i64| n.to_string() == text)
}

/// A number with so many decimals at most, if it is digits and a point.
fn decimal(text: &str, decimals: usize) -> Option<f64> {
    let (before, after) = text.split_once('.').map_or((text, None), |(before, after)| (before, Some(after)));
    whole(before)?;
    let fits =
        |digits: &str| (1..=decimals).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    after.is_none_or(fits).then(|| text.parse().ok()).flatten()
}

/// A parameter as it stands in the recipe. All keys of all types in one: `flatten` and `deny_unknown_fields` do not go
/// together, and a key that is not heeded must be refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    name: String,
    question: String,
    #[serde(default)]
    help: String,
    default: Plain,
    r#type: Type,
    choices: Option<Vec<String>>,
    min: Option<Plain>,
    max: Option<Plain>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    charset: Option<Charset>,
    decimals: Option<usize>,
    max_items: Option<usize>,
    ascending: Option<bool>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Choice,
    Text,
    Integer,
    Decimal,
    Integers,
}

impl Type {
    /// Its name, and the keys that belong to it.
    fn keys(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Choice => ("choice", &["choices"]),
            Self::Text => ("text", &["min_length", "max_length", "charset"]),
            Self::Integer => ("integer", &["min", "max"]),
            Self::Decimal => ("decimal", &["min", "max", "decimals"]),
            Self::Integers => ("integers", &["min", "max", "max_items", "ascending"]),
        }
    }
}

/// A text, or a number that is kept as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Plain {
    Text(String),
    Whole(i64),
    Decimal(f64),
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Decimal(number) => number.fmt(f),
        }
    }
}

impl Written {
    /// The keys that only some types have, with whether they are there.
    fn given(&self) -> [(&'static str, bool); 9] {
        [
            ("choices", self.choices.is_some()),
            ("min", self.min.is_some()),
            ("max", self.max.is_some()),
            ("min_length", self.min_length.is_some()),
            ("max_length", self.max_length.is_some()),
            ("charset", self.charset.is_some()),
            ("decimals", self.decimals.is_some()),
            ("max_items", self.max_items.is_some()),
            ("ascending", self.ascending.is_some()),
        ]
    }

    fn rule(&self) -> Result<Rule, String> {
        let (name, keys) = self.r#type.keys();
        if let Some((key, _)) = self.given().iter().find(|(key, given)| *given && !keys.contains(key)) {
            let nearest = closest(key, keys.iter().copied());
            let meant = nearest.map_or_else(String::new, |meant| format!("; did you mean '{meant}'?"));
            return Err(format!("type '{name}' has no '{key}', only {}{meant}", keys.join(", ")));
        }
        let rule = match self.r#type {
            Type::Choice => Rule::Choice { choices: need(self.choices.clone(), "choices", name)? },
            Type::Text => Rule::Text {
                min_length: self.min_length.unwrap_or(0),
                max_length: self.max_length.unwrap_or(LONGEST),
                charset: self.charset.unwrap_or_default(),
            },
            Type::Integer => Rule::Integer {
                min: number(self.min.as_ref(), "min", name)?,
                max: number(self.max.as_ref(), "max", name)?,
            },
            Type::Decimal => Rule::Decimal {
                min: number(self.min.as_ref(), "min", name)?,
                max: number(self.max.as_ref(), "max", name)?,
                decimals: self.decimals.unwrap_or(2),
            },
            Type::Integers => Rule::Integers {
                min: number(self.min.as_ref(), "min", name)?,
                max: number(self.max.as_ref(), "max", name)?,
                max_items: need(self.max_items, "max_items", name)?,
                ascending: self.ascending.unwrap_or(false),
            },
        };
        match rule.fault() {
            Some(fault) => Err(fault),
            None => Ok(rule),
        }
    }
}

impl Rule {
    /// Why nothing at all, or something that no answer may be, would keep it.
    fn fault(&self) -> Option<String> {
        let empty = match self {
            Self::Choice { choices } => {
                if let Some(Err(why)) = choices.iter().map(|c| admissible(c)).find(Result::is_err) {
                    return Some(format!("choice {why}"));
                }
                choices.is_empty()
            }
            Self::Text { min_length, max_length, .. } => {
                if *max_length > LONGEST {
                    return Some(format!("max_length {max_length} is more than {LONGEST}"));
                }
                min_length > max_length
            }
            Self::Integer { min, max } => min > max,
            // Not a number is in no order.
            Self::Decimal { min, max, .. } => !(min <= max && min.is_finite() && max.is_finite()),
            Self::Integers { min, max, max_items, .. } => min > max || *max_items == 0,
        };
        empty.then(|| "no value would be allowed".to_owned())
    }
}

fn need<T>(value: Option<T>, key: &str, kind: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("type '{kind}' needs '{key}'"))
}

fn number<T: FromStr>(value: Option<&Plain>, key: &str, kind: &str) -> Result<T, String> {
    let value = need(value, key, kind)?;
    value
        .to_string()
        .parse()
        .map_err(|_| format!("{key} {} is no number for type '{kind}'", shown(&value.to_string())))
}

impl<'de> Deserialize<'de> for Parameter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let faulty = |what: String| D::Error::custom(format!("parameter {}: {what}", shown(&written.id)));
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        // With RECIPE_WALK_SET_ in front it is the name of a variable.
        if written.id.is_empty() || written.id.len() > 40 || !written.id.chars().all(letter) {
            return Err(faulty("an id has up to 40 small letters, digits and '_'".into()));
        }
        let rule = written.rule().map_err(faulty)?;
        let default = written.default.to_string();
        Ok(Self {
            id: written.id,
            name: written.name,
            question: written.question,
            help: written.help,
            default,
            rule,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(rule: &str) -> Result<Parameter, String> {
        let text = format!("id = 'x'\nname = 'x'\nquestion = 'X?'\ndefault = 1\n{rule}");
        toml::from_str(&text).map_err(|e: toml::de::Error| e.message().to_owned())
    }

    fn allowed<'a>(rule: &str, values: &[&'a str]) -> Vec<&'a str> {
        let parameter = parameter(rule).expect("a parameter");
        values.iter().copied().filter(|value| parameter.check(value).is_ok()).collect()
    }

    /// What somebody types, pastes or plants.
    const HOSTILE: [&str; 30] = [
        "1;touch x",
        "$(id)",
        "`id`",
        "1 && id",
        "1\n5",
        "1\r\n",
        "1,5\n",
        "\u{1b}[31m1",
        "\u{9b}31m",
        "١",
        "１",
        "१,२",
        "+5",
        " 5",
        "5 ",
        "5,",
        ",5",
        ",",
        "1,,5",
        "1, 5",
        "05",
        "-0",
        "0x5",
        "1e3",
        "5\0",
        "\u{202e}5",
        "5\u{200b}",
        "\u{feff}5",
        "99999999999999999999999999",
        "",
    ];

    const USERS: &str = "type = 'integers'\nmin = 1\nmax = 10000\nmax_items = 20";

    #[test]
    fn hostile_values_are_no_numbers_and_no_lists() {
        for rule in [USERS, "type = 'integer'\nmin = 1\nmax = 24", "type = 'decimal'\nmin = 0.01\nmax = 1e9"]
        {
            assert_eq!(allowed(rule, &HOSTILE), Vec::<&str>::new(), "{rule}");
        }
        assert_eq!(allowed("type = 'choice'\nchoices = ['steam']", &HOSTILE), Vec::<&str>::new());
    }

    #[test]
    fn a_list_keeps_its_range_its_length_and_its_order() {
        let (twenty, more) = (vec!["1"; 20].join(","), vec!["1"; 21].join(","));
        let values = ["0", "1", "10000", "10001", "1,5", "5,1", "1,0", "5,5", "-1", "abc", &twenty, &more];
        assert_eq!(allowed(USERS, &values), ["1", "10000", "1,5", "5,1", "5,5", &twenty]);
        assert_eq!(allowed(&format!("{USERS}\nascending = true"), &values), ["1", "10000", "1,5"]);
    }

    #[test]
    fn numbers_keep_their_range_and_their_decimals() {
        let whole = "type = 'integer'\nmin = -1\nmax = 24";
        assert_eq!(allowed(whole, &["-2", "-1", "0", "24", "25", "4000000000", "1.0"]), ["-1", "0", "24"]);
        let amount = "type = 'decimal'\nmin = 0.01\nmax = 999999.99\ndecimals = 2";
        let values =
            ["0", "0.01", "0.001", "0.50", ".5", "5.", "1.5.0", "$1", "1000000", "inf", "nan", "1_0", "7"];
        assert_eq!(allowed(amount, &values), ["0.01", "0.50", "7"]);
    }

    #[test]
    fn texts_are_visible_and_keep_their_charset() {
        let values =
            ["a b", "Jürgen", "$(id)", "a\tb", "a\u{1b}[0m", "a\u{2028}b", "a\u{202e}b", "", "12345678901"];
        let text =
            |charset: &str| format!("type = 'text'\nmin_length = 1\nmax_length = 10\ncharset = '{charset}'");
        assert_eq!(allowed(&text("visible"), &values), ["a b", "Jürgen", "$(id)"]);
        assert_eq!(allowed(&text("ascii"), &values), ["a b", "$(id)"]);
        assert_eq!(allowed(&text("name"), &["a b", "a-b_c.1", "é"]), ["a-b_c.1"]);
        assert!(parameter(&text("digits-commas")).expect_err("refused").contains("unknown variant"));
    }

    #[test]
    fn ten_megabytes_are_refused_in_a_short_line() {
        for rule in [USERS, "type = 'text'", "type = 'choice'\nchoices = ['a']"] {
            let why =
                parameter(rule).expect("a parameter").check(&"1,".repeat(5_000_000)).expect_err("refused");
            assert!(why.contains("longer than 256 characters") && why.len() < 200, "{why}");
        }
    }

    #[test]
    fn keys_that_a_type_does_not_heed_are_refused() {
        for (rule, said) in [
            ("type = 'text'\nchraset = 'ascii'", "unknown field `chraset`"),
            (
                "type = 'integers'\nmin = 1\nmax = 2\nmax_items = 3\ncharset = 'ascii'",
                "type 'integers' has no 'charset'",
            ),
            ("type = 'text'\nmax = 3", "did you mean 'max_length'?"),
            ("type = 'integer'\nmin = 1", "type 'integer' needs 'max'"),
            ("type = 'integer'\nmin = 3\nmax = 1", "no value would be allowed"),
            ("type = 'integer'\nmin = 0.5\nmax = 1", "min '0.5' is no number for type 'integer'"),
            ("type = 'text'\nmax_length = 5000", "max_length 5000 is more than 256"),
            ("type = 'choice'\nchoices = [\"a\\u001b\"]", "cannot be seen"),
            ("type = 'choice'\nchoices = []", "no value would be allowed"),
        ] {
            let error = parameter(rule).expect_err(rule);
            assert!(error.contains(said), "{rule}: {error}");
        }
        let named = toml::from_str::<Parameter>(
            "id = 'Not-mine'\nname = ''\nquestion = ''\ndefault = ''\ntype = 'text'",
        );
        assert!(named.expect_err("refused").message().contains("small letters"));
    }
}
