//! Closing and opening an engine's ports without being in the way of its data (docs/aws.md, "Measured on one machine").
//!
//! `pidfd_getfd` gives a second handle of a child's listening socket, and `IP_MINTTL` on it makes the kernel drop every
//! packet that has not the highest hop count there is. Ordinary packets start at 64, so new connections time out as
//! they do at a security group, and established ones live on. It needs no privilege, takes less than a millisecond and
//! adds nothing to the data's way. Somebody who sends packets with that hop count on purpose gets through: it is a
//! lesson, not a wall; the wall is each engine's password.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::Pid;

/// Which addresses take new connections. An address that is not named does: so do the ones by which nodes replicate.
#[derive(Debug, Default)]
pub(super) struct PortGates(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    wanted: BTreeMap<SocketAddrV4, bool>,
    /// Processes that are told right now to listen elsewhere: a second handle would keep an address from being taken.
    moving: Vec<Pid>,
    hindrance: Option<String>,
}

impl PortGates {
    /// Sets which addresses take connections; whether that changed anything.
    pub(super) fn set(&self, wanted: BTreeMap<SocketAddrV4, bool>) -> bool {
        let mut inner = self.lock();
        let changed = inner.wanted != wanted;
        inner.wanted = wanted;
        changed
    }

    /// Brings a process's listening sockets in line with what is wanted.
    pub(super) fn sync(&self, pid: Pid) {
        let mut inner = self.lock();
        if inner.moving.contains(&pid) || inner.hindrance.is_some() {
            return;
        }
        // Under the lock, so that no handle outlives it and the newest wish is the one that holds.
        if let Err(error) = system::apply(pid, &inner.wanted) {
            inner.note(&error);
        }
    }

    /// Keeps handles off a process that is about to listen elsewhere, until [`PortGates::moved`].
    pub(super) fn moving(&self, pid: Pid) {
        self.lock().moving.push(pid);
    }

    /// The process listens where it should.
    pub(super) fn moved(&self, pid: Pid) {
        self.lock().moving.retain(|moving| *moving != pid);
        self.sync(pid);
    }

    /// Why nothing is enforced, where that is so.
    pub(super) fn hindrance(&self) -> Option<String> {
        self.lock().hindrance.clone()
    }

    /// Remembers what [`hindrance`] found.
    pub(super) fn hindered(&self, reason: Option<String>) {
        if let Some(reason) = reason {
            self.lock().note(&reason);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Said once: a machine that does not allow it will not begin to.
    fn note(&mut self, reason: &dyn std::fmt::Display) {
        if self.hindrance.is_none() {
            tracing::warn!(%reason, "security groups are kept but not enforced at the engines' ports");
            self.hindrance = Some(reason.to_string());
        }
    }
}

/// Why this machine does not let ports be closed; `None` where it does. Tried on a child that ends at once.
pub fn hindrance() -> Option<String> {
    system::probe().err().map(|error| error.to_string())
}

#[cfg(target_os = "linux")]
mod system {
    use crate::system::socket;
    use std::collections::BTreeMap;
    use std::fs;
    use std::io;
    use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
    use std::os::fd::{AsFd, AsRawFd as _};
    use std::process::{Command, Stdio};

    use rustix::fd::OwnedFd;
    use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

    /// The hop count that no packet has unless it was asked for.
    const CLOSED: libc::c_int = 255;

    /// Sets every listening socket of a process as wanted. A process that has ended has none.
    pub(super) fn apply(pid: Pid, wanted: &BTreeMap<SocketAddrV4, bool>) -> io::Result<()> {
        let listening = listening(wanted)?;
        if listening.is_empty() {
            return Ok(());
        }
        let Ok(entries) = fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())) else { return Ok(()) };
        let mut process = None;
        for entry in entries.flatten() {
            let Ok(target) = fs::read_link(entry.path()) else { continue };
            let inode =
                target.to_str().and_then(|t| t.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
            let Some(open) = inode.and_then(|inode: u64| listening.get(&inode)) else { continue };
            let Some(number) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else { continue };
            let hops = if *open { 0 } else { CLOSED };
            match set(&mut process, pid, number, hops) {
                // Closed meanwhile, or the process has ended.
                Err(error) if matches!(error.raw_os_error(), Some(libc::EBADF | libc::ESRCH)) => {}
                other => other?,
            }
        }
        Ok(())
    }

    fn set(process: &mut Option<OwnedFd>, pid: Pid, number: i32, hops: libc::c_int) -> io::Result<()> {
        let process = match process {
            Some(process) => process,
            None => process.insert(pidfd_open(pid, PidfdFlags::empty())?),
        };
        set_least_hops(handle(process, number)?, hops)
    }

    fn handle(process: &OwnedFd, number: i32) -> io::Result<OwnedFd> {
        Ok(pidfd_getfd(process, number, PidfdGetfdFlags::empty())?)
    }

    /// The sockets of this machine that listen at an address in question, by inode, and whether they are to be open.
    fn listening(wanted: &BTreeMap<SocketAddrV4, bool>) -> io::Result<BTreeMap<u64, bool>> {
        socket::read(socket::table()?)
            // The kernel lists what listens first.
            .take_while(|socket| socket.as_ref().map_or(true, |socket| socket.listens))
            .filter_map(|socket| {
                socket.map(|s| wanted.get(&s.address).map(|open| (s.inode, *open))).transpose()
            })
            .collect()
    }

    /// Sets `IP_MINTTL`, which no safe library offers.
    #[allow(unsafe_code)]
    fn set_least_hops(socket: impl AsFd, hops: libc::c_int) -> io::Result<()> {
        let size = std::mem::size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: the descriptor is borrowed and open for the whole call, and the kernel only reads `size` bytes from a
        // pointer to a value of exactly that size, which lives until the call returns.
        let done = unsafe {
            libc::setsockopt(
                socket.as_fd().as_raw_fd(),
                libc::IPPROTO_IP,
                libc::IP_MINTTL,
                std::ptr::from_ref(&hops).cast(),
                size,
            )
        };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Does to a child and to a socket of our own what [`apply`] does to an engine.
    pub(super) fn probe() -> io::Result<()> {
        set_least_hops(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, CLOSED)?;
        let mut child = Command::new("/bin/sh").args(["-c", "read line"]).stdin(Stdio::piped()).spawn()?;
        let outcome = pidfd_open(Pid::from_child(&child), PidfdFlags::empty())
            .map_err(io::Error::from)
            .and_then(|process| handle(&process, 0));
        drop(child.stdin.take());
        let _ = child.wait();
        outcome.map(drop)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn reads_the_kernels_addresses() {
            let listener = TcpListener::bind((Ipv4Addr::new(127, 9, 8, 7), 0)).expect("bind");
            let std::net::SocketAddr::V4(at) = listener.local_addr().expect("address") else {
                panic!("IPv4")
            };
            let found = listening(&BTreeMap::from([(at, true)])).expect("read");
            assert_eq!(found.values().copied().collect::<Vec<_>>(), [true]);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::collections::BTreeMap;
    use std::io;
    use std::net::SocketAddrV4;

    use rustix::process::Pid;

    pub(super) fn apply(_: Pid, _: &BTreeMap<SocketAddrV4, bool>) -> io::Result<()> {
        probe()
    }

    pub(super) fn probe() -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "only Linux lets the sandbox close an engine's port"))
    }
}
