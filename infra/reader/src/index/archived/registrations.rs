//! Who has registered for a webinar or town hall: the list of all, or one registration.

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::model::{comparable_id, unwrapped};
use shared::ports::store::Metadata;

use super::members::{shown, text_of};
use super::report::external;
use super::{Place, Target, decoded, instant, is_erased};
use crate::text::Text;

/// A registration as a row.
pub(in crate::index) struct Registration {
    pub(in crate::index) kind: String,
    pub(in crate::index) series: String,
    pub(in crate::index) event_id: String,
    pub(in crate::index) id: Option<String>,
    pub(in crate::index) user_id: Option<String>,
    pub(in crate::index) first_name: Option<Text>,
    pub(in crate::index) last_name: Option<Text>,
    pub(in crate::index) address: Option<Text>,
    pub(in crate::index) status: Option<String>,
    pub(in crate::index) registered_at: Option<i64>,
    pub(in crate::index) canceled_at: Option<i64>,
    pub(in crate::index) external_id: Option<String>,
    pub(in crate::index) referrer: Option<String>,
    pub(in crate::index) is_listed: bool,
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Members<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    user_id: Option<&'a RawValue>,
    first_name: Option<&'a RawValue>,
    last_name: Option<&'a RawValue>,
    email: Option<&'a RawValue>,
    status: Option<&'a RawValue>,
    registration_date_time: Option<&'a RawValue>,
    cancelation_date_time: Option<&'a RawValue>,
    external_registration_information: Option<&'a RawValue>,
}

impl Registration {
    /// Reads the registrations at `key`: each of the list of all, or the one.
    ///
    /// # Errors
    /// Why they are none, without what they hold.
    pub(in crate::index) fn read_all(
        key: &str,
        body: &[u8],
        metadata: &Metadata,
    ) -> Result<Vec<Self>, &'static str> {
        let place = Place::of(key).ok_or("its key is not like those of registrations")?;
        let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
        let by_path = metadata.get("source").and_then(|source| Target::of_path(source));
        let segment = place.rest.strip_suffix(".json").unwrap_or(place.rest);
        let (event, is_listed) = segment.split_once('/').map_or((segment, true), |(event, _)| (event, false));
        let event_id = by_path.map(|target| target.event_id).or_else(|| decoded(metadata, "event-id"));
        let event_id = event_id.unwrap_or_else(|| event.to_owned());
        let each = if is_listed {
            let list: List<'_> = serde_json::from_str(text).map_err(|_| "it is no list of registrations")?;
            list.value
        } else {
            vec![serde_json::from_str(unwrapped(text)).map_err(|_| "it is no registration")?]
        };
        let each = each.into_iter().filter(|one| !is_erased(one));
        Ok(each.map(|one| Self::of(one, (place.kind, &event_id), is_listed)).collect())
    }

    fn of(registration: &RawValue, (kind, event_id): (&str, &str), is_listed: bool) -> Self {
        let members: Members<'_> = super::members::object(Some(registration));
        let time = |member| shown(member).and_then(|text| instant(&text));
        let (external_id, referrer) = external(members.external_registration_information);
        Self {
            kind: kind.to_owned(),
            series: comparable_id(event_id).into_owned(),
            event_id: event_id.to_owned(),
            id: shown(members.id),
            user_id: shown(members.user_id),
            first_name: text_of(members.first_name),
            last_name: text_of(members.last_name),
            address: text_of(members.email),
            status: shown(members.status),
            registered_at: time(members.registration_date_time),
            canceled_at: time(members.cancelation_date_time),
            external_id,
            referrer,
            is_listed,
        }
    }
}
