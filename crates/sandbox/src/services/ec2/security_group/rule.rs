//! A rule of a security group.

use crate::{
    model::{error::ApiError, tag::Tag},
    system::ids,
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rule {
    /// `sgr-…`
    pub id: String,
    /// Outgoing.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, a protocol number, or `-1` for all.
    pub protocol: String,
    /// The first port, -1 for all.
    pub from: i64,
    /// The last port, -1 for all.
    pub to: i64,
    /// The other side.
    pub peer: Peer,
    /// Free text.
    pub description: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// Whom a rule lets through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Peer {
    /// An IPv4 address range.
    V4(String),
    /// An IPv6 address range.
    V6(String),
    /// Everything that uses this security group.
    Group(String),
}

impl Rule {
    /// All protocols and ports.
    pub(crate) fn everything(egress: bool, peer: Peer) -> Self {
        let id = ids::resource("sgr");
        Self {
            id,
            egress,
            protocol: "-1".into(),
            from: -1,
            to: -1,
            peer,
            description: None,
            tags: Vec::new(),
        }
    }

    /// What every new group lets out.
    pub(crate) fn open_egress() -> Self {
        Self::everything(true, Peer::V4("0.0.0.0/0".into()))
    }

    /// Whether two rules say the same.
    pub(crate) fn same(&self, other: &Rule) -> bool {
        (self.egress, &self.protocol, self.from, self.to, &self.peer)
            == (other.egress, &other.protocol, other.from, other.to, &other.peer)
    }

    pub(crate) fn duplicate(&self) -> ApiError {
        let peer = match &self.peer {
            Peer::V4(text) | Peer::V6(text) | Peer::Group(text) => text,
        };
        let what = match self.protocol.as_str() {
            "tcp" | "udp" => {
                format!("{}, from port: {}, to port: {}", self.protocol.to_uppercase(), self.from, self.to)
            }
            "-1" => "ALL".to_owned(),
            other => format!("protocol: {other}"),
        };
        ApiError::bad(
            "InvalidPermission.Duplicate",
            format!("the specified rule \"peer: {peer}, {what}, ALLOW\" already exists"),
        )
    }
}

impl Rule {
    /// Whether it is about TCP connections to this port.
    pub(crate) fn covers_tcp(&self, port: u16) -> bool {
        self.protocol == "-1" || (self.protocol == "tcp" && (self.from..=self.to).contains(&i64::from(port)))
    }
}

impl Peer {
    /// Whether it is a range of addresses with this one in it.
    pub(crate) fn holds(&self, address: Ipv4Addr) -> bool {
        let Peer::V4(range) = self else { return false };
        range_of(range).is_some_and(|(first, last)| (first..=last).contains(&u32::from(address)))
    }

    /// Whether it is a range of addresses that shares one with `other`.
    pub(crate) fn touches(&self, other: &str) -> bool {
        let Peer::V4(range) = self else { return false };
        range_of(range)
            .zip(range_of(other))
            .is_some_and(|((first, last), (start, end))| first <= end && start <= last)
    }
}

/// The first and last address of a range such as `172.31.0.0/16`.
fn range_of(text: &str) -> Option<(u32, u32)> {
    let (address, length) = text.split_once('/')?;
    let first = u32::from(address.parse::<Ipv4Addr>().ok()?);
    let hosts = u32::MAX.checked_shr(length.parse().ok()?).unwrap_or(0);
    Some((first & !hosts, first | hosts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_ranges_hold_and_touch_others() {
        let range = |text: &str| Peer::V4(text.into());
        let inside = Ipv4Addr::new(172, 31, 5, 9);
        assert!(range("0.0.0.0/0").holds(inside) && range("172.31.0.0/16").holds(inside));
        assert!(range("172.31.5.9/32").holds(inside) && !range("172.31.5.8/32").holds(inside));
        assert!(!Peer::Group("sg-1".into()).holds(inside));
        assert!(
            range("172.31.16.0/20").touches("172.31.0.0/16") && !range("10.0.0.0/8").touches("172.31.0.0/16")
        );
    }

    #[test]
    fn ports_are_covered_by_protocol_and_range() {
        let mut rule = Rule::open_egress();
        assert!(rule.covers_tcp(6379));
        (rule.protocol, rule.from, rule.to) = ("tcp".into(), 6000, 6379);
        assert!(rule.covers_tcp(6379) && !rule.covers_tcp(6380));
        rule.protocol = "udp".into();
        assert!(!rule.covers_tcp(6379));
    }
}
