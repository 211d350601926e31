//! The lint of a recipe: everything that is wrong with it, each finding with file and line.

use crate::diagram::{self, Diagram};
use crate::prose;
use crate::recipe::{FORMAT_VERSION, Recipe, Step, Work};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Words a step's prose may have.
const WORDS: std::ops::RangeInclusive<usize> = 120..=300;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// File in the recipe's directory.
    pub file: String,
    /// One-based line.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Lints a recipe. The recipe comes back as far as it can be read.
pub fn lint(toml: &str, prose: &mut dyn FnMut(&str) -> Option<String>) -> (Option<Recipe>, Vec<Finding>) {
    let mut recipe: Recipe = match toml::from_str(toml) {
        Ok(recipe) => recipe,
        Err(e) => {
            let line = e.span().map_or(1, |s| line_at(toml, s.start));
            return (None, vec![recipe_finding(line, e.message().replace('\n', " "))]);
        }
    };
    let mut findings = Vec::new();
    if recipe.format_version != FORMAT_VERSION {
        let said = format!("format_version {} is not {FORMAT_VERSION}", recipe.format_version);
        findings.push(recipe_finding(line_of(toml, "format_version"), said));
    }
    parameters(toml, &recipe, &mut findings);
    steps(toml, &recipe, &mut findings);
    cycles(toml, &recipe, &mut findings);
    questions(toml, &recipe, &mut findings);
    cards(toml, &recipe, &mut findings);
    labs(toml, &recipe, &mut findings);
    if let Some(text) = prose(diagram::FILE) {
        let mut say = |line, message| findings.push(Finding { file: diagram::FILE.into(), line, message });
        match toml::from_str::<Diagram>(&text) {
            Ok(picture) => {
                picture.faults(&recipe).into_iter().for_each(|fault| say(1, fault));
                recipe.diagram = picture;
            }
            Err(e) => {
                say(e.span().map_or(1, |s| line_at(&text, s.start)), e.message().replace('\n', " "));
            }
        }
    }
    for step in &recipe.steps {
        match prose(&step.prose) {
            None => findings.push(recipe_finding(
                line_of(toml, &format!("\"{}\"", step.prose)),
                format!("step '{}': there is no file {}", step.id, step.prose),
            )),
            Some(text) => {
                check_prose(&step.prose, &text, &mut findings);
                recipe.prose.insert(step.prose.clone(), text);
            }
        }
    }
    (Some(recipe), findings)
}

fn recipe_finding(line: usize, message: String) -> Finding {
    Finding { file: "recipe.toml".into(), line, message }
}

fn line_at(text: &str, offset: usize) -> usize {
    text[..offset.min(text.len())].matches('\n').count() + 1
}

fn line_of(text: &str, needle: &str) -> usize {
    text.find(needle).map_or(1, |at| line_at(text, at))
}

/// The line of `id = "…"` in its table; good enough to find a step or a parameter.
fn id_line(toml: &str, id: &str) -> usize {
    let wanted = format!("\"{id}\"");
    toml.lines().position(|l| l.trim_start().starts_with("id") && l.contains(&wanted)).map_or(1, |i| i + 1)
}

fn parameters(toml: &str, recipe: &Recipe, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for p in &recipe.parameters {
        let mut say = |message| findings.push(recipe_finding(id_line(toml, &p.id), message));
        if !seen.insert(&p.id) {
            say(format!("parameter '{}' is there twice", p.id));
        }
        if let Err(why) = p.check(&p.default) {
            say(format!("parameter '{}': its default {why}", p.id));
        }
    }
}

fn steps(toml: &str, recipe: &Recipe, findings: &mut Vec<Finding>) {
    let mut before: BTreeSet<&str> = BTreeSet::new();
    let all: BTreeSet<&str> = recipe.steps.iter().map(|s| s.id.as_str()).collect();
    for step in &recipe.steps {
        let line = id_line(toml, &step.id);
        let mut say =
            |what: String| findings.push(recipe_finding(line, format!("step '{}': {what}", step.id)));
        if Work::named(&step.action).is_none() {
            say(format!("unknown action '{}'", step.action));
        }
        if !recipe.phases.iter().any(|p| p.id == step.phase) {
            say(format!("unknown phase '{}'", step.phase));
        }
        for need in &step.needs {
            if !all.contains(need.as_str()) {
                say(format!("needs '{need}', which is no step"));
            } else if !before.contains(need.as_str()) && need != &step.id {
                say(format!("needs '{need}', which comes after it"));
            }
        }
        if Work::named(&step.action).is_some_and(Work::makes) {
            if step.hints.len() != 2 {
                say(format!("{} hints, not two: a nudge and a pointer", step.hints.len()));
            }
        } else if !step.hints.is_empty() {
            say("has hints, and makes nothing that a person could make".into());
        }
        let all_estimates = std::iter::once(&step.estimate).chain(step.parts.values());
        for seconds in all_estimates.flat_map(|e| [e.aws_seconds, e.sandbox_seconds]) {
            if !(seconds.is_finite() && (0.0..=7200.0).contains(&seconds)) {
                say(format!("estimate of {seconds} s is not between 0 and 7200"));
            }
        }
        if !before.insert(&step.id) {
            say("is there twice".into());
        }
    }
}

