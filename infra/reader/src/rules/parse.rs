//! Rules as people write them: in an option of the command line, in an address of a page.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::threshold::WHOLE;
use super::{Level, Mark, Rules, Threshold, WindowRule};

/// The longest length that is taken: no session lasts longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The most characters that a letter for a mark may have.
const MAX_LETTER_CHARS: usize = 4;

/// The names of marks that can have another letter.
const MARK_NAMES: [&str; 7] = ["present", "late", "partial", "left early", "absent", "excused", "not known"];

/// What is wrong with a rule as it was written: a sentence that says what to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// Neither a share nor a length.
    #[error("This is no share and no length: write for instance 75%, 66.7%, 45m, 1h30m or 90s.")]
    Threshold,
    /// A share of more than all.
    #[error("A share is from 0% to 100%, with at most three places after the point.")]
    Share,
    /// No length, or too long a one.
    #[error("This is no length: write for instance 45m, 1h30m or 90s, at most 168h.")]
    Length,
    /// No two times of the day.
    #[error(
        "This is no planned time: write for instance 10:00-11:00; an end before the start is on the next day."
    )]
    Planned,
    /// No letters for marks.
    #[error(
        "These are no letters for marks: write for instance absent=N,late=T. The marks are present, late, partial, \
         left-early, absent, excused and not-known, and a letter has at most four characters."
    )]
    Letters,
    /// Letters by which levels cannot be told apart.
    #[error(
        "Two marks have the same letter, where Excel takes large and small ones for the same: give each of present, partial, absent, \
         excused and not-known its own. Without others they are P (late L, left early D), H, A, E and ?."
    )]
    SameLetters,
    /// Absent below more than that from which somebody is present.
    #[error(
        "Somebody would be absent below more than from which somebody is present: the limit of absent is at most that of present."
    )]
    Order,
    /// No zone of the IANA database.
    #[error(
        "This is no time zone: write its name in the IANA database, for instance Europe/Amsterdam or UTC."
    )]
    Zone,
}

impl FromStr for Threshold {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text.trim().strip_suffix('%') {
            Some(share) => share_of(share.trim_end()).map(Self::Share),
            None => length(text).map(Self::Length).map_err(|_| RuleError::Threshold),
        }
    }
}

/// The thousandths of a percent in a number with at most three places after the point.
fn share_of(number: &str) -> Result<u32, RuleError> {
    let (whole, places) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(places) || whole.len() > 3 || places.len() > 3 {
        return Err(RuleError::Share);
    }
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| RuleError::Share);
    let share = number(whole)? * 1_000 + number(&format!("{places:0<3}"))?;
    if share <= WHOLE { Ok(share) } else { Err(RuleError::Share) }
}

/// A length in hours, minutes and seconds, each at most once and in that order: `45m`, `1h30m`, `90s`.
///
/// # Errors
/// It is none, or longer than a week.
pub fn length(text: &str) -> Result<SignedDuration, RuleError> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(RuleError::Length);
    }
    let mut seconds = 0;
    for (unit, unit_seconds) in [('h', 3_600), ('m', 60), ('s', 1)] {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        seconds += number.trim().parse::<u32>().map_err(|_| RuleError::Length).map(i64::from)? * unit_seconds;
        rest = after.trim_start();
    }
    let length = SignedDuration::from_secs(seconds);
    if rest.is_empty() && length <= LONGEST { Ok(length) } else { Err(RuleError::Length) }
}

/// A window from one time of the day to another, `10:00-11:00`; the second may be on the next day.
///
/// # Errors
/// One of them is no time, or both are the same.
pub fn planned(text: &str) -> Result<WindowRule, RuleError> {
    let (start, end) = text.split_once(['-', '–']).ok_or(RuleError::Planned)?;
    let time = |text: &str| text.trim().parse::<Time>().map_err(|_| RuleError::Planned);
    let (start, end) = (time(start)?, time(end)?);
    if start == end { Err(RuleError::Planned) } else { Ok(WindowRule::Daily(start, end)) }
}

/// Other letters for marks, `absent=N,late=T`, by the mark's name as it is in words.
///
/// # Errors
/// A mark is not known or there twice, a letter is empty, too long or no letter, or two levels have the same.
pub fn letters(text: &str) -> Result<BTreeMap<String, String>, RuleError> {
    let mut letters = BTreeMap::new();
    for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
        let (name, letter) = pair.split_once('=').ok_or(RuleError::Letters)?;
        let name = name.trim().to_lowercase().replace(['-', '_'], " ");
        let letter = letter.trim();
        let is_letter = (1..=MAX_LETTER_CHARS).contains(&letter.chars().count())
            && !letter.chars().any(|character| character.is_control() || "=+-@".contains(character));
        if !is_letter || !MARK_NAMES.contains(&name.as_str()) {
            return Err(RuleError::Letters);
        }
        if letters.insert(name, letter.to_owned()).is_some() {
            return Err(RuleError::Letters);
        }
    }
    if tell_levels_apart(&letters) { Ok(letters) } else { Err(RuleError::SameLetters) }
}

/// Whether no two levels have the same letter, also where large and small ones are the same: who was present may have that of
/// present, whether late or early.
fn tell_levels_apart(letters: &BTreeMap<String, String>) -> bool {
    let rules = Rules { letters: letters.clone(), ..Rules::default() };
    let flagged = [(true, false), (false, true), (true, true)].map(|(is_late, left_early)| Mark {
        level: Level::Present,
        is_late,
        left_early,
    });
    let levels =
        [Level::Present, Level::Partial, Level::Absent, Level::Excused, Level::Unknown].map(Mark::of);
    let mut level_of = BTreeMap::new();
    levels.into_iter().chain(flagged).all(|mark| {
        let of_letter = level_of.entry(rules.letter(mark).to_lowercase()).or_insert(mark.level);
        *of_letter == mark.level
    })
}

impl Rules {
    /// Looks whether the rules agree with each other.
    ///
    /// # Errors
    /// Absent is below more than that from which somebody is present, both as shares or both as lengths: a share and a length can
    /// only be compared in a session.
    pub fn check(&self) -> Result<(), RuleError> {
        let is_more = match (self.absent_below, self.present_after) {
            (Threshold::Share(absent), Threshold::Share(present)) => absent > present,
            (Threshold::Length(absent), Threshold::Length(present)) => absent > present,
            _ => false,
        };
        if is_more { Err(RuleError::Order) } else { Ok(()) }
    }
}

/// The time zone with this name in the IANA database.
///
/// # Errors
/// There is none.
pub fn zone(name: &str) -> Result<TimeZone, RuleError> {
    TimeZone::get(name.trim()).map_err(|_| RuleError::Zone)
}
