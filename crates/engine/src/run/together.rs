//! Futures that go on side by side, also such as borrow. The library for it, futures-util, is in the build already, but
//! without the feature that this needs: switching it on would compile the whole AWS SDK anew.

use crate::cloud::BoxFuture;
use std::future::poll_fn;
use std::task::Poll;

/// Waits for all of them and answers in their order; the first failure ends it.
pub async fn all<T, E>(futures: Vec<BoxFuture<'_, Result<T, E>>>) -> Result<Vec<T>, E> {
    let mut waiting: Vec<_> = futures.into_iter().map(Some).collect();
    let mut answers: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (slot, answer) in waiting.iter_mut().zip(&mut answers) {
            let Some(future) = slot else { continue };
            match future.as_mut().poll(context) {
                Poll::Ready(Ok(value)) => (*slot, *answer) = (None, Some(value)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
        }
        if waiting.iter().all(Option::is_none) { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await?;
    Ok(answers.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::all;
    use crate::cloud::BoxFuture;
    use tokio::sync::Barrier;

    #[tokio::test]
    async fn all_go_on_at_once_and_answer_in_order() {
        let barrier = &Barrier::new(3);
        let waits = [3, 1, 2].map(|n| -> BoxFuture<'_, Result<u8, ()>> {
            Box::pin(async move {
                barrier.wait().await;
                Ok(n)
            })
        });
        assert_eq!(all(waits.into()).await, Ok(vec![3, 1, 2]));
        assert_eq!(all(Vec::<BoxFuture<'_, Result<u8, ()>>>::new()).await, Ok(vec![]));
    }

    #[tokio::test]
    async fn the_first_failure_ends_the_wait() {
        let waits: Vec<BoxFuture<'_, Result<u8, &str>>> =
            vec![Box::pin(std::future::pending()), Box::pin(async { Err("no") })];
        assert_eq!(all(waits).await, Err("no"));
    }
}
