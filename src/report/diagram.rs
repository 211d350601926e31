//! The architecture, with what this session has really made drawn solid and the rest dashed. Boxes of the page itself, so
//! that it folds on a phone; the recipe's own picture in Markdown.

use super::chart::Safe;
use recipe_walk_engine::diagram::{Diagram, Ink};
use recipe_walk_engine::report::{Report, ResourceLine, StepState};

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

fn plan(report: &Report, name: &str) -> &'static str {
    if find(report, name).is_some() { "" } else { " plan" }
}

fn version(report: &Report, label: &str) -> String {
    report.facts.iter().find(|(l, _)| l == label).map(|(_, v)| v.clone()).unwrap_or_default()
}

fn setting<'a>(report: &'a Report, key: &str) -> &'a str {
    report.settings.get(key).map_or("", String::as_str)
}

/// The diagram, described in words for those who do not see it.
pub(super) fn html(report: &Report) -> String {
    // It is drawn for the recipe that comes with the program; what another one makes is in the table.
    if !report.steps.iter().any(|step| step.id == "replication-group") {
        return String::new();
    }
    let id = |name: &str, usual: &str| -> String {
        let found = find(report, name).and_then(|r| r.id.clone());
        Safe(&found.unwrap_or_else(|| usual.to_owned())).to_string()
    };
    let engine = super::chart::capital(setting(report, "cache_engine"));
    let cache = format!("{engine} {}", version(report, "Cache version"));
    let database = version(report, "Database version");
    let vpc = version(report, "VPC");
    let words = "The app instance, in a group of its own without inbound rules, asks the cache first, over port 6379 with \
                 TLS, and on a miss the database, over port 3306 with TLS. The cache is a primary with a replica in \
                 another zone. Systems Manager carries commands to the instance; nobody else comes in.";
    format!(
        r#"<div class="card arch" role="img" aria-label="{words}">
<div class="box{ssm}"><span class="name">You, with recipe-walk</span> &rarr; <span class="name">Systems Manager</span><small>carries commands to the instance, keeps two secrets; the instance asks for work, nothing comes in</small></div>
<div class="down" aria-hidden="true">&darr;</div>
<div class="vpc"><span class="tag">VPC {vpc}, subnets in two zones or more</span><div class="two-col">
<div class="box{app_group}"><span class="tag">group: app, no inbound rule<br>{app_sg}</span><div class="box{app}"><span class="name">App instance</span><small>{instance}</small><small>{kind}, Amazon Linux</small><small>runs the demo: cache-aside</small></div></div>
<div class="wires"><div class="wire"><b>1. ask first</b><i></i>6379, TLS<br>3. store the answer</div><div class="wire"><b>2. on a miss</b><i></i>3306, TLS</div></div>
<div class="right"><div class="box{cache_group}"><span class="tag">group: cache</span><div class="pair"><div class="box cachebox{cache_there}"><span class="name">Primary</span><small>{cache}</small></div><div class="box cachebox{cache_there}"><span class="name">Replica</span><small>another zone, takes over</small></div></div><small>{cache_id}, 2 × {node}</small></div>
<div class="box{db_group}"><span class="tag">group: db</span><div class="box dbbox{db_there}"><span class="name">MySQL {database}</span><small>database “shop”, {class}</small></div><small>{db_id}</small></div></div>
</div></div></div>"#,
        ssm = plan(report, "passport"),
        vpc = Safe(&vpc),
        app_group = plan(report, "app-group"),
        app_sg = id("app-group", ""),
        app = plan(report, "instance"),
        instance = id("instance", "not made"),
        kind = Safe(setting(report, "instance_type")),
        cache_group = plan(report, "cache-group"),
        cache_there = plan(report, "cache"),
        cache = Safe(cache.trim()),
        cache_id = id("cache", "not made"),
        node = Safe(setting(report, "cache_node_type")),
        db_group = plan(report, "db-group"),
        db_there = plan(report, "database"),
        database = Safe(&database),
        class = Safe(setting(report, "db_class")),
        db_id = id("database", "not made"),
    )
}
