//! Who is one person in all of the archive, whatever sessions are chosen: so that a pseudonym is the same in every file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shared::model::comparable_id;

use crate::index::{Index, IndexError, SeriesQuery};
use crate::model::{Kind, Organizer, Record, Registration, Report, SeriesId};
use crate::people::{People, PersonKey, Registrations, Scope, Sighting, comparable_address};
use crate::rules::Rules;
use crate::session::{sessions_of, sightings};

/// The persons of an archive, each by an identifier that is the same wherever the person is.
pub(super) struct Persons<'a> {
    index: &'a Index,
    /// All of the archive, where somebody told who is the same person: the index does not know that.
    told: Option<People>,
    /// What was asked of the index already.
    seen: HashMap<String, Option<String>>,
    /// Those of the chosen events.
    of_events: BTreeMap<SeriesId, Vec<Registration>>,
    registrations: Registrations,
    /// Whom the registrations were that somebody came by, by event and id.
    came: HashMap<(String, String), String>,
}

impl<'a> Persons<'a> {
    /// Those of the archive in `index`, as the rules tell who is the same. `sessions` are those that are chosen.
    pub(super) fn of(index: &'a Index, sessions: &[Vec<Report>], rules: &Rules) -> Result<Self, IndexError> {
        let of_events = registrations_of(index, sessions)?;
        let mut persons = Self {
            index,
            told: told(index, rules)?,
            seen: HashMap::new(),
            registrations: known(&of_events),
            of_events,
            came: HashMap::new(),
        };
        for reports in sessions {
            persons.add_came(reports)?;
        }
        Ok(persons)
    }

    /// The registrations for an event, each with whom it means; `None` where it does not say.
    pub(super) fn registrants(
        &mut self,
        event: &SeriesId,
        tenant: &str,
    ) -> Result<Vec<(Registration, Option<String>)>, IndexError> {
        let of_event = self.of_events.get(event).cloned().unwrap_or_default();
        let with_person = |one: Registration| {
            let person = self.registrant(&one, event, tenant)?;
            Ok((one, person))
        };
        of_event.into_iter().map(with_person).collect()
    }

    /// Whom each record of a report means; `None` where it says nothing of that, as where somebody was erased.
    pub(super) fn of_report(
        &mut self,
        report: &Report,
        session: &str,
    ) -> Result<Vec<Option<String>>, IndexError> {
        let each: Vec<_> = self.sighted(report, session).into_iter().map(|(key, _)| key).collect();
        each.into_iter().map(|key| key.map(|key| self.identifier(&key, session)).transpose()).collect()
    }

    /// Who organized, by the id, else by the address.
    pub(super) fn organizer(
        &mut self,
        organizer: &Organizer,
        tenant: &str,
    ) -> Result<Option<String>, IndexError> {
        // A path may name a user by the principal name.
        let id = organizer.id.as_deref().filter(|id| !id.contains('@'));
        let address = organizer.address.as_ref().map(|address| address.shown()).or(organizer.id.as_deref());
        let key = id.and_then(|id| user(id, tenant)).or_else(|| address.and_then(by_address));
        key.map(|key| self.identifier(&key, "")).transpose()
    }

    /// Takes note of who came by which registration.
    fn add_came(&mut self, reports: &[Report]) -> Result<(), IndexError> {
        let session = first_report(reports);
        for report in reports.iter().filter(|report| report.series.kind != Kind::Meeting) {
            for (key, ids) in self.sighted(report, session) {
                let Some(key) = key.filter(|_| !ids.is_empty()) else { continue };
                let identifier = self.identifier(&key, session)?;
                for id in ids {
                    let came = self.came.entry((report.series.id.clone(), id));
                    came.or_insert_with(|| identifier.clone());
                }
            }
        }
        Ok(())
    }

    /// Of each record the key of whom it means, and the registrations that it names.
    fn sighted(&self, report: &Report, session: &str) -> Vec<(Option<PersonKey>, Vec<String>)> {
        let scope = Scope { report, session, registrations: &self.registrations };
        let of_record = |(place, record): (usize, &Record)| {
            let sighting = Sighting::of(record, place, scope);
            let says_nothing = record.id.is_none() && record.identity_id.is_none() && sighting.name.is_none();
            let is_nobody = says_nothing && matches!(sighting.key, PersonKey::Anonymous { .. });
            ((!is_nobody).then_some(sighting.key), sighting.registration_ids)
        };
        report.records.iter().enumerate().map(of_record).collect()
    }

