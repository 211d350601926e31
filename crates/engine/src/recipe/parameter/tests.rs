//! Values that are hostile, and keys that no type heeds.

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
    for rule in [USERS, "type = 'integer'\nmin = 1\nmax = 24", "type = 'decimal'\nmin = 0.01\nmax = 1e9"] {
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
fn values_that_no_note_can_hold_are_refused() {
    let text = parameter("type = 'text'").expect("a parameter");
    assert_eq!(text.check("{a} }} { {"), Ok(()));
    for value in ["{{", "a{{b}}", "{{{", "{{ssm:/x}}"] {
        let why = text.check(value).expect_err(value);
        assert!(why.contains("has double braces"), "{why}");
    }
}

#[test]
fn ten_megabytes_are_refused_in_a_short_line() {
    for rule in [USERS, "type = 'text'", "type = 'choice'\nchoices = ['a']"] {
        let why = parameter(rule).expect("a parameter").check(&"1,".repeat(5_000_000)).expect_err("refused");
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
    let named =
        toml::from_str::<Parameter>("id = 'Not-mine'\nname = ''\nquestion = ''\ndefault = ''\ntype = 'text'");
    assert!(named.expect_err("refused").message().contains("small letters"));
}
