//! Which engines can be reached: what the security groups say, worked out for the engines' addresses.
//!
//! In a VPC the peers are the network interfaces. Here every peer is a process of this machine, and all have loopback
//! addresses, so peers cannot be told apart by a packet. An engine's port therefore takes new connections while some
//! peer that exists could connect: an EC2 instance that was launched and is not terminated, one of whose own groups a
//! rule names or whose private address a rule's range holds, and whose groups let it out; or the machine itself, which
//! is where a person's own client runs, when a rule's range holds a loopback address as `0.0.0.0/0` does.

use crate::{
    model::account::{share::Attached, world::World},
    services::ec2::{
        instance::Instance,
        security_group::rule::{Peer, Rule},
    },
};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddrV4},
};

/// For every address of an engine whether it takes new connections.
pub(crate) fn addresses(
    world: &World,
    attached: &[Attached],
    now: Timestamp,
) -> BTreeMap<SocketAddrV4, bool> {
    let mut all = BTreeMap::new();
    for one in attached {
        let open = is_open(world, &one.security_groups, one.port, now);
        all.extend(one.endpoints.iter().map(|address| (*address, open)));
    }
    all
}

/// Whether anybody can reach `port` of something in these groups.
fn is_open(world: &World, groups: &[String], port: u16, now: Timestamp) -> bool {
    let rules = |ids: &[String], egress: bool| -> Vec<&Rule> {
        let found = ids.iter().filter_map(|id| world.ec2.group(id));
        found.flat_map(|g| &g.rules).filter(|r| r.egress == egress && r.covers_tcp(port)).collect()
    };
    let inbound = rules(groups, false);
    if inbound.is_empty() {
        return false;
    }
    let from_here = |rule: &&Rule| rule.peer.holds(Ipv4Addr::LOCALHOST);
    let alive = |i: &&Instance| !i.state(now).is_terminated();
    let lets_out = |i: &Instance| {
        // Private addresses of engines are not modelled: a range that touches the VPC is one that holds them.
        rules(&i.groups, true).iter().any(|rule| match &rule.peer {
            Peer::Group(id) => groups.contains(id),
            range => world.ec2.vpc(&i.vpc_id).is_some_and(|vpc| range.touches(&vpc.cidr)),
        })
    };
    inbound.iter().any(from_here)
        || world.ec2.instances.iter().filter(alive).any(|i| {
            let address = i.private_ip.parse().ok();
            lets_out(i)
                && inbound.iter().any(|rule| match &rule.peer {
                    Peer::Group(id) => i.groups.contains(id),
                    range => address.is_some_and(|address| range.holds(address)),
                })
        })
}
