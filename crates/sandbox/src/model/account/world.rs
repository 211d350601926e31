//! All that exists in the sandbox's account.

use super::table::{State, Stored};
use crate::services::{
    ec2::state::Ec2State, elasticache::state::State as ElastiCacheState, iam::state::IamState,
    rds::state::State as RdsState, ssm::state::SsmState,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The account id of every sandbox: twelve digits that AWS's own documentation uses, nobody's account.
const ACCOUNT: &str = "123456789012";
/// The region of every sandbox.
pub(crate) const REGION: &str = "us-east-1";

/// Rows that have changed: by table, then by number; null for one that is gone.
pub(crate) type Changes = BTreeMap<String, BTreeMap<u64, Value>>;

macro_rules! world {
    ($($service:ident: $state:ty),+ $(,)?) => {
        /// The state of every service. A copy costs nothing until it is changed.
        #[derive(Clone, Debug)]
        pub(crate) struct World {
            /// The twelve-digit account id.
            pub(crate) account: String,
            /// The only region there is.
            pub(crate) region: String,
            $(pub(crate) $service: $state,)+
        }

        impl World {
            /// Nothing at all, to be filled from a file.
            pub(crate) fn empty() -> Self {
                Self { account: ACCOUNT.into(), region: REGION.into(), $($service: <$state>::default(),)+ }
            }

            fn tables(&mut self) -> BTreeMap<String, &mut dyn Stored> {
                let mut all = BTreeMap::new();
                $(for (name, table) in self.$service.tables() {
                    all.insert(format!("{}.{name}", stringify!($service)), table);
                })+
                all
            }
        }
    };
}

world! {
    ec2: Ec2State,
    elasticache: ElastiCacheState,
    iam: IamState,
    rds: RdsState,
    ssm: SsmState,
}

impl World {
    /// A new account: a default VPC with three public subnets and a default security group, nothing else.
    pub(crate) fn fresh() -> Self {
        let mut world = Self { ec2: Ec2State::fresh(REGION), ..Self::empty() };
        world.changes();
        world
    }

    /// What has changed since the last time.
    pub(crate) fn changes(&mut self) -> Changes {
        let changes = self.tables().into_iter().map(|(name, table)| (name, table.changes()));
        let changed = changes.filter(|(_, rows)| !rows.is_empty());
        changed.map(|(name, rows)| (name, rows.into_iter().collect())).collect()
    }

    /// Everything.
    pub(crate) fn all(&self) -> Changes {
        let mut copy = self.clone();
        let all = copy.tables().into_iter().map(|(name, table)| (name, table.all()));
        all.map(|(name, rows)| (name, rows.into_iter().collect())).collect()
    }

    /// Takes a change from the file.
    pub(crate) fn apply(&mut self, changes: Changes) -> Result<(), String> {
        let mut tables = self.tables();
        for (name, rows) in changes {
            let table = tables.get_mut(&name).ok_or_else(|| format!("there is no table {name}"))?;
            for (number, row) in rows {
                table.apply(number, row).map_err(|error| format!("{name} {number}: {error}"))?;
            }
        }
        Ok(())
    }
}
