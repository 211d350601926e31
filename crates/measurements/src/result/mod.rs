//! The results, one file a shape.

mod check;
mod compare;
mod experiment;
mod failover;
mod load;
mod load_data;
mod patterns;

pub use check::{Check, MysqlState, RedisState};
pub use compare::{Compare, Query, Style};
pub use experiment::{Experiment, Figure};
pub use failover::{Degraded, Event, Failover};
pub use load::{Histogram, Load, LoadRun, LoadSide, Stage};
pub use load_data::LoadData;
pub use patterns::{HitRatio, Memory, Patterns, Pressure, Ttl};

use crate::failure::Failure;
use crate::kind::Kind;
use crate::noise::Noise;
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// A result of any kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Measurement {
    /// Both engines answer.
    Check(Check),
    /// The database is filled.
    LoadData(LoadData),
    /// Database and cache compared.
    Compare(Compare),
    /// Rising numbers of users.
    Load(Box<Load>),
    /// TTL, hit ratio, memory, eviction.
    Patterns(Patterns),
    /// A promotion under load.
    Failover(Box<Failover>),
    /// Many readers of one cold key.
    Stampede(Experiment),
    /// Removing against replacing on a write.
    WriteThrough(Experiment),
    /// A cold start against a warmed one.
    Warming(Experiment),
    /// Who tells the caches that data has changed.
    Invalidation(Experiment),
    /// Hits and staleness against TTL.
    TtlSweep(Experiment),
    /// Which keys survive a full memory.
    Eviction(Experiment),
}

impl Measurement {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Check(_) => Kind::Check,
            Self::LoadData(_) => Kind::LoadData,
            Self::Compare(_) => Kind::Compare,
            Self::Load(_) => Kind::Load,
            Self::Patterns(_) => Kind::Patterns,
            Self::Failover(_) => Kind::Failover,
            Self::Stampede(_) => Kind::Stampede,
            Self::WriteThrough(_) => Kind::WriteThrough,
            Self::Warming(_) => Kind::Warming,
            Self::Invalidation(_) => Kind::Invalidation,
            Self::TtlSweep(_) => Kind::TtlSweep,
            Self::Eviction(_) => Kind::Eviction,
        }
    }

    /// Its main table; nothing for what is a sentence, or has nothing in it.
    pub fn table(&self) -> Option<Table> {
        let table = match self {
            Self::Check(check) => check.table(),
            Self::LoadData(_) => return None,
            Self::Compare(compare) => compare.table(),
            Self::Load(load) => load.sides(),
            Self::Patterns(patterns) => patterns.table(),
            Self::Failover(failover) => failover.table(),
            Self::Stampede(one)
            | Self::WriteThrough(one)
            | Self::Warming(one)
            | Self::Invalidation(one)
            | Self::TtlSweep(one)
            | Self::Eviction(one) => one.table(),
        };
        (!table.rows.is_empty()).then_some(table)
    }

    /// The experiment, where it is one.
    pub fn experiment(&self) -> Option<&Experiment> {
        match self {
            Self::Stampede(one)
            | Self::WriteThrough(one)
            | Self::Warming(one)
            | Self::Invalidation(one)
            | Self::TtlSweep(one)
            | Self::Eviction(one) => Some(one),
            Self::Check(_)
            | Self::LoadData(_)
            | Self::Compare(_)
            | Self::Load(_)
            | Self::Patterns(_)
            | Self::Failover(_) => None,
        }
    }

    /// How far its figures can be trusted; nothing where that is no question.
    pub fn noise(&self) -> Option<&Noise> {
        match self {
            Self::Check(_) | Self::LoadData(_) | Self::Patterns(_) => None,
            Self::Compare(one) => Some(&one.noise),
            Self::Load(one) => Some(&one.noise),
            Self::Failover(one) => Some(&one.noise),
            Self::Stampede(one)
            | Self::WriteThrough(one)
            | Self::Warming(one)
            | Self::Invalidation(one)
            | Self::TtlSweep(one)
            | Self::Eviction(one) => Some(&one.noise),
        }
    }

    /// What ended it before all of it was measured.
    pub fn error(&self) -> Option<&Failure> {
        match self {
            Self::Check(_) | Self::LoadData(_) | Self::Failover(_) => None,
            Self::Compare(one) => one.error.as_ref(),
            Self::Load(one) => one.error.as_ref(),
            Self::Patterns(one) => one.error.as_ref(),
            Self::Stampede(one)
            | Self::WriteThrough(one)
            | Self::Warming(one)
            | Self::Invalidation(one)
            | Self::TtlSweep(one)
            | Self::Eviction(one) => one.error.as_ref(),
        }
    }

    /// The same in a sentence.
    pub fn ended(&self) -> Option<String> {
        self.error().map(|error| format!("It ended before all of it was measured: {}", error.what))
    }
}
