//! How something that is there differs from what was planned.

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs: `family`, `TLS`, `tag recipe-walk:session`.
    pub what: String,
    /// As it was planned.
    pub planned: String,
    /// As it is.
    pub there: String,
    /// Why it matters, for a person; empty where it does not.
    pub matters: String,
    /// How to mend it, as a command or a sentence; empty where it may stay as it is.
    pub mend: String,
}

impl Difference {
    /// A difference that may stay.
    pub fn harmless(what: &str, planned: &str, there: &str) -> Self {
        Self {
            what: what.to_owned(),
            planned: planned.to_owned(),
            there: there.to_owned(),
            matters: String::new(),
            mend: String::new(),
        }
    }

    /// The same difference, when it must be mended before the thing can be adopted.
    #[must_use]
    pub fn must(mut self, matters: &str, mend: impl Into<String>) -> Self {
        matters.clone_into(&mut self.matters);
        self.mend = mend.into();
        self
    }

    /// Whether the thing cannot be adopted as it is.
    pub fn blocks(&self) -> bool {
        !self.mend.is_empty()
    }
}
