//! A service's part in the account: its names, and what it tells those who ask all services.

use super::{
    share::{Account, Attached, Quota, Use, Wanted},
    world::World,
};
use crate::model::{error::ApiError, status::ResourceStatus, tag::Tag};
use jiff::Timestamp;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock},
};

/// A service's part in the account.
pub(crate) struct Part {
    /// The name in the credential scope of signatures.
    pub(crate) name: &'static str,
    /// The prefix of its actions in policies.
    pub(crate) prefix: &'static str,
    /// Whether AWS has it too; the sandbox's own calls are neither recorded nor disturbed.
    pub(crate) of_aws: bool,
    /// Operations that need machines, and what is refused where AWS has none for them.
    pub(crate) machines: &'static [(&'static str, Exhausted)],
    pub(crate) quotas: &'static [Quota],
    /// What it tells the Resource Groups Tagging API; nothing where that does not cover it.
    pub(crate) tagged: Option<Tagged>,
    /// What a user created, for the status.
    pub(crate) resources: fn(&World, Timestamp) -> Vec<ResourceStatus>,
    /// What has an interface in the network.
    pub(crate) attached: fn(&World) -> Vec<Attached>,
    /// Whether something uses what a key stands for: a security group, a subnet, or an address.
    pub(crate) uses: fn(&World, &Use<'_>) -> bool,
    /// The engine that a resource's name stands for.
    pub(crate) engine_of: fn(&World, &str) -> Option<String>,
    /// Takes its part of a world back to how it was: AWS's services hear of new things with a delay.
    pub(crate) rewind: fn(&mut World, &World),
}

/// A refusal, given a parameter of the call by name.
pub(crate) type Exhausted = fn(&dyn Fn(&str) -> Option<String>) -> ApiError;

/// Names of resources with their tags: of all that are asked for, and perhaps of others.
pub(crate) type Tagged = fn(&World, &Account<'_>, &Wanted<'_>) -> Vec<(String, Vec<Tag>)>;

/// Every operation that AWS has, one service a line, from botocore's service models: what is listed here and not
/// implemented gets an honest answer, what is not listed gets AWS's.
const OPERATIONS: &str = include_str!("operations.txt");

/// The same by service, for every call looks there.
static TABLE: LazyLock<HashMap<&str, BTreeSet<&str>>> = LazyLock::new(|| {
    let lines = OPERATIONS.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(service, names)| (service, names.split(' ').collect())).collect()
});

impl Part {
    /// The part of a service of AWS that keeps nothing.
    pub(crate) const fn stateless(name: &'static str, prefix: &'static str) -> Self {
        Self {
            name,
            prefix,
            of_aws: true,
            machines: &[],
            quotas: &[],
            tagged: None,
            resources: nothing::resources,
            attached: nothing::attached,
            uses: nothing::uses,
            engine_of: nothing::engine_of,
            rewind: nothing::rewind,
        }
    }

    /// AWS's operation of this name, in words that last.
    pub(crate) fn operation(&self, name: &str) -> Option<&'static str> {
        TABLE.get(self.name)?.get(name).copied()
    }

    /// The operation that somebody meant who wrote it in another case.
    pub(crate) fn operation_like(&self, text: &str) -> Option<&'static str> {
        self.operations().find(|name| name.eq_ignore_ascii_case(text))
    }

    /// All operations that AWS has.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &'static str> {
        TABLE.get(self.name).into_iter().flatten().copied()
    }

    /// What is refused where AWS has no machine for an operation; nothing where it needs none.
    pub(crate) fn exhausted(&self, operation: &str) -> Option<Exhausted> {
        self.machines.iter().find(|(name, _)| *name == operation).map(|(_, exhausted)| *exhausted)
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The parts of all services.
#[derive(Clone, Debug)]
pub(crate) struct Parts(pub(crate) Arc<[&'static Part]>);

impl Parts {
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Part> {
        self.0.iter().copied()
    }

    /// Those of the services that AWS has too.
    pub(crate) fn of_aws(&self) -> impl Iterator<Item = &'static Part> {
        self.all().filter(|part| part.of_aws)
    }

    /// Everything that a user created.
    pub(crate) fn resources(&self, world: &World, now: Timestamp) -> Vec<ResourceStatus> {
        self.all().flat_map(|part| (part.resources)(world, now)).collect()
    }

    /// Everything that has an interface in the network.
    pub(crate) fn attached(&self, world: &World) -> Vec<Attached> {
        self.all().flat_map(|part| (part.attached)(world)).collect()
    }

    /// Whether any of them uses something.
    pub(crate) fn uses(&self, world: &World, what: &Use<'_>) -> bool {
        self.all().any(|part| (part.uses)(world, what))
    }
}

/// What a service says that has nothing to say.
pub(crate) mod nothing {
    use super::{Attached, ResourceStatus, Timestamp, Use, World};

    pub(crate) fn resources(_: &World, _: Timestamp) -> Vec<ResourceStatus> {
        Vec::new()
    }

    pub(crate) fn attached(_: &World) -> Vec<Attached> {
        Vec::new()
    }

    pub(crate) fn uses(_: &World, _: &Use<'_>) -> bool {
        false
    }

    pub(crate) fn engine_of(_: &World, _: &str) -> Option<String> {
        None
    }

    pub(crate) fn rewind(_: &mut World, _: &World) {}
}
