//! The rules in words: a line beneath the title of a page, a picture or a file.

use jiff::SignedDuration;

use super::{Rules, Threshold, WindowRule};

impl Rules {
    /// The rules in one line: `Present from 75% (45 min) · absent below 10% (6 min) · late after 10 min · …`. The minutes of
    /// a share are those of a window of this length; `None` where windows differ.
    pub fn description(&self, window: Option<SignedDuration>) -> String {
        let threshold = |threshold| in_words(threshold, window);
        [
            format!("Present from {}", threshold(self.present_after)),
            format!("absent below {}", threshold(self.absent_below)),
            format!("late after {}", threshold(self.late_after)),
            format!("left early before the last {}", threshold(self.left_before)),
            self.window_in_words(),
        ]
        .join(" · ")
    }

    /// What the minutes are of, in words.
    pub fn window_in_words(&self) -> String {
        match self.window {
            WindowRule::Plan => "minutes within the planned time".to_owned(),
            WindowRule::Report => "minutes within the report's own time".to_owned(),
            WindowRule::Daily(start, end) => {
                format!("minutes within {} to {}", start.strftime("%H:%M"), end.strftime("%H:%M"))
            }
        }
    }

    /// The name of the zone, as people know it.
    pub fn zone_name(&self) -> String {
        self.zone.iana_name().unwrap_or("local time").to_owned()
    }
}

fn in_words(threshold: Threshold, window: Option<SignedDuration>) -> String {
    match (threshold, window) {
        (Threshold::Share(_), Some(window)) => {
            format!("{threshold} ({})", length_in_words(threshold.within(window)))
        }
        (Threshold::Share(_), None) => threshold.to_string(),
        (Threshold::Length(length), _) => length_in_words(length),
    }
}

/// A length in whole minutes, and the seconds that are left.
fn length_in_words(length: SignedDuration) -> String {
    match (length.as_secs() / 60, length.as_secs() % 60) {
        (minutes, 0) => format!("{minutes} min"),
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
