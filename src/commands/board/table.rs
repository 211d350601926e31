//! The board as a person sees it.

use crate::commands::board::look::{Look, Row};
use crate::ui::style::{Paint, Style};
use crate::ui::table::Table;
use crate::ui::text::{dollars, moment, since, span};
use crate::ui::{self, Terminal};
use jiff::Timestamp;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::standing::Standing;
use recipe_walk_engine::typed;

/// Rows that the table does not need for people: head, foot, the prompt below.
const FRAME: usize = 9;

/// The whole of it, as one text. Where it is drawn again every so many seconds, it keeps to the screen.
pub(super) fn draw(look: &Look, several: bool, every: Option<u64>, terminal: &Terminal) -> String {
    let style = terminal.style();
    let all = &look.attendees;
    let stuck = all.iter().filter(|r| r.attendee.stuck.is_some()).count();
    let walked = all.iter().filter(|r| r.attendee.standing == Standing::Walked).count();
    let cleaning = all.iter().filter(|r| r.attendee.standing == Standing::CleaningUp).count();
    let expired = all.iter().filter(|r| r.attendee.expired).count();
    let cost: f64 = all.iter().filter_map(|r| r.cost_estimate).sum();
    let heading = format!(
        "Class {}: {} {}, {stuck} need help, {walked} done, {cleaning} cleaning up, {expired} expired, about {}",
        look.cohort,
        all.len(),
        if all.len() == 1 { "session" } else { "sessions" },
        dollars(cost)
    );
    let mut lines = in_lines(&heading, Paint::Heading, style);
    // Each who needs help takes a line below the table too.
    let room = every.map_or(usize::MAX, |_| {
        let helped = stuck.min(ui::rows() / 4);
        ui::rows().saturating_sub(FRAME + helped).max(5)
    });
    let narrow = every.is_some() && style.width < if several { 100 } else { 75 };
    let mut table = Table::new(match (several, narrow) {
        (true, true) => &["Who", "Session", "Where", "Step", "For>", "Expires>"][..],
        (false, true) => &["Who", "Session", "Step", "For>", "Expires>"][..],
        (true, false) => &["Who", "Session", "Where", "Step", "For>", "Cost>", "Expires>"][..],
        (false, false) => &["Who", "Session", "Step", "For>", "Cost>", "Expires>"][..],
    });
    for row in all.iter().take(room) {
        table.row(cells(row, (several, narrow), look.at, every.map(|_| style.width)));
    }
    if all.is_empty() {
        lines.push("Nobody has begun yet: a session shows once it has made something.".into());
    } else {
        lines.push(table.render(style));
    }
    if let Some(rest) = all.len().checked_sub(room).filter(|n| *n > 0) {
        lines.push(format!("… and {rest} more; all of them with --once or --json."));
    }
    let help = if every.is_some() { ui::rows() / 4 } else { usize::MAX };
    for row in all.iter().take(help) {
        let Some(why) = &row.attendee.stuck else { break };
        let line = format!("{} {}: {why}", row.attendee.owner, row.attendee.session);
        // The whole error is in the session's status; here it must not push everybody else off the screen.
        let line = if every.is_some() { ui::text::clip(line.trim(), style.width) } else { line };
        lines.extend(in_lines(&line, Paint::Bad, style));
    }
    for trouble in &look.troubles {
        lines.extend(in_lines(&format!("{}: {}", trouble.place, trouble.problem), Paint::Bad, style));
    }
    if let Some(row) = all.iter().find(|r| r.attendee.stuck.is_some()) {
        let command = typed!("recipe-walk status {} --remote", row.attendee.session).and(&flags(row));
        lines.push("Look at one without touching it:".into());
        lines.push(style.paint(Paint::Command, &format!("  {}", ui::called(&command))));
    }
    if let Some(every) = every {
        let text = format!("As of {}; again every {every} s. Ctrl-C ends.", moment(look.at));
        lines.push(style.paint(Paint::Faint, &text));
    }
    lines.join("\n")
}

/// Painted text in lines that fit.
fn in_lines(text: &str, paint: Paint, style: Style) -> Vec<String> {
    ui::text::wrap(text, style.width, "  ").iter().map(|line| style.paint(paint, line)).collect()
}

fn flags(row: &Row) -> Typed {
    match &row.profile {
        _ if row.sandbox => "--sandbox".into(),
        Some(profile) => typed!("--profile {} --region {}", profile, row.region),
        None => typed!("--aws --region {}", row.region),
    }
}

/// One row. On a screen that is drawn again each takes one line, or the count of lines would not fit.
fn cells(row: &Row, (several, narrow): (bool, bool), now: Timestamp, screen: Option<usize>) -> Vec<String> {
    let a = &row.attendee;
    let step = match a.standing {
        Standing::Walking => format!("{}/{} {}", a.number, a.total, a.title),
        Standing::Walked | Standing::CleaningUp | Standing::Closed => a.title.clone(),
    };
    let expires = match a.expires_at {
        None => "-".to_owned(),
        Some(_) if a.expired => "past".to_owned(),
        Some(at) => since(now, at),
    };
    let owner = if a.owner.is_empty() { "-" } else { &a.owner };
    let mark = if a.stuck.is_some() { "! " } else { "" };
    let fit = |text: String, width: usize| match screen {
        Some(_) => ui::text::clip(&text, width),
        None => text,
    };
    let mut cells = vec![fit(format!("{mark}{owner}"), 14), a.session.clone()];
    if several {
        let place = match &row.profile {
            Some(profile) if narrow => profile.clone(),
            Some(profile) => format!("{profile} {}", row.region),
            None => row.region.clone(),
        };
        cells.push(fit(place, if narrow { 9 } else { 16 }));
    }
    // What the other columns take at most, with their frames.
    let others = match (several, narrow) {
        (true, true) => 67,
        (false, true) => 58,
        (true, false) => 88,
        (false, false) => 69,
    };
    cells.extend([
        fit(step, screen.unwrap_or_default().saturating_sub(others).clamp(12, 60)),
        a.in_step_seconds.map_or("-".to_owned(), span),
    ]);
    if !narrow {
        // Left out where there is no room: the sum of the costs is in the heading.
        cells.push(row.cost_estimate.map_or("-".to_owned(), dollars));
    }
    cells.push(expires);
    cells
}
