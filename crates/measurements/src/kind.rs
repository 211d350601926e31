//! The kinds of results.

use std::fmt;

/// A kind of result; each is of one subcommand of the demo, which has the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Both engines answer.
    Check,
    /// The database is filled.
    LoadData,
    /// Database and cache compared.
    Compare,
    /// Rising numbers of users.
    Load,
    /// TTL, hit ratio, memory, eviction.
    Patterns,
    /// A promotion under load.
    Failover,
    /// Many readers of one cold key.
    Stampede,
    /// Removing against replacing on a write.
    WriteThrough,
    /// A cold start against a warmed one.
    Warming,
    /// Who tells the caches that data has changed.
    Invalidation,
    /// Hits and staleness against TTL.
    TtlSweep,
    /// Which keys survive a full memory.
    Eviction,
}

impl Kind {
    /// All of them, in the order of a first visit.
    pub const ALL: [Self; 12] = [
        Self::Check,
        Self::LoadData,
        Self::Compare,
        Self::Load,
        Self::Patterns,
        Self::Failover,
        Self::Stampede,
        Self::WriteThrough,
        Self::Warming,
        Self::Invalidation,
        Self::TtlSweep,
        Self::Eviction,
    ];

    /// The name on the demo's command line, in results and in a recipe.
    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::LoadData => "load-data",
            Self::Compare => "compare",
            Self::Load => "load",
            Self::Patterns => "patterns",
            Self::Failover => "failover",
            Self::Stampede => "stampede",
            Self::WriteThrough => "write-through",
            Self::Warming => "warming",
            Self::Invalidation => "invalidation",
            Self::TtlSweep => "ttl-sweep",
            Self::Eviction => "eviction",
        }
    }

    /// Finds a kind by its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
