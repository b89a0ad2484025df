//! The title of what was attended, as the archive keeps it.

use crate::archive::layout::ArtifactPlace;
use crate::model::{EventDescription, EventRef, ReportSource};
use crate::ports::store::{ObjectStore, StoreError};

/// The title of a source of reports, as far as the archive knows it: that of the meeting; of a session that of its webinar
/// or town hall, else its own. Personal data, never in a log.
///
/// # Errors
/// The archive refuses or does not answer.
pub async fn archived_title(
    store: &dyn ObjectStore,
    tenant_id: &str,
    source: &ReportSource,
) -> Result<Option<String>, StoreError> {
    for event in EventRef::of_source(source) {
        let object = store.get(ArtifactPlace::of_event(tenant_id, &event).current()).await?;
        let text = object.as_ref().and_then(|object| std::str::from_utf8(&object.body).ok());
        let description = text.and_then(|text| EventDescription::read(text).ok());
        if let Some(title) = description.as_ref().and_then(EventDescription::title) {
            return Ok(Some(title.to_owned()));
        }
    }
    Ok(None)
}
