//! A long list by two threads: a page of a session of thousands of people is waited for.

use std::panic::resume_unwind;
use std::thread;

/// From how many items on a second thread is worth while.
const MANY: usize = 2_000;

/// What is made of each item, in their order; of many by two threads at the same time.
pub(crate) fn map_by_two<T: Send, R: Send>(mut items: Vec<T>, make: impl Fn(T) -> R + Sync) -> Vec<R> {
    if items.len() < MANY {
        return items.into_iter().map(make).collect();
    }
    let second = items.split_off(items.len() / 2);
    let mut made = Vec::with_capacity(items.len() + second.len());
    thread::scope(|scope| {
        let second = scope.spawn(|| second.into_iter().map(&make).collect::<Vec<R>>());
        made.extend(items.into_iter().map(&make));
        made.extend(second.join().unwrap_or_else(|panic| resume_unwind(panic)));
    });
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_order_however_long_it_is() {
        for length in [0, 1, MANY - 1, MANY, 2 * MANY + 1] {
            let doubled = map_by_two((0..length).collect(), |number| number * 2);
            assert_eq!(doubled, (0..length).map(|number| number * 2).collect::<Vec<_>>());
        }
    }
}
