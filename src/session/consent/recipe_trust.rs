//! What a recipe that is not the program's own may do on somebody's behalf: run a program on the instance, and grant the
//! instance rights. That is shown and agreed to once for each content, before anything is made. `--yes` does not say yes
//! to it: it is said by a person, by the digest on the command line, or was said before on this machine.

use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::ui::Terminal;
use crate::ui::style::Paint;
use recipe_walk_engine::deliver::sha256;
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::typed;
use recipe_walk_files::private;
use serde_json::Value;
use std::path::Path;

/// Keeps the digests that were agreed to, one a line, for their owner only.
const FILE: &str = "trusted-recipes";

/// Bytes of it that are read: room for thousands of digests.
const LARGEST: u64 = 1_000_000;

/// How it is agreed.
#[derive(Clone, Copy)]
pub(crate) struct Trusting<'a> {
    /// The digest on the command line.
    pub(crate) digest: Option<&'a str>,
    /// Whether nobody is asked.
    pub(crate) yes: bool,
    /// The command to type again.
    pub(crate) command: &'a Typed,
}

/// What a recipe may do beyond the program's own.
struct Powers<'a> {
    program: Option<(&'a str, &'a str)>,
    policies: Vec<&'a Value>,
}

fn policies(recipe: &Recipe) -> Vec<&Value> {
    let makes = recipe.steps.iter().flat_map(|step| &step.makes);
    let policies = makes.filter(|make| make.fields.get("kind").is_some_and(|kind| kind == "role-policy"));
    policies.filter_map(|make| make.fields.get("document")).collect()
}

impl<'a> Powers<'a> {
    fn of(recipe: &'a Recipe) -> Result<Self, CommandError> {
        let own = embedded::recipe(None)?;
        let known = policies(&own);
        Ok(Self {
            program: recipe.program.as_ref().map(|program| (&*program.file, &*program.content)),
            policies: policies(recipe).into_iter().filter(|policy| !known.contains(policy)).collect(),
        })
    }

    fn none(&self) -> bool {
        self.program.is_none() && self.policies.is_empty()
    }

    /// The digest of all that is shown.
    fn digest(&self) -> String {
        sha256(serde_json::json!([self.program, self.policies]).to_string().as_bytes())
    }

    fn show(&self, dir: Option<&Path>, terminal: &Terminal) {
        terminal
            .tell(Paint::Warning, "This recipe is not the one that recipe-walk carries, and it may do more:");
        if let Some((file, content)) = self.program {
            let path = dir.map_or_else(|| file.into(), |dir| dir.join(file));
            terminal.prose(&format!("  It runs a program of its own on the instance: {}", path.display()));
            terminal.say(&format!("    {} bytes, SHA-256 {}", content.len(), sha256(content.as_bytes())));
        }
        for policy in &self.policies {
            terminal.say("  It lets the instance do what this policy allows:");
            let text = serde_json::to_string_pretty(policy).unwrap_or_default();
            text.lines().for_each(|line| terminal.say(&format!("    {line}")));
        }
    }
}

/// Asks once for each content, before anything is made.
pub(crate) fn agree(
    recipe: &Recipe,
    dir: Option<&Path>,
    trusting: Trusting<'_>,
    paths: &Paths,
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let powers = Powers::of(recipe)?;
    if powers.none() {
        return Ok(());
    }
    let (file, digest) = (paths.root().join(FILE), powers.digest());
    let agreed = recipe_walk_files::text(&file, LARGEST).unwrap_or_default();
    if agreed.lines().any(|line| line == digest) {
        return Ok(());
    }
    powers.show(dir, terminal);
    let refused = || {
        let flag = typed!("--trust-recipe {}", digest);
        CommandError::new(Kind::Recipe, "nobody has agreed to what this recipe may do")
            .means("It is shown above. --yes does not say yes to it; nothing was made.")
            .next(trusting.command.clone().and(&flag).then("  # once you have read it"))
    };
    match trusting.digest {
        Some(given) if given == digest => {}
        Some(_) => {
            return Err(
                refused().means("The digest that was given is another recipe's, or an earlier one's.")
            );
        }
        None if trusting.yes => return Err(refused()),
        None => {
            if !terminal.confirm("Let the recipe do this?").is_ok_and(|yes| yes) {
                return Err(CommandError::nothing_begun());
            }
        }
    }
    private::replace(&file, format!("{agreed}{digest}\n").as_bytes()).map_err(|error| {
        CommandError::new(Kind::Disk, format!("cannot write to {}", file.display())).means(error.to_string())
    })
}
