use jiff::SignedDuration;

use super::*;

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

#[test]
fn a_threshold_is_read_as_people_write_it_and_written_back() {
    for (text, threshold) in [
        ("75%", Threshold::Share(75_000)),
        ("66.7%", Threshold::Share(66_700)),
        ("0%", Threshold::Share(0)),
        ("100%", Threshold::Share(100_000)),
        ("0.125%", Threshold::Share(125)),
        ("45m", Threshold::Length(minutes(45))),
        ("1h30m", Threshold::Length(minutes(90))),
        ("1m30s", Threshold::Length(SignedDuration::from_secs(90))),
        ("0m", Threshold::Length(minutes(0))),
    ] {
        assert_eq!(text.parse(), Ok(threshold), "{text}");
        assert_eq!(threshold.to_string(), text);
    }
    assert_eq!(" 90s ".parse(), Ok(Threshold::Length(SignedDuration::from_secs(90))));
    assert_eq!("2h 5m".parse(), Ok(Threshold::Length(minutes(125))));
    assert_eq!("75 %".parse(), Ok(Threshold::Share(75_000)));
}

#[test]
fn what_is_no_threshold_is_refused_with_a_sentence() {
    for odd in [
        "",
        "%",
        "75",
        "-5%",
        "101%",
        "1.2345%",
        "1.%",
        ".5%",
        "+5%",
        "45x",
        "5m1h",
        "-5m",
        "m",
        "169h",
        "٣%",
        "1e3%",
        "99999999999h",
    ] {
        let error = odd.parse::<Threshold>().unwrap_err();
        assert!(error.to_string().ends_with('.'), "{odd}: {error}");
    }
    assert_eq!(length("75%"), Err(RuleError::Length));
}

#[test]
fn exactly_on_a_threshold_counts_for_the_person() {
    let hour = minutes(60);
    let present = Threshold::Share(75_000);
    assert!(present.is_reached_by(minutes(45), hour));
    assert!(!present.is_reached_by(minutes(45) - SignedDuration::from_secs(1), hour));
    let third = Threshold::Share(33_333);
    assert!(!third.is_reached_by(SignedDuration::from_secs(1_199), hour));
    assert!(third.is_reached_by(minutes(20), hour));
    let late = Threshold::Length(minutes(10));
    assert!(!late.is_exceeded_by(minutes(10), hour));
    assert!(late.is_exceeded_by(SignedDuration::from_secs(601), hour));
}

#[test]
fn planned_times_and_letters_are_read() {
    let time = |hour, minute| jiff::civil::time(hour, minute, 0, 0);
    assert_eq!(planned("10:00-11:00"), Ok(WindowRule::Daily(time(10, 0), time(11, 0))));
    assert_eq!(planned(" 22:30 – 00:40"), Ok(WindowRule::Daily(time(22, 30), time(0, 40))));
    for odd in ["", "10:00", "10:00-10:00", "25:00-26:00", "10-11-12"] {
        assert_eq!(planned(odd), Err(RuleError::Planned), "{odd}");
    }
    let read = letters("absent=N, late=T,left-early=V,Not_Known=0").unwrap();
    let rules = Rules { letters: read, ..Rules::default() };
    let present = Mark::of(Level::Present);
    assert_eq!(rules.letter(Mark::of(Level::Absent)), "N");
    assert_eq!(rules.letter(Mark { is_late: true, left_early: true, ..present }), "TV");
    assert_eq!(rules.letter(Mark::of(Level::Unknown)), "0");
    assert_eq!(rules.letter(present), "P");
    for odd in
        ["absent", "absent=", "absent=N,absent=M", "here=N", "absent==1+1", "absent=Nobody", "late=\u{0}"]
    {
        assert_eq!(letters(odd), Err(RuleError::Letters), "{odd}");
    }
    assert_eq!(letters(""), Ok(BTreeMap::new()));
    assert_eq!(zone("Europe/Amsterdam").unwrap().iana_name(), Some("Europe/Amsterdam"));
    assert_eq!(zone("../etc/passwd"), Err(RuleError::Zone));
}

#[test]
fn letters_that_do_not_tell_levels_apart_are_refused() {
    for odd in [
        "absent=P",
        "absent=p",
        "partial=l",
        "late=A",
        "late=A,left-early=B,absent=ab",
        "excused=x,not-known=X",
    ] {
        assert_eq!(letters(odd), Err(RuleError::SameLetters), "{odd}");
    }
    for even in ["absent=P,present=A", "late=P,left-early=P", "absent=N"] {
        assert!(letters(even).is_ok(), "{even}");
    }
}

#[test]
fn absent_below_more_than_present_is_refused() {
    let of = |absent: &str, present: &str| {
        let (absent_below, present_after) = (absent.parse().unwrap(), present.parse().unwrap());
        Rules { absent_below, present_after, ..Rules::default() }.check()
    };
    assert_eq!(of("80%", "75%"), Err(RuleError::Order));
    assert_eq!(of("1h", "59m"), Err(RuleError::Order));
    for (absent, present) in [("75%", "75%"), ("10m", "75%"), ("50%", "1m"), ("0%", "0%")] {
        assert_eq!(of(absent, present), Ok(()), "{absent} {present}");
    }
}

#[test]
fn a_cell_shows_the_level_and_of_who_was_present_the_flags() {
    let flagged = |level, is_late, left_early| Mark { level, is_late, left_early };
    for (mark, letter, glyph, words) in [
        (Mark::of(Level::Present), "P", "✓", "present"),
        (flagged(Level::Present, true, false), "L", "◷", "late"),
        (flagged(Level::Present, false, true), "D", "←", "left early"),
        (flagged(Level::Present, true, true), "LD", "◷←", "late, left early"),
        (flagged(Level::Partial, true, true), "H", "◐", "partial"),
        (Mark::of(Level::Absent), "A", "✕", "absent"),
        (Mark::of(Level::Excused), "E", "–", "excused"),
        (Mark::of(Level::Unknown), "?", "?", "not known"),
    ] {
        assert_eq!((mark.letter(), mark.glyph(), mark.words()), (letter, glyph, words));
    }
    assert_eq!(flagged(Level::Partial, true, true).details(), "partial, late, left early");
}

#[test]
fn the_rules_are_told_in_a_line() {
    let rules = Rules::default();
    assert_eq!(
        rules.description(Some(minutes(60))),
        "Present from 75% (45 min) · absent below 10% (6 min) · late after 10 min · \
         left early before the last 10 min · minutes within the planned time"
    );
    assert!(rules.description(None).starts_with("Present from 75% · absent below 10% · "));
    let given = Rules { window: planned("10:00-11:00").unwrap(), ..Rules::default() };
    assert_eq!(given.window_in_words(), "minutes within 10:00 to 11:00");
    assert_eq!(rules.zone_name(), "UTC");
}
