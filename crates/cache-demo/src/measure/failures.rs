//! Failures, counted by what they say.

use crate::error::Failure;
use recipe_walk_measurements::Message;

/// Different messages that are kept; a message that names something new each time must not fill the memory.
const MOST: usize = 8;

/// Counted failures.
#[derive(Debug, Clone, Default)]
pub struct Failures {
    counted: Vec<(Failure, u64)>,
    others: u64,
}

impl Failures {
    /// Counts one.
    pub fn add(&mut self, failure: Failure) {
        self.add_many(failure, 1);
    }

    /// Counts another phase's.
    pub fn merge(&mut self, other: &Self) {
        self.others += other.others;
        for (failure, count) in &other.counted {
            self.add_many(failure.clone(), *count);
        }
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.others + self.counted.iter().map(|(_, count)| count).sum::<u64>()
    }

    /// The most frequent one.
    pub fn usual(&self) -> Option<&Failure> {
        self.counted.iter().max_by_key(|(_, count)| *count).map(|(failure, _)| failure)
    }

    /// The messages, the most frequent first.
    pub fn messages(&self) -> Vec<Message> {
        let mut messages: Vec<Message> = self
            .counted
            .iter()
            .map(|(failure, count)| Message { what: failure.what.clone(), count: *count })
            .collect();
        messages.sort_by_key(|message| std::cmp::Reverse(message.count));
        if self.others > 0 {
            messages.push(Message { what: "Other errors.".to_owned(), count: self.others });
        }
        messages
    }

    fn add_many(&mut self, failure: Failure, count: u64) {
        let room = self.counted.len() < MOST;
        match self.counted.iter_mut().find(|(known, _)| known.what == failure.what) {
            Some((_, counted)) => *counted += count,
            None if room => self.counted.push((failure, count)),
            None => self.others += count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_counted_by_message_and_bounded() {
        let (mut failures, mut more) = (Failures::default(), Failures::default());
        for n in 0..20 {
            failures.add(Failure::usage(format!("{}", n.min(10)), "x"));
            more.add(Failure::usage("7", "x"));
        }
        failures.merge(&more);
        assert_eq!(failures.count(), 40);
        assert_eq!(failures.usual().map(|failure| failure.what.as_str()), Some("7"));
        let messages = failures.messages();
        assert_eq!((messages[0].count, messages.len()), (21, MOST + 1));
        assert_eq!(messages[MOST], Message { what: "Other errors.".to_owned(), count: 12 });
    }
}