fn questions(toml: &str, recipe: &Recipe, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for question in &recipe.questions {
        let mut say = |what: String| {
            let said = format!("question '{}': {what}", question.id);
            findings.push(recipe_finding(id_line(toml, &question.id), said));
        };
        if !seen.insert(&question.id) {
            say("is there twice".into());
        }
        if !recipe.steps.iter().any(|s| s.id == question.step) {
            say(format!("unknown step '{}'", question.step));
        }
        question.faults().into_iter().for_each(say);
    }
}

fn cards(toml: &str, recipe: &Recipe, findings: &mut Vec<Finding>) {
    for card in &recipe.cards {
        let line = line_of(toml, &format!("\"{}\"", card.title));
        let mut say =
            |what: String| findings.push(recipe_finding(line, format!("card '{}': {what}", card.title)));
        if !recipe.steps.iter().any(|s| s.id == card.step) {
            say(format!("unknown step '{}'", card.step));
        }
        // A card is read at a glance, between two looks at the bars.
        let words = prose::words(&card.text);
        if !(15..=90).contains(&words) {
            say(format!("{words} words, not 15 to 90"));
        }
    }
}

fn labs(toml: &str, recipe: &Recipe, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for lab in &recipe.labs {
        let mut say = |what: String| {
            let said = format!("lab '{}': {what}", lab.id);
            findings.push(recipe_finding(id_line(toml, &lab.id), said));
        };
        if !seen.insert(&lab.id) {
            say("is there twice".into());
        }
        for text in [&lab.story, &lab.lesson] {
            let words = prose::words(text);
            if !(10..=90).contains(&words) {
                say(format!("{words} words in its story or its lesson, not 10 to 90"));
            }
        }
    }
}

fn cycles(toml: &str, recipe: &Recipe, findings: &mut Vec<Finding>) {
    let needs: BTreeMap<&str, &Step> = recipe.steps.iter().map(|s| (s.id.as_str(), s)).collect();
    for step in &recipe.steps {
        let mut seen = BTreeSet::new();
        let mut stack: Vec<&str> = step.needs.iter().map(String::as_str).collect();
        while let Some(id) = stack.pop() {
            if id == step.id {
                let said = format!("step '{id}' needs itself, over {} others", seen.len());
                findings.push(recipe_finding(id_line(toml, id), said));
                break;
            }
            if seen.insert(id) {
                stack.extend(needs.get(id).into_iter().flat_map(|s| s.needs.iter().map(String::as_str)));
            }
        }
    }
}

fn check_prose(file: &str, text: &str, findings: &mut Vec<Finding>) {
    let mut say = |line, message| findings.push(Finding { file: file.to_owned(), line, message });
    let headings = prose::headings(text);
    let names: Vec<&str> = headings.iter().map(|(_, h)| *h).collect();
    if names != prose::SECTIONS {
        let line = headings.first().map_or(1, |(l, _)| *l);
        say(line, format!("sections are [{}], not [{}]", names.join(", "), prose::SECTIONS.join(", ")));
    }
    for (line, name) in prose::placeholders(text) {
        if !prose::PLACEHOLDERS.contains(&name) {
            say(line, format!("unknown placeholder '{name}'"));
        }
    }
    let words = prose::words(text);
    if !WORDS.contains(&words) {
        say(1, format!("{words} words, not {} to {}", WORDS.start(), WORDS.end()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toml(step: &str) -> String {
        format!(
            "format_version = 1\nid = \"x\"\ntitle = \"X\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n\
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

    const GOOD: &str = "action = \"compare\"\nestimate = { aws_seconds = 1, sandbox_seconds = 1 }\n";

    #[test]
    fn a_good_recipe_has_no_findings() {
        assert_eq!(findings(GOOD, &good_prose()), Vec::<String>::new());
    }

    #[test]
    fn each_mistake_is_found_at_its_line() {
        let cases = [
            (
                "action = \"dance\"\nestimate = { aws_seconds = 1, sandbox_seconds = 1 }\n",
                "recipe.toml:8: step 'a': unknown action 'dance'",
            ),
            (
                "action = \"compare\"\nneeds = [\"a\"]\nestimate = { aws_seconds = 1, sandbox_seconds = 1 }\n",
                "recipe.toml:8: step 'a' needs itself, over 0 others",
            ),
            (
                "action = \"compare\"\nneeds = [\"b\"]\nestimate = { aws_seconds = 1, sandbox_seconds = 1 }\n",
                "recipe.toml:8: step 'a': needs 'b', which is no step",
            ),
            (
                "action = \"compare\"\nestimate = { aws_seconds = -1, sandbox_seconds = 1 }\n",
                "recipe.toml:8: step 'a': estimate of -1 s is not between 0 and 7200",
            ),
        ];
        for (step, wanted) in cases {
            assert_eq!(findings(step, &good_prose()), [wanted]);
        }
        let odd = good_prose().replacen("word", "{{pony}}", 1);
        assert_eq!(findings(GOOD, &odd), ["a.md:2: unknown placeholder 'pony'"]);
        assert!(findings(GOOD, "## Why\nshort\n").iter().any(|f| f.contains("words, not 120 to 300")));
        assert!(lint(&toml(GOOD), &mut |_| None).1[0].to_string().contains("there is no file a.md"));
        assert!(lint("format_version = \n", &mut |_| None).1[0].to_string().starts_with("recipe.toml:1:"));
    }
}
