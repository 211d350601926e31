//! A TCP proxy that can go silent: its connections stay open and carry nothing any more, as when a network drops packets.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A proxy on loopback; its threads end with the process.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    /// Connections opened before this one carry nothing.
    first_alive: Arc<AtomicU64>,
    opened: Arc<AtomicU64>,
}

impl Proxy {
    /// In front of a port.
    pub(crate) fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (first_alive, opened) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (alive, count) = (Arc::clone(&first_alive), Arc::clone(&opened));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", target))) else {
                    continue;
                };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().expect("a clone"), to.try_clone().expect("a clone"));
                    let alive = Arc::clone(&alive);
                    std::thread::spawn(move || carry(from, to, number, &alive));
                }
            }
        });
        Self { port, first_alive, opened }
    }

    /// All present connections go silent; new ones work.
    pub(crate) fn silence(&self) {
        self.first_alive.store(self.opened.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, number: u64, first_alive: &AtomicU64) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        // Swallowed: nobody is told that it did not arrive.
        if number >= first_alive.load(Ordering::SeqCst) && to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    if number >= first_alive.load(Ordering::SeqCst) {
        let _ = to.shutdown(std::net::Shutdown::Both);
    }
}
