//! The receipt of a clean-up.

use crate::ui::Terminal;
use crate::ui::style::Paint;
use crate::ui::table::Table;
use crate::ui::text::{about, cell, dollars, moment, span, unpriced};
use recipe_walk_engine::cloud::{Leftover, Undone};
use recipe_walk_engine::receipt::{Item, REBUILT, Receipt};

impl Terminal {
    /// Shows a receipt.
    pub(crate) fn receipt(&self, receipt: &Receipt) {
        self.heading(&format!("Receipt of {}", receipt.session));
        if receipt.items.is_empty() {
            self.say("The session had made nothing.");
        } else {
            self.lines(&table(receipt).render(self.style()));
        }
        let estimate = format!("{} (estimate; {})", about(&receipt.cost), receipt.prices);
        self.prose(&if receipt.sandbox {
            format!("Cost: nothing, it was the sandbox. AWS would have billed {estimate}; a cache by the full hour.")
        } else {
            format!("Cost: {estimate}.")
        });
        if let Some(told) = unpriced(&receipt.cost) {
            self.remark(Paint::Warning, &told);
        }
        if receipt.rebuilt {
            self.prose(REBUILT);
        }
        self.left(receipt);
        if receipt.is_clean() {
            let text = "Nothing is left: an independent sweep by tag and by name found nothing.";
            for line in crate::ui::text::wrap(text, self.style().width, "") {
                self.tell(Paint::Good, &line);
            }
        }
    }

    /// Names what is left.
    pub(crate) fn left(&self, receipt: &Receipt) {
        for item in &receipt.items {
            if let Some(problem) = &item.problem {
                self.remark(Paint::Bad, &format!("Still there: {}: {problem}", item.what));
            }
        }
        for left in &receipt.left {
            self.remark(Paint::Bad, &told(left));
        }
        if let Some(problem) = &receipt.sweep_problem {
            self.remark(Paint::Bad, &format!("The sweep could not look: {problem}"));
        }
    }
}

/// What a sweep has found, with what it costs.
fn told(left: &Leftover) -> String {
    let Leftover { kind, id, by, hourly, .. } = left;
    let cost = match hourly {
        None => "the price table does not tell what it costs".to_owned(),
        Some(0.0) => "it costs nothing by itself".to_owned(),
        Some(rate) => format!("about {} an hour", dollars(*rate)),
    };
    if by == Leftover::TAG_ALONE {
        return format!(
            "Not deleted: {kind} {id} ({cost}) carries the session's tag and another name, so it may be somebody \
             else's. If it is yours, delete it yourself."
        );
    }
    format!("Left, found by its {by}: {kind} {id} ({cost})")
}

/// Each resource with its end, its life and its cost.
pub(crate) fn table(receipt: &Receipt) -> Table {
    let cost = if receipt.sandbox { "On AWS>" } else { "Cost>" };
    let mut table = Table::new(&["Resource", "Gone at", "Lived>", cost]);
    for item in &receipt.items {
        table.row([item.what.clone(), gone(item), span(item.lived_seconds), cell(&item.cost)]);
    }
    table
}

fn gone(item: &Item) -> String {
    match (item.gone_at, item.how) {
        (Some(at), Some(Undone::NotOurs)) => format!("{} (not ours, left alone)", moment(at)),
        (Some(at), Some(Undone::AlreadyGone)) => format!("{} (was gone)", moment(at)),
        (Some(at), _) => moment(at),
        (None, _) => "still there".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::style::Style;
    use recipe_walk_engine::amount::Amount;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn a_receipt_is_readable_at_every_width() {
        let receipt = Receipt {
            session: "rw-abcdefgh".into(),
            items: vec![Item {
                name: "cache".into(),
                what: "redis replication group rw-abcdefgh-cache (2 nodes)".into(),
                gone_at: Some(jiff::Timestamp::UNIX_EPOCH),
                how: Some(Undone::Deleted),
                lived_seconds: 754.0,
                cost: Amount::of(0.034),
                problem: None,
            }],
            left: Vec::new(),
            sweep_problem: None,
            cost: Amount::of(0.034),
            prices: "USD".into(),
            sandbox: false,
            rebuilt: false,
        };
        for width in [60, 80, 120] {
            let text = table(&receipt).render(Style { width, unicode: true, ..Style::default() });
            assert!(text.lines().all(|l| l.width() <= width), "{text}");
            assert!(text.contains("12 min") && text.contains("$0.0340"), "{text}");
        }
    }
}
