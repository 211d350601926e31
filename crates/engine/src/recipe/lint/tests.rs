use super::*;
use std::fmt::Write as _;

fn toml(step: &str) -> String {
    format!(
        "format_version = 2\nid = \"x\"\ntitle = \"X\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n\
         [[step]]\nid = \"a\"\ntitle = \"A\"\nphase = \"p\"\nprose = \"a.md\"\n{step}"
    )
}

fn good_prose() -> String {
    let mut text = String::new();
    for section in prose::SECTIONS {
        text.extend(["## ", section, "\n", &"word ".repeat(30), "\n"]);
    }
    text
}

fn findings(step: &str, text: &str) -> Vec<String> {
    lint(&toml(step), &mut |file| (file == "a.md").then(|| text.to_owned()))
        .1
        .iter()
        .map(ToString::to_string)
        .collect()
}

const GOOD: &str = "estimate = { aws_seconds = 1, sandbox_seconds = 1 }\n";

#[test]
fn a_good_recipe_has_no_findings() {
    assert_eq!(findings(GOOD, &good_prose()), Vec::<String>::new());
}

#[test]
fn each_mistake_is_found_at_its_line() {
    let estimate = "estimate = { aws_seconds = 1, sandbox_seconds = 1 }\n";
    let with = |rest: &str| format!("{estimate}{rest}");
    let cases = [
        (with("action = \"dance\"\n"), "recipe.toml:13: unknown field `action`, expected one of "),
        (with("needs = [\"a\"]\n"), "recipe.toml:13: step 'a': needs itself, over 0 others"),
        (with("needs = [\"b\"]\n"), "recipe.toml:13: step 'a': needs 'b', which is no step"),
        (
            "estimate = { aws_seconds = -1, sandbox_seconds = 1 }\n".to_owned(),
            "recipe.toml:12: step 'a': estimate of -1 s is not between 0 and 7200",
        ),
    ];
    for (step, wanted) in cases {
        let found = findings(&step, &good_prose());
        assert!(found.len() == 1 && found[0].starts_with(wanted), "{found:?}");
    }
    let odd = good_prose().replacen("word", "{{pony}}", 1);
    assert_eq!(findings(GOOD, &odd), ["a.md:2: unknown placeholder 'pony'"]);
    assert!(findings(GOOD, "## Why\nshort\n").iter().any(|f| f.contains("words, not 120 to 300")));
    assert!(lint(&toml(GOOD), &mut |_| None).1[0].to_string().contains("there is no file a.md"));
    assert!(lint("format_version = \n", &mut |_| None).1[0].to_string().starts_with("recipe.toml:1:"));
}

/// The second recipe of the tests, with one text in place of another in its recipe.toml; and the line of a third one.
fn spoilt(old: &str, new: &str, at: &str) -> (Vec<String>, usize) {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/second-recipe");
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).ok();
    let toml = read("recipe.toml").expect("the recipe").replacen(old, new, 1);
    let line = toml[..toml.find(at).expect("there")].matches('\n').count() + 1;
    (lint(&toml, &mut |name| read(name)).1.iter().map(ToString::to_string).collect(), line)
}

/// The second recipe itself.
pub(crate) fn second() -> Recipe {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/second-recipe");
    Recipe::load(&dir).expect("a recipe")
}

/// So many steps, each of which may have something wrong.
fn long(steps: usize, wrong: &str) -> String {
    let mut text = toml(GOOD);
    for n in 0..steps {
        let _ = write!(
            text,
            "[[step]]\nid = \"s{n}\"\ntitle = \"S\"\nphase = \"p\"\nprose = \"a.md\"\n{GOOD}hints = [\"a\", \"b\"]\n\
             needs = [\"{}\"]\n[[step.look]]\nkind = \"machine-image\"\nas = {{ image = \"image{n}\" }}\n\
             instance_type = \"x\"\n\
             [[step.make]]\nas = \"m{n}\"\nkind = \"security-group\"\nname = \"{{{{session}}}}-{n}\"\n\
             description = \"d\"\nvpc = \"{wrong}\"\n",
            if n == 0 { "a".to_owned() } else { format!("s{}", n - 1) },
        );
    }
    text
}

#[test]
fn a_recipe_of_thousands_of_steps_takes_work_in_proportion() {
    // Work is told by what is allocated: time is not the same on a busy machine.
    for wrong in ["v", "{{nothing}}", "{{image999999}}", "{{m5000.id}}"] {
        let work = |steps| {
            let text = long(steps, wrong);
            let mut found = 0;
            let used = allocation_counter::measure(|| {
                found = lint(&text, &mut |_| Some(good_prose())).1.len();
            });
            (used.count_total, found)
        };
        let (few, many) = (work(100), work(800));
        assert!(many.0 < few.0 * 10, "{wrong}: {few:?}, {many:?}");
        assert!(wrong == "v" || many.1 >= 800, "{many:?}");
    }
}

#[test]
fn the_files_of_a_recipe_have_a_limit_together() {
    let big = "x".repeat(1024 * 1024);
    let mut text = toml(GOOD);
    for n in 0..40 {
        let step = format!("[[step]]\nid = \"s{n}\"\ntitle = \"S\"\nphase = \"p\"\n");
        text += &(step + &format!("prose = \"{n}.md\"\n{GOOD}"));
    }
    let found = lint(&text, &mut |_| Some(big.clone()));
    assert!(
        found.1.iter().any(|f| f.message.contains("more than 16777216 bytes in all")),
        "{:?}",
        found.1.len()
    );
}

