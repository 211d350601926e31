//! What a session makes, thing by thing, as its journal knows it.

use crate::action::{Output, Planned};
use crate::cloud::Undone;
use crate::failure::Failure;
use crate::transition::Status;
use jiff::Timestamp;
use std::collections::HashMap;
use std::ops::Deref;

/// One action as the journal knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The request, as last intended.
    pub planned: Planned,
    /// Where it stands.
    pub status: Status,
    /// What the service told, once it is there.
    pub output: Option<Output>,
    /// When it was made (or meant to be).
    pub since: Timestamp,
    /// When it was gone.
    pub gone_at: Option<Timestamp>,
    /// How it went.
    pub how: Option<Undone>,
    /// From when to when it was there before it was made anew.
    pub past: Vec<(Timestamp, Timestamp)>,
    /// The newest failure.
    pub failure: Option<Failure>,
}

impl Resource {
    /// From when to when it was there, once for each time it was made; what is there still is so until `now`.
    /// What was never made was never there.
    pub fn lives(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let made = self.output.is_some() || self.how == Some(Undone::Deleted);
        let newest = made.then(|| (self.since, self.gone_at.unwrap_or(now)));
        self.past.iter().copied().chain(newest)
    }

    /// It is to be made again, after it was gone or refused: what was before is its past.
    pub(crate) fn begin_anew(&mut self, at: Timestamp) {
        if let Some(gone) = self.gone_at {
            self.past = self.lives(gone).collect();
        }
        (self.since, self.gone_at, self.how) = (at, None, None);
    }
}

/// The actions of a session in the order of their first intention, found by name without a search.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    list: Vec<Resource>,
    places: HashMap<String, usize>,
}

impl Resources {
    /// The action of that name.
    pub fn named(&self, name: &str) -> Option<&Resource> {
        self.places.get(name).map(|place| &self.list[*place])
    }

    pub(crate) fn named_mut(&mut self, name: &str) -> Option<&mut Resource> {
        self.places.get(name).map(|place| &mut self.list[*place])
    }

    /// Adds one whose name is new.
    pub(crate) fn add(&mut self, resource: Resource) {
        self.places.insert(resource.planned.name.clone(), self.list.len());
        self.list.push(resource);
    }
}

impl Deref for Resources {
    type Target = [Resource];

    fn deref(&self) -> &[Resource] {
        &self.list
    }
}
