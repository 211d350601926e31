//! The AWS CLI lines of steps that make nothing: the waits, and the runs of the demo on the instance.

use crate::cli_line::Line;
use crate::plan::{self, Known, PlanError, variable};
use crate::recipe::Recipe;
use crate::shell::shortest_word;
use crate::state::State;
use crate::step::{Run, Step};
use crate::temporary;
use serde_json::json;

/// The line that runs a subcommand of the demo on an instance.
pub fn demo_line(command: &str, instance: &str, arguments: &[String]) -> Line {
    let mut script = format!("cd ${{HOME:-/root}}/.recipe-walk && ./demo {}", shortest_word(command));
    for argument in arguments {
        script.push(' ');
        script += &shortest_word(argument);
    }
    Line::new("ssm", "send-command")
        .arg("instance-ids", instance)
        .arg("document-name", "AWS-RunShellScript")
        .arg("parameters", json!({"commands": [script]}).to_string())
}

/// What a person could type instead of such a step. None for steps that make something: their actions have lines of
/// their own.
pub fn step_lines(step: &Step, state: &State) -> Vec<Line> {
    let waits = state.remaining().filter(|r| step.wait.contains(&r.planned.name)).filter_map(|resource| {
        let wait = resource.planned.action.properties().wait?;
        let id = resource.output.as_ref().map(|o| o.id.clone());
        let id = id.unwrap_or_else(|| variable(&resource.planned.name));
        Some(Line::new(wait.command.0, wait.command.1).arg(wait.option, id))
    });
    let mut lines: Vec<Line> = waits.collect();
    if let Some(run) = &step.run {
        lines.extend(run_lines(run, step, state));
    }
    for setting in temporary::settings(step) {
        if let Ok(Some(planned)) = temporary::planned(setting, step, state) {
            lines.push(planned.line());
            lines.extend(planned.action.undo_line(""));
        }
    }
    lines
}

/// The lines of a run and of the calls that belong to it. What is not known yet is a shell variable.
fn run_lines(run: &Run, step: &Step, state: &State) -> Vec<Line> {
    let known = |name: &str| {
        let known = Known { step, state }.value(name);
        Ok::<_, PlanError>(known.unwrap_or_else(|_| variable(name.strip_suffix(".id").unwrap_or(name))))
    };
    let instance = state.instance().map_or("$INSTANCE_ID", |(_, id)| id);
    let configured: &[&str] = if step.configured { &["--config", "config.json"] } else { &[] };
    let mut arguments: Vec<String> = configured.iter().map(|word| (*word).to_owned()).collect();
    arguments.extend(plan::arguments(run, &known).unwrap_or_default());
    let acts = run.whens.iter().filter_map(|when| plan::act(when.act.as_ref()?, &known).ok());
    std::iter::once(demo_line(&run.command, instance, &arguments)).chain(acts.map(|act| act.line())).collect()
}

/// The lines of the step whose run leaves this result, as they were typed or could have been; without the step's recipe,
/// the run alone.
pub(crate) fn result_lines(kind: &str, recipe: Option<&Recipe>, state: &State) -> Vec<Line> {
    let step = recipe.and_then(|recipe| recipe.steps.iter().find(|step| step.result() == Some(kind)));
    if let Some((step, run)) = step.and_then(|step| Some((step, step.run.as_ref()?))) {
        return run_lines(run, step, state);
    }
    let instance = state.instance().map_or("$INSTANCE_ID", |(_, id)| id);
    vec![demo_line(kind, instance, &[])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_the_demo_can_be_pasted() {
        let arguments = ["--users", "1,10", "it's \"$HOME\""].map(str::to_owned);
        let line = demo_line("load", "i-0", &arguments).end(Some("http://127.0.0.1:1"));
        assert!(
            line.contains(r#"./demo load --users 1,10 '\''it'\''\\'\'''\''s \"$HOME\"'\''"]}'"#),
            "{line}"
        );
        assert!(line.ends_with("--endpoint-url http://127.0.0.1:1"), "{line}");
    }
}
