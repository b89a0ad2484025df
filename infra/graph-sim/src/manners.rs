//! How the real Graph behaves beyond its pages, as people have seen it: switches, all off at first.

/// A way in which Graph was seen to behave. Each is one switch of the simulated Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manner {
    /// A calendar gives `onlineMeeting` only where `isOnlineMeeting` is selected, too.
    MeetingsHiddenUnlessSelected,
    /// A meeting that its organizer does not have is 404 "3004", where else the list is empty, and so are the reports
    /// of an id that no meeting has.
    UnknownMeetingsAreRefused,
    /// Asked for somebody else's meeting, Graph says 404 "Organizer Id mismatch".
    OrganizersAreMatched,
    /// An address 60 days after its meeting's last session is no longer found; its reports are, by the id.
    AddressesExpire,
    /// Every few calls one is refused without a reason: 401, 400, 403 or 400 "1026".
    SpuriousRefusals,
    /// The second page of a list is asked for with an expired token, once.
    PageTokensExpire,
    /// After the last page there is an empty one that links to itself.
    LastPageLinksToItself,
    /// Each second page of a list fails for ever.
    SecondPagesFail,
    /// Members that decide nothing are odd: counts as `2.0`, half an emoji in a title or a name, a date of null.
    OddMembers,
    /// Each list has an entry without an id.
    OddEntries,
    /// `organizer_v2` is null: only the address, or a participant, tells who organized a call.
    OrganizersAreUnnamed,
    /// Entries in the list of call records have no address, and the type "unknown".
    ListedCallsAreUnknown,
    /// The lists of webinars and town halls are empty: no access policy covers an organizer.
    EventsAreInvisible,
    /// Ids of meetings' organizers come in capitals.
    IdsInCapitals,
    /// An event's registrations are not listed (403), as where the consent that belongs to the event is lacking; each is
    /// given by its id.
    RegistrationsAreNotListed,
    /// What [`Self::AddressesExpire`] does to a meeting's address, and its id no longer finds it either: 404 "3004". Its
    /// reports stay. Nobody has told whether Graph does so.
    MeetingsExpire,
    /// Nobody may subscribe to an event's registrations (403). Not among [`Self::ALL`].
    RegistrationsAreNotNotified,
    /// A webinar that is asked for by its id comes as its schema has it, and not inside `value`, as its page shows it.
    WebinarsAreUnwrapped,
}

/// The entry without an id that each list has under [`Manner::OddEntries`], its last one.
pub const ODD_ENTRY: &str = r#"{"id":{"odd":true}}"#;

impl Manner {
    /// Every manner that a simulated tenant may be given, in no particular order: all but
    /// [`Self::WebinarsAreUnwrapped`], which a few tests set by themselves.
    pub const ALL: [Self; 16] = [
        Self::MeetingsHiddenUnlessSelected,
        Self::UnknownMeetingsAreRefused,
        Self::OrganizersAreMatched,
        Self::AddressesExpire,
        Self::SpuriousRefusals,
        Self::PageTokensExpire,
        Self::LastPageLinksToItself,
        Self::SecondPagesFail,
        Self::OddMembers,
        Self::OddEntries,
        Self::OrganizersAreUnnamed,
        Self::ListedCallsAreUnknown,
        Self::EventsAreInvisible,
        Self::IdsInCapitals,
        Self::RegistrationsAreNotListed,
        Self::MeetingsExpire,
    ];
}
