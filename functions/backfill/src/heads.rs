//! Objects of the archive without their bytes, several at once.

use std::future::ready;

use futures_util::{StreamExt, TryStreamExt, stream};
use shared::archive::LOOKS_AT_ONCE;
use shared::ports::store::{ObjectHead, ObjectStore, StoreError};

/// The objects at `keys` without their bytes, in the same order, but for those that are gone.
///
/// # Errors
/// The archive gave no answer, or refuses.
pub(crate) async fn heads(
    store: &dyn ObjectStore,
    keys: Vec<String>,
) -> Result<Vec<(String, ObjectHead)>, StoreError> {
    let heads = keys.into_iter().map(|key| async move {
        let head = store.head(&key).await?;
        Ok(head.map(|head| (key, head)))
    });
    // The first that fails ends it: all would be looked at again, and an outage has enough requests.
    stream::iter(heads).buffered(LOOKS_AT_ONCE).try_filter_map(|head| ready(Ok(head))).try_collect().await
}
