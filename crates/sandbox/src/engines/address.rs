//! Loopback addresses for engines: one each, so that every engine keeps the port that was asked for.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

/// How many addresses are tried with the port that was asked for, before another port is taken: a listener of
/// somebody else on 0.0.0.0 takes the port on every address (docs/aws.md, "Measured on one machine").
const TRIES: usize = 40;

/// Picks `count` distinct listening addresses for `port`, none of them `taken`.
///
/// On Linux every one is an address 127.x.y.z of its own; elsewhere only 127.0.0.1 answers, so the ports differ.
pub(super) fn pick(
    count: usize,
    port: u16,
    taken: &dyn Fn(SocketAddrV4) -> bool,
) -> io::Result<Vec<SocketAddrV4>> {
    if !cfg!(target_os = "linux") {
        return free_ports(count);
    }
    if let Some(found) = on_own_addresses(count, port, taken)? {
        return Ok(found);
    }
    // The port is taken everywhere, so all get another one, the same for all.
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    on_own_addresses(count, other, taken)?.ok_or_else(|| {
        io::Error::new(io::ErrorKind::AddrInUse, format!("no loopback address takes port {port} or {other}"))
    })
}

fn on_own_addresses(
    count: usize,
    port: u16,
    taken: &dyn Fn(SocketAddrV4) -> bool,
) -> io::Result<Option<Vec<SocketAddrV4>>> {
    let mut found = Vec::with_capacity(count);
    for _ in 0..TRIES + count {
        let candidate = SocketAddrV4::new(random_loopback()?, port);
        if taken(candidate) || found.contains(&candidate) {
            continue;
        }
        if TcpListener::bind(candidate).is_ok() {
            found.push(candidate);
            if found.len() == count {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

fn free_ports(count: usize) -> io::Result<Vec<SocketAddrV4>> {
    // All are held until all are known, so that they differ.
    let held: Vec<TcpListener> =
        (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<io::Result<_>>()?;
    held.iter()
        .map(|listener| Ok(SocketAddrV4::new(Ipv4Addr::LOCALHOST, listener.local_addr()?.port())))
        .collect()
}

/// An address that no resolver and no other program is likely to use: 127.64.0.1 to 127.254.254.254.
pub(crate) fn random_loopback() -> io::Result<Ipv4Addr> {
    let mut bytes = [0_u8; 3];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(Ipv4Addr::new(127, 64 + bytes[0] % 190, bytes[1] % 255, 1 + bytes[2] % 254))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn picks_distinct_addresses_with_the_port_asked_for() {
        let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind");
        let port = probe.local_addr().expect("address").port();
        drop(probe);
        let found = pick(4, port, &|_| false).expect("pick");
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 4);
        assert!(found.iter().all(|a| a.ip().is_loopback()));
        if cfg!(target_os = "linux") {
            assert!(found.iter().all(|a| a.port() == port));
        }
    }

    #[test]
    fn takes_another_port_when_somebody_listens_everywhere() {
        let everywhere = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("bind");
        let port = everywhere.local_addr().expect("address").port();
        let found = pick(2, port, &|_| false).expect("pick");
        assert!(found.iter().all(|a| a.port() != port));
        assert_eq!(found[0].port() == found[1].port(), cfg!(target_os = "linux"));
    }
}