#[test]
fn mistakes_of_content_are_told_with_line_and_nearest_name() {
    let vpc = "vpc = \"{{vpc}}\"";
    // What is written in place of what, where the finding points, and what it says.
    let cases = [
        ("default-network", "default-netwrk", "kind = \"default-netwrk", "did you mean 'default-network'?"),
        ("first_subnet =", "first_subnt =", "as = { first", "did you mean 'first_subnet'?"),
        ("\"note\"\npath", "\"notes\"\npath", "kind = \"notes\"", "did you mean 'note'?"),
        (vpc, "vcp = \"{{vpc}}\"", "vcp =", "unknown field `vcp`, expected one of"),
        (vpc, "vcp = \"{{vpc}}\"", "vcp =", "did you mean 'vpc'?"),
        (vpc, "vpc = \"{{vcp}}\"", "{{vcp}}", "unknown placeholder 'vcp'; did you mean 'vpc'?"),
        (vpc, "vpc = \"{{machine.id}}\"", "{{machine.id}}", "not known before step 'reader' is done"),
        (vpc, "", "[[step.make]]\nas = \"group\"", "missing field `vpc`"),
        ("as = \"may-read\"", "as = \"role\"", "as = \"role\"\nkind = \"role-policy", "'role' is made twice"),
        ("as = \"greeting\"", "as = \"results\"", "as = \"results\"", "a name of the session's own"),
        ("{{session}}-reader", "reader", "name = \"reader\"", "'reader' would not be found by a clean-up"),
        ("/recipe-walk/{{session}}/greeting", "/x", "path = \"/x\"", "would not be found by a clean-up"),
        ("{{group.id}}", "{{grup.id}}", "{{grup.id}}", "did you mean 'group.id'?"),
        ("[\"machine\"]", "[\"machin\"]", "[\"machin\"]", "did you mean 'machine'?"),
        ("[\"machine\"]", "[\"machine\", \"role\"]", "wait = [", "waits for 'role', which is there at once"),
        ("\"policy.json\"", "\"../policy.json\"", "document =", "there is no file '../policy.json'"),
        ("reader.sh", "raeder.sh", "raeder.sh", "there is no file 'raeder.sh'"),
        ("[program]\nfile = \"reader.sh\"\n", "", "command = \"read\"", "the demo has no command 'read'"),
        ("{{region}}\", \"--note", "{{reigon}}\", \"--note", "{{reigon}}", "did you mean 'region'?"),
        ("command = \"read\"", "command = \"read;touch x\"", "command = \"read;", "is no name"),
        (
            "after = \"read\"",
            "after = \"raed\"",
            "after = ",
            "there is no result 'raed'; did you mean 'read'?",
        ),
        (
            "make = \"greeting\" }",
            "make = \"greetng\" }",
            "fault = { how",
            "nothing makes 'greetng'; did you mean 'greeting'?",
        ),
        (
            "id = \"note\"",
            "id = \"No te\"",
            "id = \"No te\"",
            "'No te' is no name: small letters, digits and dashes",
        ),
        ("id = \"build\"", "id = \"1\"", "id = \"1\"", "'1' is no name"),
        ("id = \"lost-note\"", "id = \"lost_note\"", "id = \"lost_note\"", "'lost_note' is no name"),
        ("id = \"instance_type\"", "id = \"x-y\"", "id = \"x-y\"", "'x-y' is no "),
        ("[\"note\"]", "[\"Note\"]", "needs = [\"Note", "'Note', which is no step; did you mean 'note'?"),
        (
            "\"subnet\" }",
            "\"image\", vpc = \"account\" }",
            "as = { first",
            "'account' is called like something",
        ),
        ("\"subnet\" }", "\"my subnet\" }", "as = { first", "'my subnet' is no "),
        ("id = \"note\"", "id = \"lease\"", "id = \"lease\"", "by which tags tell something else"),
        ("max = 24", "max = 99999", "id = \"hours_to_live\"", "type 'integer', from 1 to 8760"),
        (
            "min = 1\n",
            "min = 0\n",
            "id = \"hours_to_live\"",
            "the walk takes 'hours_to_live' for the hours that",
        ),
        (
            "id = \"instance_type\"",
            "id = \"budget_usd\"",
            "id = \"budget_usd\"",
            "type 'decimal' or 'integer'",
        ),
        ("summary =", "sumary =", "sumary =", "did you mean 'summary'?"),
        (
            "hours_to_live\"\nname",
            "region\"\nname",
            "id = \"region\"",
            "has a name that every recipe has already",
        ),
    ];
    for (old, new, at, part) in cases {
        let (found, line) = spoilt(old, new, at);
        let good = found.iter().any(|f| f.starts_with(&format!("recipe.toml:{line}:")) && f.contains(part));
        assert!(good, "{old} → {new}, line {line}: {found:#?}");
    }
    assert_eq!(spoilt("x = y", "", "[[step]]").0, Vec::<String>::new(), "nothing was wrong before");
}
