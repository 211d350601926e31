//! The architecture, with what this session has really made drawn solid and the rest dashed. Boxes of the page itself, so
//! that it folds on a phone; the recipe's own picture in Markdown.

use maud::{Markup, html};
use recipe_walk_engine::diagram::{Diagram, Ink};
use recipe_walk_engine::report::{Report, ResourceLine, StepState};
use recipe_walk_measurements::format::sentence;

/// Columns of the picture in Markdown: those of a terminal, which a page of any wiki has too.
const COLUMNS: usize = 80;

/// The recipe's picture as a block of Markdown, with what this session made drawn solid and the rest dashed.
pub(super) fn drawn(report: &Report, diagram: &Diagram) -> String {
    let done = |step: &str| report.steps.iter().any(|s| s.id == step && s.state == StepState::Done);
    let mut rest = false;
    let lines = diagram.draw(COLUMNS, |layer| {
        let there = done(&layer.step) && layer.ready.as_deref().is_none_or(done);
        Some(if there { Ink::Solid } else { Ink::Dashed })
    });
    if lines.is_empty() {
        return String::new();
    }
    let mut out = String::from("```text\n");
    for line in lines {
        rest |= line.iter().any(|(_, ink)| *ink == Ink::Dashed);
        out.extend(line.into_iter().map(|(text, _)| text));
        out.push('\n');
    }
    out += "```\n\n";
    if rest {
        out += "Dashed: what this session has not made.\n\n";
    }
    out
}

fn find<'a>(report: &'a Report, name: &str) -> Option<&'a ResourceLine> {
    report.resources.iter().find(|r| r.name == name && (r.id.is_some() || r.gone_at.is_some()))
}

/// The class of a box: dashed while what it stands for is not made.
fn boxed(report: &Report, name: &str, kind: &'static str) -> String {
    let plan = if find(report, name).is_some() { "" } else { " plan" };
    format!("box{kind}{plan}")
}

fn version<'a>(report: &'a Report, label: &str) -> &'a str {
    report.facts.iter().find(|(l, _)| l == label).map_or("", |(_, v)| v.as_str())
}

fn setting<'a>(report: &'a Report, key: &str) -> &'a str {
    report.settings.get(key).map_or("", String::as_str)
}

/// The diagram, described in words for those who do not see it.
pub(super) fn html(report: &Report) -> Markup {
    // It is drawn for the recipe that comes with the program; what another one makes is in the table.
    if !report.steps.iter().any(|step| step.id == "replication-group") {
        return Markup::default();
    }
    let id = |name: &str, usual: &'static str| {
        find(report, name).and_then(|r| r.id.as_deref()).unwrap_or(usual).to_owned()
    };
    let words = "The app instance, in a group of its own without inbound rules, asks the cache first, over port 6379 with \
                 TLS, and on a miss the database, over port 3306 with TLS. The cache is a primary with a replica in \
                 another zone. Systems Manager carries commands to the instance; nobody else comes in.";
    let class = |name: &str, kind: &'static str| boxed(report, name, kind);
    let engine = sentence(setting(report, "cache_engine"));
    let cache = format!("{engine} {}", version(report, "Cache version"));
    let app = html! {
        div class=(class("app-group", "")) {
            span.tag { "group: app, no inbound rule" br; (id("app-group", "")) }
            div class=(class("instance", "")) {
                span.name { "App instance" }
                small { (id("instance", "not made")) }
                small { (setting(report, "instance_type")) ", Amazon Linux" }
                small { "runs the demo: cache-aside" }
            }
        }
    };
    let wires = html! {
        div.wires {
            div.wire { b { "1. ask first" } i {} "6379, TLS" br; "3. store the answer" }
            div.wire { b { "2. on a miss" } i {} "3306, TLS" }
        }
    };
    let engines = html! {
        div.right {
            div class=(class("cache-group", "")) {
                span.tag { "group: cache" }
                div.pair {
                    div class=(class("cache", " cachebox")) { span.name { "Primary" } small { (cache.trim()) } }
                    div class=(class("cache", " cachebox")) {
                        span.name { "Replica" }
                        small { "another zone, takes over" }
                    }
                }
                small { (id("cache", "not made")) ", 2 × " (setting(report, "cache_node_type")) }
            }
            div class=(class("db-group", "")) {
                span.tag { "group: db" }
                div class=(class("database", " dbbox")) {
                    span.name { "MySQL " (version(report, "Database version")) }
                    small { "database “shop”, " (setting(report, "db_class")) }
                }
                small { (id("database", "not made")) }
            }
        }
    };
    html! {
        div.card.arch role="img" aria-label=(words) {
            div class=(class("passport", "")) {
                span.name { "You, with recipe-walk" } " → " span.name { "Systems Manager" }
                small {
                    "carries commands to the instance, keeps two secrets; the instance asks for work, nothing comes in"
                }
            }
            div.down aria-hidden="true" { "↓" }
            div.vpc {
                span.tag { "VPC " (version(report, "VPC")) ", subnets in two zones or more" }
                div.two-col { (app) (wires) (engines) }
            }
        }
    }
}
