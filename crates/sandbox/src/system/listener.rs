//! Whose program listens at a loopback address: after a sandbox has died, anybody on this machine may take its port, and
//! would be told what a walk that goes on has to say.

use crate::system::socket::{self, Socket};
use std::{
    io,
    net::{Ipv4Addr, SocketAddrV4},
};

/// Whether a program of ours listens at an endpoint, or none at all; that of another user is an error, which says whose.
/// Where the system does not tell, nothing is said against it. Whoever is about to connect must not go on from "none": the
/// next moment it may be anybody.
pub fn listener_is_ours(endpoint: &str) -> Result<bool, String> {
    let authority = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let Some((Ok(address), Ok(port))) = authority.split_once(':').map(|(a, p)| (a.parse(), p.parse())) else {
        return Ok(true);
    };
    let Ok(table) = socket::table() else { return Ok(true) };
    let us = rustix::process::geteuid().as_raw();
    match whose(socket::read(table), SocketAddrV4::new(address, port)) {
        None => Ok(false),
        Some(user) if user == us => Ok(true),
        Some(user) => Err(format!("a program of user {user} listens at {authority}, and we are user {us}")),
    }
}

/// The user whose program takes connections to an address: who listens at this very address goes before who listens at
/// all of them, and several at one address are of one user.
fn whose(sockets: impl Iterator<Item = io::Result<Socket>>, wanted: SocketAddrV4) -> Option<u32> {
    let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, wanted.port());
    let mut of_any = None;
    for socket in sockets.map_while(Result::ok).filter(|socket| socket.listens) {
        if socket.address == wanted {
            return Some(socket.user);
        }
        if socket.address == any {
            of_any = Some(socket.user);
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
        let of = |port| whose(socket::read(table.as_bytes()), SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
        assert_eq!([of(4711), of(4712), of(4713), of(4715)], [Some(1000), Some(1002), Some(1004), None]);
        assert_eq!(of(4714), Some(1006), "the very address goes before all of them");
    }

    #[test]
    fn our_own_program_is_ours() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        if let Ok(table) = socket::table() {
            let us = rustix::process::geteuid().as_raw();
            let wanted = SocketAddrV4::new(Ipv4Addr::LOCALHOST, address.port());
            assert_eq!(whose(socket::read(table), wanted), Some(us));
        }
        let endpoint = format!("http://{address}");
        assert_eq!(listener_is_ours(&endpoint), Ok(true));
        assert_eq!(listener_is_ours("https://somewhere.example"), Ok(true));
        drop(listener);
        assert_eq!(listener_is_ours(&endpoint), Ok(cfg!(not(target_os = "linux"))));
    }
}
