//! Integration tests: the real binary and library against a real redis-server and mariadbd, with TLS and passwords.
//! What a test claims about an engine it reads from that engine's own counters.

mod cache;
mod cli;
mod connections;
mod database;
mod engines;
mod experiments;
mod failover;
mod faults;
mod measurements;
mod proxy;
mod robust;
mod schema;
mod servers;
mod tls_proxy;
