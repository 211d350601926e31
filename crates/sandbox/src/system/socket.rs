//! This machine's TCP sockets, as /proc/net/tcp lists them: what listens first, then the connections. Linux only.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    net::{Ipv4Addr, SocketAddrV4},
};

/// Bytes of a line.
const LINE: usize = 150;
/// The state of a socket that takes connections.
const LISTEN: &str = "0A";

/// A socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Socket {
    /// Its own address.
    pub(crate) address: SocketAddrV4,
    /// Whether it takes connections.
    pub(crate) listens: bool,
    /// Whose program made it.
    pub(crate) user: u32,
    /// What a process has it open as.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    pub(crate) inode: u64,
}

/// The table. It is read a line at a time: asked for more, the kernel searches all its connections before it answers, for
/// milliseconds.
pub(crate) fn table() -> io::Result<impl BufRead> {
    Ok(BufReader::with_capacity(LINE, File::open("/proc/net/tcp")?))
}

/// The sockets of a table.
pub(crate) fn read(table: impl BufRead) -> impl Iterator<Item = io::Result<Socket>> {
    table.lines().skip(1).filter_map(|line| line.map(|line| socket(&line)).transpose())
}

fn socket(line: &str) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace();
    let (local, state) = (fields.nth(1)?, fields.nth(1)?);
    let (user, inode) = (fields.nth(3)?, fields.nth(1)?);
    Some(Socket {
        address: address(local)?,
        listens: state == LISTEN,
        user: user.parse().ok()?,
        inode: inode.parse().ok()?,
    })
}

/// `0100007F:18EB`: an address in the machine's byte order, and a port.
fn address(text: &str) -> Option<SocketAddrV4> {
    let (address, port) = text.split_once(':')?;
    let address = u32::from_str_radix(address, 16).ok()?;
    Some(SocketAddrV4::new(Ipv4Addr::from(address.to_ne_bytes()), u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_port_is_none() {
        assert_eq!(address("0100007F"), None);
        assert_eq!(address("0100007F:18EB").map(|a| a.port()), Some(6379));
    }
}
