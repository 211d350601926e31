//! A polite request to stop: set by a signal, seen by every measurement, which then reports what it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long tasks may go on after the end was asked for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Cheap to clone; all clones see the same request.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks for the end.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the end was asked for.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits for tasks. Once the end is asked for, they get a moment to come to theirs, and are then ended.
    pub async fn join(&self, mut tasks: Vec<JoinHandle<()>>) {
        let all = async {
            for task in &mut tasks {
                // A user's task does not panic; one that did would only be missing from the tally.
                let _ = task.await;
            }
        };
        let patience = async {
            self.asked().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            biased;
            () = all => return,
            () = patience => {}
        }
        tasks.iter().for_each(JoinHandle::abort);
        while tasks.iter().any(|task| !task.is_finished()) {
            tokio::task::yield_now().await;
        }
    }

    async fn asked(&self) {
        while !self.is_requested() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for `work`, but gives up as soon as the end is asked for.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            value = work => Some(value),
            () = self.asked() => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn tasks_that_do_not_end_are_ended() {
        let stop = Stop::default();
        let begin = tokio::time::Instant::now();
        let hung = tokio::spawn(std::future::pending());
        let quick = tokio::spawn(tokio::time::sleep(Duration::from_secs(5)));
        let asking = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(10)).await;
            asking.request();
        });
        stop.join(vec![quick, hung]).await;
        let took = begin.elapsed();
        assert!(took >= Duration::from_secs(11) && took < Duration::from_millis(11_100), "{took:?}");
        // It only waits where nobody asked to stop.
        Stop::default().join(vec![tokio::spawn(tokio::time::sleep(Duration::from_mins(1)))]).await;
        assert!(begin.elapsed() >= Duration::from_secs(70));
    }
}
