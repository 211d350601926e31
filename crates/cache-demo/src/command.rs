//! The subcommands.

/// A subcommand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Reach both engines.
    Check,
    /// Fill the database.
    LoadData,
    /// Compare database and cache.
    Compare,
    /// Rising numbers of users.
    Load,
    /// TTL, hit ratio, memory, eviction.
    Patterns,
    /// Load while somebody promotes the replica.
    Failover,
    /// A thousand waiters on one cold key.
    Stampede,
    /// Invalidating against replacing on a write.
    WriteThrough,
    /// A cold start against a warmed one.
    Warming,
    /// Who tells the caches that data has changed.
    Invalidation,
    /// Hit ratio and staleness against TTL.
    TtlSweep,
    /// Which keys survive a full memory under which policy.
    Eviction,
}

impl Command {
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

    /// The name on the command line and in results.
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

    /// Finds a command by its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }

    /// All names, for a message.
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}
