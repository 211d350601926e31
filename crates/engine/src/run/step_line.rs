//! The AWS CLI lines of steps that make nothing: the waits, and the runs of the demo on the instance.

use crate::cli_line::sent_to;
use crate::demo::load_arguments;
use crate::recipe::{Step, Work};
use crate::state::State;
use crate::trial;

/// The line that runs a subcommand of the demo on an instance.
pub fn demo_line(subcommand: &str, instance: &str, arguments: &str, endpoint: Option<&str>) -> String {
    let arguments = if arguments.is_empty() { String::new() } else { format!(" {arguments}") };
    let line = format!(
        "aws ssm send-command --instance-ids {instance} \\\n    --document-name AWS-RunShellScript \\\n    \
         --parameters 'commands=[\"cd ${{HOME:-/root}}/.recipe-walk && ./cache-demo {subcommand} \
         --config config.json{arguments}\"]'"
    );
    sent_to(&line, endpoint)
}

/// The line that promotes the replica of a replication group.
pub fn failover_line(group: &str, endpoint: Option<&str>) -> String {
    let line =
        format!("aws elasticache test-failover --replication-group-id {group} \\\n    --node-group-id 0001");
    sent_to(&line, endpoint)
}

/// What a person could type instead of such a step. None for steps that make something: their actions have lines of
/// their own.
pub fn step_lines(step: &Step, state: &State, endpoint: Option<&str>) -> Vec<String> {
    let id = |name: &str, variable: &str| {
        let known = state.resource(name).and_then(|r| r.output.as_ref()).map(|o| o.id.clone());
        known.unwrap_or_else(|| variable.to_owned())
    };
    let instance = id("instance", "\"$INSTANCE_ID\"");
    let demo = |subcommand: &str, arguments: &str| demo_line(subcommand, &instance, arguments, endpoint);
    match Work::named(&step.action) {
        Some(Work::Wait) => state
            .remaining()
            .filter_map(|resource| {
                let wait = resource.planned.action.properties().wait?;
                let name = &resource.planned.name;
                let id = id(name, &format!("\"${}_ID\"", name.to_uppercase().replace('-', "_")));
                Some(sent_to(&format!("{} {id}", wait.command), endpoint))
            })
            .collect(),
        Some(Work::Connect) => vec![demo("check", "")],
        Some(Work::LoadData) => vec![demo("load-data", "")],
        Some(Work::Compare) => vec![demo("compare", "")],
        Some(Work::LoadTest) => {
            let users = state.answers.get("load_users");
            vec![demo("load", &load_arguments(users))]
        }
        Some(Work::Patterns) => vec![demo("patterns", "")],
        Some(Work::Failover) => {
            vec![demo("failover", ""), failover_line(&id("cache", "\"$REPLICATION_GROUP_ID\""), endpoint)]
        }
        Some(Work::Eviction) => match trial::policy(step, state) {
            Some(planned) => vec![
                demo("eviction", &trial::arguments(&planned)),
                planned.make_line(endpoint),
                planned.action.undo_command("", endpoint).unwrap_or_default(),
            ],
            None => vec![demo("eviction", "")],
        },
        Some(Work::Experiment(name)) => vec![demo(name, "")],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_the_demo_can_be_pasted() {
        let line = demo_line("load", "i-0", "--users 1,10", Some("http://127.0.0.1:1"));
        assert!(line.contains("./cache-demo load --config config.json --users 1,10\"]'"), "{line}");
        assert!(line.ends_with("--endpoint-url http://127.0.0.1:1"), "{line}");
        assert!(failover_line("g", None).ends_with("--node-group-id 0001"));
    }
}
