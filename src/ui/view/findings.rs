//! What a look at the machine and the account found.

use crate::ui::style::Paint;
use crate::ui::{Terminal, called, text};
use recipe_walk_engine::finding::{Finding, Weight};

impl Terminal {
    /// One finding: what, why it matters, how to mend it.
    pub(crate) fn finding(&self, finding: &Finding) {
        let (paint, mark) = match finding.weight {
            Weight::Good => (Paint::Good, "ok  "),
            Weight::Note => (Paint::Warning, "note"),
            Weight::Blocking => (Paint::Bad, "miss"),
        };
        let mark = if self.style().plain { format!("{mark}:") } else { self.style().paint(paint, mark) };
        let width = self.style().width.saturating_sub(7);
        let line = format!("{}: {}", finding.what, finding.found);
        let indent = "       ";
        let mut lines = text::wrap(&line, width, "").into_iter();
        self.say(&format!("{mark} {}", lines.next().unwrap_or_default()));
        for line in lines.chain(text::wrap(&finding.why, width, "").into_iter().filter(|l| !l.is_empty())) {
            self.say(&format!("{indent}{line}"));
        }
        for command in &finding.mend {
            self.say(&format!("{indent}mend: {}", called(command)));
        }
    }

    /// A preflight's findings: those worth a word, and how many there were.
    pub(crate) fn preflight(&self, findings: &[Finding]) {
        let good = findings.iter().filter(|f| f.weight == Weight::Good).count();
        for finding in findings.iter().filter(|f| f.weight != Weight::Good) {
            self.finding(finding);
        }
        if !findings.is_empty() {
            let all = findings.len();
            self.say(&format!("  Looked before building: {good} of {all} checks are fine."));
        }
    }
}
