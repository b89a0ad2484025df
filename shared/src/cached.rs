//! What is read from elsewhere and kept for a while: keys that rotate.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::clock::Clock;

/// How long it is kept before it is read again.
const KEEP: SignedDuration = SignedDuration::from_mins(5);
/// How soon it is read again for what is not found in it: that may be new, or from a stranger who
/// makes us read.
const REREAD: SignedDuration = SignedDuration::from_secs(10);

/// A value that is kept between invocations.
pub struct Cached<T> {
    clock: Arc<dyn Clock>,
    read: Mutex<Option<Read<T>>>,
}

struct Read<T> {
    value: T,
    at: Timestamp,
}

impl<T> Cached<T> {
    /// Nothing is read yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, read: Mutex::default() }
    }

    /// What `look` finds in the value. What it does not find is looked for once more in a value that
    /// is read anew, unless that was just done.
    ///
    /// # Errors
    /// Those of `read`. What is found in the cached value is no error while it cannot be read again.
    pub async fn find<R, E>(
        &self,
        read: impl AsyncFnOnce() -> Result<T, E>,
        look: impl Fn(&T) -> Option<R>,
    ) -> Result<Option<R>, E> {
        let mut cached = self.read.lock().await;
        let now = self.clock.now();
        let found = cached.as_ref().and_then(|cached| look(&cached.value));
        let good_for = if found.is_some() { KEEP } else { REREAD };
        if cached.as_ref().is_some_and(|cached| now.duration_since(cached.at) < good_for) {
            return Ok(found);
        }
        match read().await {
            Ok(value) => Ok(look(&cached.insert(Read { value, at: now }).value)),
            Err(_) if found.is_some() => Ok(found),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;

    use super::*;

    #[derive(Default)]
    struct Seconds(AtomicI64);

    #[async_trait]
    impl Clock for Seconds {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
        }

        async fn sleep(&self, _: Duration) {}
    }

    #[tokio::test]
    async fn it_is_read_when_it_is_old_and_when_something_is_missing() {
        let clock = Arc::new(Seconds::default());
        let cached = Cached::new(clock.clone());
        let reads = Cell::new(0);
        let find = async |wanted: u32| {
            let read = async || -> Result<u32, ()> { Ok(reads.replace(reads.get() + 1)) };
            cached.find(read, |value| (*value == wanted).then_some(())).await.unwrap().is_some()
        };
        for (second, wanted, found, read) in [
            (0, 0, true, 1),
            (1, 9, false, 1),
            (10, 9, false, 2),
            (19, 9, false, 2),
            (300, 1, true, 2),
            (310, 2, true, 3),
        ] {
            clock.0.store(second, Ordering::Relaxed);
            assert_eq!((find(wanted).await, reads.get()), (found, read), "at {second} s");
        }
    }

    #[tokio::test]
    async fn what_is_known_stays_known_while_it_cannot_be_read() {
        let clock = Arc::new(Seconds::default());
        let cached = Cached::new(clock.clone());
        let find = async |answer: Result<u32, ()>, wanted: u32| {
            cached.find(async || answer, |value| (*value == wanted).then_some(())).await
        };
        assert_eq!(find(Err(()), 1).await, Err(()));
        assert_eq!(find(Ok(1), 1).await, Ok(Some(())));
        clock.0.store(1_000, Ordering::Relaxed);
        assert_eq!(find(Err(()), 1).await, Ok(Some(())));
        assert_eq!(find(Err(()), 2).await, Err(()));
    }
}
