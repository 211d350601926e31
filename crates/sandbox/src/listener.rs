//! Whose program listens at a loopback address: after a sandbox has died, anybody on this machine may take its port, and
//! would be told what a walk that goes on has to say.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::Ipv4Addr,
};

/// In the states of /proc/net/tcp.
const LISTEN: &str = "0A";
/// Bytes of a line of /proc/net/tcp.
const LINE: usize = 150;

/// Whether a program of ours listens at an endpoint, or none at all; that of another user is an error, which says whose.
/// Where the system does not tell, nothing is said against it. Whoever is about to connect must not go on from "none": the
/// next moment it may be anybody.
pub fn listener_is_ours(endpoint: &str) -> Result<bool, String> {
    let authority = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let Some((Ok(address), Ok(port))) = authority.split_once(':').map(|(a, p)| (a.parse(), p.parse())) else {
        return Ok(true);
    };
    let Ok(table) = File::open("/proc/net/tcp") else { return Ok(true) };
    let us = rustix::process::geteuid().as_raw();
    // A line at a time: asked for more, the kernel searches all its connections before it answers, for milliseconds.
    match whose(BufReader::with_capacity(LINE, table), address, port) {
        None => Ok(false),
        Some(user) if user == us => Ok(true),
        Some(user) => Err(format!("a program of user {user} listens at {authority}, and we are user {us}")),
    }
}

/// The user whose program takes connections to an address: who listens at this very address goes before who listens at
/// all of them, and several at one address are of one user.
fn whose(table: impl BufRead, address: Ipv4Addr, port: u16) -> Option<u32> {
    // The kernel writes the address as the number that it is in this machine's memory.
    let here = u32::from_ne_bytes(address.octets());
    let [exact, any] = [here, 0].map(|address| format!("{address:08X}:{port:04X}"));
    let mut of_any = None;
    for line in table.lines().map_while(Result::ok).skip(1) {
        let mut fields = line.split_ascii_whitespace();
        let (Some(local), Some(state), Some(user)) = (fields.nth(1), fields.nth(1), fields.nth(3)) else {
            continue;
        };
        if state != LISTEN {
            continue;
        }
        if local == exact {
            return user.parse().ok();
        }
        if local == any {
            of_any = user.parse().ok();
        }
    }
    of_any
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
            line(any, 4713, "0A", 1004),
            line(any, 4714, "0A", 1005),
            line(local, 4714, "0A", 1006),
        ]
        .concat();
        let of = |port| whose(table.as_bytes(), Ipv4Addr::LOCALHOST, port);
        assert_eq!([of(4711), of(4712), of(4713), of(4715)], [Some(1000), Some(1002), Some(1004), None]);
        assert_eq!(of(4714), Some(1006), "the very address goes before all of them");
    }

    #[test]
    fn our_own_program_is_ours() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        if let Ok(table) = File::open("/proc/net/tcp") {
            let us = rustix::process::geteuid().as_raw();
            assert_eq!(whose(BufReader::new(table), Ipv4Addr::LOCALHOST, address.port()), Some(us));
        }
        let endpoint = format!("http://{address}");
        assert_eq!(listener_is_ours(&endpoint), Ok(true));
        assert_eq!(listener_is_ours("https://somewhere.example"), Ok(true));
        drop(listener);
        assert_eq!(listener_is_ours(&endpoint), Ok(cfg!(not(target_os = "linux"))));
    }
}
