//! A curve in a line of a list: 80 wide, 20 high.

use std::fmt::Write as _;

use askama::Template;

use crate::pictures::Px;

const WIDTH: f64 = 80.0;
const HEIGHT: f64 = 20.0;

#[derive(Template)]
#[template(path = "sparkline.svg", escape = "html")]
struct Sparkline {
    path: String,
    most: u32,
}

/// A small curve of how many people were present, of the most in each of equal slices; empty where there are none.
///
/// The number stands beside it in the page, and the picture's own words tell the most.
pub fn sparkline(slices: &[u32]) -> String {
    let most = slices.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let mut path = format!("M0 {HEIGHT}");
    for (index, people) in slices.iter().enumerate() {
        let y = HEIGHT - (HEIGHT - 1.0) * f64::from(*people) / f64::from(most);
        let x = WIDTH * (index + 1) as f64 / slices.len() as f64;
        // Writing to a `String` cannot fail.
        let _ = write!(path, "V{}H{}", Px(y), Px(x));
    }
    path.push_str("V20Z");
    Sparkline { path, most }.render().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_touches_the_top_and_nobody_makes_no_picture() {
        assert!(sparkline(&[0, 2, 4, 1]).contains("M0 20V20H20V10.5H40V1H60V15.3H80V20Z"));
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline(&[0, 0]), "");
    }
}
