//! What a session costs: an estimate from a dated price table and the journal's times.

use crate::action::Action;
use crate::state::{Resource, State};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The price table, `assets/prices.toml`.
#[derive(Debug, Clone, Deserialize)]
pub struct Prices {
    /// Month the prices were read, `2026-09`.
    pub date: String,
    /// Region they hold for.
    pub region: String,
    /// `USD`
    pub currency: String,
    /// Price of an hour by item.
    pub hourly: BTreeMap<String, f64>,
    /// Price of a GB-month by item.
    pub gb_month: BTreeMap<String, f64>,
}

/// Hours in a month, as AWS counts it.
const MONTH: f64 = 730.0;

impl Prices {
    /// Reads the table.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// What the thing costs an hour, in the table's currency; nothing for what is free or not in the table.
    pub fn per_hour(&self, action: &Action) -> f64 {
        let hourly = |item: &str| self.hourly.get(item).copied().unwrap_or(0.0);
        let month = |item: &str| self.gb_month.get(item).copied().unwrap_or(0.0) / MONTH;
        match action {
            Action::ReplicationGroup { node_type, engine, nodes, .. } => {
                hourly(&format!("{node_type}.{engine}")) * f64::from(*nodes)
            }
            Action::DbInstance { class, storage_gb, .. } => {
                hourly(class) + month("rds.gp3") * f64::from(*storage_gb)
            }
            // The AMI's root volume has 8 GB, and the default subnet gives a public IPv4 address.
            Action::Instance { instance_type, .. } => {
                hourly(instance_type) + hourly("public-ipv4") + month("ebs.gp3") * 8.0
            }
            _ => 0.0,
        }
    }

    /// What one resource has cost by the time given. Billing rules: AWS-FACTS section 7.
    pub fn of(&self, resource: &Resource, now: Timestamp) -> f64 {
        if resource.output.is_none() && resource.gone_at.is_none() {
            return 0.0;
        }
        let hours = lived_seconds(resource, now) / 3600.0;
        let billed = match resource.planned.action {
            Action::ReplicationGroup { .. } => hours.ceil().max(1.0),
            Action::DbInstance { .. } => hours.max(1.0 / 6.0),
            _ => hours,
        };
        billed * self.per_hour(&resource.planned.action)
    }

    /// What the session has cost so far.
    pub fn so_far(&self, state: &State, now: Timestamp) -> f64 {
        state.resources.iter().map(|r| self.of(r, now)).sum()
    }

    /// What it goes on costing an hour.
    pub fn going_rate(&self, state: &State) -> f64 {
        state.remaining().map(|r| self.per_hour(&r.planned.action)).sum()
    }
}

/// How long a resource has lived, in seconds.
pub fn lived_seconds(resource: &Resource, now: Timestamp) -> f64 {
    resource.gone_at.unwrap_or(now).duration_since(resource.since).as_secs_f64().max(0.0)
}
