//! Whose program listens at a loopback address: after a sandbox has died, anybody on this machine may take its port, and
//! would be told what a walk that goes on has to say.

use std::{fs, net::Ipv4Addr};

/// In the states of /proc/net/tcp.
const LISTEN: &str = "0A";

/// Whether a program of ours listens at an endpoint, or none at all; that of another user is an error, which says whose.
/// Where the system does not tell, nothing is said against it. Whoever is about to connect must not go on from "none": the
/// next moment it may be anybody.
pub fn listener_is_ours(endpoint: &str) -> Result<bool, String> {
    let authority = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let Some((Ok(address), Ok(port))) = authority.split_once(':').map(|(a, p)| (a.parse(), p.parse())) else {
        return Ok(true);
    };
    let Ok(table) = fs::read_to_string("/proc/net/tcp") else { return Ok(true) };
    let us = rustix::process::geteuid().as_raw();
    let all: Vec<u32> = listeners(&table, address, port).collect();
    match all.iter().find(|user| **user != us) {
        None => Ok(!all.is_empty()),
        Some(user) => Err(format!("a program of user {user} listens at {authority}, and we are user {us}")),
    }
}

/// The users whose programs take connections to an address.
fn listeners(table: &str, address: Ipv4Addr, port: u16) -> impl Iterator<Item = u32> {
    // The kernel writes the address as the number that it is in this machine's memory.
    let here = u32::from_ne_bytes(address.octets());
    let wanted = [here, 0].map(|address| format!("{address:08X}:{port:04X}"));
    table.lines().skip(1).filter_map(move |line| {
        let mut fields = line.split_ascii_whitespace();
        let (local, state, user) = (fields.nth(1)?, fields.nth(1)?, fields.nth(3)?);
        if state != LISTEN || !wanted.iter().any(|w| w == local) {
            return None;
        }
        user.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn only_listeners_of_this_address_count() {
        let [local, any, other] = [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED, Ipv4Addr::new(127, 0, 0, 2)]
            .map(|a| u32::from_ne_bytes(a.octets()));
        let line = |address: u32, port: u16, state: &str, user: u32| {
            format!(
                "   0: {address:08X}:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 {user:5}        0 1 1\n"
            )
        };
        let table = [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n".to_owned(),
            line(local, 4711, "0A", 1000),
            line(local, 4711, "01", 1001),
            line(local, 4712, "0A", 1002),
            line(other, 4711, "0A", 1003),
            line(any, 4711, "0A", 1004),
        ]
        .concat();
        assert_eq!(listeners(&table, Ipv4Addr::LOCALHOST, 4711).collect::<Vec<_>>(), [1000, 1004]);
    }

    #[test]
    fn our_own_program_is_ours() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
        let us = rustix::process::geteuid().as_raw();
        if cfg!(target_os = "linux") {
            assert_eq!(listeners(&table, Ipv4Addr::LOCALHOST, address.port()).collect::<Vec<_>>(), [us]);
        }
        let endpoint = format!("http://{address}");
        assert_eq!(listener_is_ours(&endpoint), Ok(true));
        assert_eq!(listener_is_ours("https://somewhere.example"), Ok(true));
        drop(listener);
        assert_eq!(listener_is_ours(&endpoint), Ok(cfg!(not(target_os = "linux"))));
    }
}