    pub(super) fn registrant(
        &mut self,
        registration: &Registration,
        event: &SeriesId,
        tenant: &str,
    ) -> Result<Option<String>, IndexError> {
        let ids = [&registration.id, &registration.external_id].into_iter().flatten();
        let mut ids = ids.map(|id| comparable_id(id.trim()).into_owned()).filter(|id| !id.is_empty());
        if let Some(came) = ids.clone().find_map(|id| self.came.get(&(event.id.clone(), id))) {
            return Ok(Some(came.clone()));
        }
        let own =
            ids.next().map(|id| PersonKey::Registrant { event_id: event.id.clone(), registration_id: id });
        let user = registration.user_id.as_deref().and_then(|id| user(id, tenant));
        let address = registration.address.as_ref().and_then(|address| by_address(address.shown()));
        let keys: Vec<PersonKey> = [user, address, own].into_iter().flatten().collect();
        for key in &keys {
            if let Some(seen) = self.seen(key)? {
                return Ok(Some(seen));
            }
        }
        Ok(keys.first().map(PersonKey::to_string))
    }

    /// What the person of a key is known by. A telephone, or somebody anonymous, is somebody within the session only.
    fn identifier(&mut self, key: &PersonKey, session: &str) -> Result<String, IndexError> {
        match (key, &self.told) {
            (PersonKey::Phone { number, .. }, None) => Ok(format!("phone:{session}/{number}")),
            (PersonKey::Anonymous { record_id, .. }, None) => Ok(format!("anonymous:{session}/{record_id}")),
            _ => Ok(self.seen(key)?.unwrap_or_else(|| key.to_string())),
        }
    }

    /// The key of the person whom a key means; `None` where nobody was seen by it.
    fn seen(&mut self, key: &PersonKey) -> Result<Option<String>, IndexError> {
        if let Some(people) = &self.told {
            return Ok(told_number(people, key).map(|number| people.person(number).key.to_string()));
        }
        let key = key.to_string();
        if let Some(seen) = self.seen.get(&key) {
            return Ok(seen.clone());
        }
        let seen = self.index.key_of_person(&key)?;
        self.seen.insert(key, seen.clone());
        Ok(seen)
    }
}

/// The id of the first report of a session, within which telephones and anonymous ids mean somebody.
pub(super) fn first_report(reports: &[Report]) -> &str {
    let first = reports.iter().min_by_key(|report| (report.span.is_none(), report.span, &report.id));
    first.map_or("", |report| &report.id)
}

fn user(id: &str, tenant: &str) -> Option<PersonKey> {
    let [id, tenant_id] = [id, tenant].map(|text| text.trim().to_lowercase());
    (!id.is_empty()).then_some(PersonKey::User { tenant_id, id })
}

fn by_address(address: &str) -> Option<PersonKey> {
    comparable_address(address).map(PersonKey::Address)
}

/// All people of the archive, where the rules tell of some that they are the same.
fn told(index: &Index, rules: &Rules) -> Result<Option<People>, IndexError> {
    if rules.same.is_empty() {
        return Ok(None);
    }
    let sessions = sessions_of(index.reports(&SeriesQuery::default())?, rules);
    let registrations = known(&registrations_of(index, &sessions)?);
    let sightings: Vec<Sighting<'_>> =
        sessions.iter().flat_map(|reports| sightings(reports, &registrations)).collect();
    Ok(Some(People::of(&sightings, &rules.same)))
}

/// The number of the person of a key, else of the only one who has the address.
fn told_number(people: &People, key: &PersonKey) -> Option<usize> {
    people.number(key).or_else(|| match key {
        PersonKey::Address(address) => match people.with_address(address) {
            [one] => Some(*one),
            _ => None,
        },
        _ => None,
    })
}

fn registrations_of(
    index: &Index,
    sessions: &[Vec<Report>],
) -> Result<BTreeMap<SeriesId, Vec<Registration>>, IndexError> {
    let series = sessions.iter().flatten().map(|report| &report.series);
    let events: BTreeSet<&SeriesId> = series.filter(|series| series.kind != Kind::Meeting).collect();
    let of_event = |event: &SeriesId| Ok((event.clone(), index.registrations(event.kind, &event.id)?));
    events.into_iter().map(of_event).collect()
}

fn known(of_events: &BTreeMap<SeriesId, Vec<Registration>>) -> Registrations {
    Registrations::of(of_events.iter().flat_map(|(event, each)| each.iter().map(move |one| (event, one))))
}
