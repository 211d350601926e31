//! Tests of single-flight, on tokio's stopped clock.

use super::*;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const LOAD: Duration = Duration::from_millis(50);

#[tokio::test(start_paused = true)]
async fn a_thousand_waiters_cause_one_load() {
    let flights = Arc::new(SingleFlight::new());
    let loads = Arc::new(AtomicU32::new(0));
    let mut tasks = Vec::new();
    for _ in 0..1000 {
        let (flights, loads) = (Arc::clone(&flights), Arc::clone(&loads));
        tasks.push(tokio::spawn(async move {
            let work = |_: Ticket<'_, u32>| async {
                tokio::time::sleep(LOAD).await;
                loads.fetch_add(1, Ordering::SeqCst) + 7
            };
            flights.run("k", flights.moment(), work).await
        }));
    }
    let mut leaders = 0;
    for task in tasks {
        let (value, role) = task.await.expect("no panic");
        assert_eq!(value, 7);
        leaders += u32::from(role == Role::Leader);
    }
    assert_eq!((loads.load(Ordering::SeqCst), leaders), (1, 1));
    assert!(flights.lock().flights.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_leader_hands_over() {
    let flights = Arc::new(SingleFlight::new());
    let leader = {
        let flights = Arc::clone(&flights);
        tokio::spawn(async move {
            flights.run("k", flights.moment(), |_| async { std::future::pending::<u32>().await }).await
        })
    };
    tokio::task::yield_now().await;
    let follower = {
        let flights = Arc::clone(&flights);
        tokio::spawn(async move { flights.run("k", flights.moment(), |_| async { 3 }).await })
    };
    tokio::task::yield_now().await;
    leader.abort();
    assert_eq!(follower.await.expect("no panic"), (3, Role::Leader));
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_flight_knows_it() {
    let flights = SingleFlight::new();
    let flight = flights.run("k", flights.moment(), |ticket| {
        let before = ticket.is_current();
        flights.forget("k");
        async move { before && !ticket.is_current() }
    });
    assert_eq!(flight.await, (true, Role::Leader));
}

#[tokio::test(start_paused = true)]
async fn who_missed_before_a_landing_is_told_to_look_again() {
    async fn look(ticket: Ticket<'_, bool>) -> bool {
        ticket.look_again
    }
    let flights = SingleFlight::new();
    let before = flights.moment();
    assert!(!flights.run("k", before, look).await.0);
    assert!(flights.run("k", before, look).await.0);
    assert!(!flights.run("other", before, look).await.0);
    assert!(!flights.run("k", flights.moment(), look).await.0);
}
