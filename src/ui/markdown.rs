//! Markdown as lines for the terminal: headings, paragraphs, lists and code. Its marks become paint, or go: what a screen
//! reader or a log wants.

use crate::ui::style::{Paint, Style};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use unicode_width::UnicodeWidthStr as _;

/// The lines of a text, wrapped at the width.
pub(crate) fn markdown(style: &Style, text: &str) -> String {
    let mut page = Page::new(style);
    Parser::new(text).for_each(|event| page.take(event));
    page.flush();
    page.lines.join("\n")
}

/// What stands between two spaces: its parts, and whether each is strong.
type Word = Vec<(String, bool)>;

struct Page<'a> {
    style: &'a Style,
    lines: Vec<String>,
    /// The words of the paragraph that is being read.
    words: Vec<Word>,
    /// Whether the next text belongs to the last word.
    glued: bool,
    strong: usize,
    code: bool,
    /// The lists around it, each with its next number where it has numbers.
    lists: Vec<Option<u64>>,
    /// The mark of an item that has no line yet.
    marker: Option<String>,
}

impl<'a> Page<'a> {
    fn new(style: &'a Style) -> Self {
        Self {
            style,
            lines: Vec::new(),
            words: Vec::new(),
            glued: false,
            strong: 0,
            code: false,
            lists: Vec::new(),
            marker: None,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Paragraph) => self.block(),
            Event::End(TagEnd::Heading(_)) => self.heading(),
            Event::End(TagEnd::Paragraph | TagEnd::Item) => self.flush(),
            Event::Start(Tag::List(first)) => {
                self.flush();
                if self.lists.is_empty() {
                    self.block();
                }
                self.lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                self.lists.pop();
            }
            Event::Start(Tag::Item) => self.marker = Some(self.next_marker()),
            Event::Start(Tag::CodeBlock(_)) => {
                self.flush();
                self.block();
                self.code = true;
            }
            Event::End(TagEnd::CodeBlock) => self.code = false,
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong -= 1,
            Event::Text(text) if self.code => {
                for line in text.lines() {
                    self.lines.push(self.style.paint(Paint::Strong, &format!("    {line}")));
                }
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.read(&text, self.strong > 0);
            }
            Event::Code(text) => self.read(&text, true),
            Event::SoftBreak | Event::HardBreak => self.glued = false,
            // Everything else has no look of its own here; its text comes as text.
            _ => {}
        }
    }

    fn next_marker(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ if self.style.color => "• ".to_owned(),
            _ => "- ".to_owned(),
        }
    }

    fn read(&mut self, text: &str, strong: bool) {
        for (index, piece) in text.split(char::is_whitespace).enumerate() {
            self.glued &= index == 0;
            if piece.is_empty() {
                continue;
            }
            match self.words.last_mut().filter(|_| self.glued) {
                Some(word) => word.push((piece.to_owned(), strong)),
                None => self.words.push(vec![(piece.to_owned(), strong)]),
            }
            self.glued = true;
        }
    }

    /// Leaves a line free before what comes.
    fn block(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    fn heading(&mut self) {
        let words = std::mem::take(&mut self.words).into_iter().flatten();
        let text = words.map(|(text, _)| text).collect::<Vec<_>>().join(" ");
        self.glued = false;
        self.lines.push(if self.style.color {
            self.style.paint(Paint::Section, &text)
        } else {
            format!("{text}:")
        });
    }

    /// Sets the words that were read, between the margins.
    fn flush(&mut self) {
        self.glued = false;
        let words = std::mem::take(&mut self.words);
        let marker = self.marker.take().unwrap_or_default();
        if words.is_empty() && marker.is_empty() {
            return;
        }
        let margin = "  ".repeat(self.lists.len().saturating_sub(1)) + &marker;
        let mut line = margin.clone();
        let mut used = margin.width();
        let hanging = " ".repeat(if self.lists.is_empty() { 0 } else { used.max(2) });
        let mut empty = true;
        for word in words {
            let columns: usize = word.iter().map(|(text, _)| text.width()).sum();
            if !empty && used + 1 + columns > self.style.width {
                self.lines.push(std::mem::replace(&mut line, hanging.clone()));
                used = hanging.width();
            } else if !empty {
                line.push(' ');
                used += 1;
            }
            for (text, strong) in word {
                line += &if strong { self.style.paint(Paint::Strong, &text) } else { text };
            }
            used += columns;
            empty = false;
        }
        self.lines.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "## Why\n\nA **bold** word, **two**: `code`\nthat goes on.\n\n- one thing that is\n  long\n- two\n\n\
                        1. first\n2. second\n\n```\nx  y\n```\n";

    #[test]
    fn plain_text_has_no_marks_and_keeps_lists() {
        let wanted = "Why:\n\nA bold word, two:\ncode that goes on.\n\n- one thing that is\n  long\n- two\n\n1. first\n2. second\n\n    x  y";
        assert_eq!(markdown(&Style { width: 20, ..Style::default() }, TEXT), wanted);
    }

    #[test]
    fn marks_become_paint() {
        let painted =
            crate::ui::door::through(&markdown(&Style { width: 80, color: true, ..Style::default() }, TEXT));
        assert!(painted.starts_with("\u{1b}[96mWhy\u{1b}[0m\n\nA \u{1b}[1mbold\u{1b}[0m word,"), "{painted}");
        assert!(painted.contains("\n• one thing that is long\n• two\n"), "{painted}");
        assert!(!painted.contains('*') && !painted.contains('`'), "{painted}");
    }

    #[test]
    fn no_line_is_longer_than_the_width() {
        for width in [60, 80, 120] {
            let style = Style { width, ..Style::default() };
            let text = "word ".repeat(100) + "\n\n- " + &"item ".repeat(40);
            for line in markdown(&style, &text).lines() {
                assert!(line.width() <= width, "{line}");
            }
        }
    }
}
