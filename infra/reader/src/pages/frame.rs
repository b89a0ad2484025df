//! What stands on every page: the archive, as of when, the zone, the search, and the links to the other pages.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use jiff::tz;

use crate::index::IndexState;
use crate::pages::Pages;
use crate::pages::failure::Failure;
use crate::pages::params::Params;
use crate::rules::Rules;
use crate::times;

/// The pages that every page leads to.
const NAVIGATION: [(&str, &str); 4] =
    [("/", "Sessions"), ("/series", "Series"), ("/people", "People"), ("/completeness", "Completeness")];

static ZONES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut zones: Vec<String> = tz::db().available().map(|name| name.as_str().to_owned()).collect();
    // The places that people choose, and not the old spellings of them.
    let places = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    zones.retain(|zone| zone == "UTC" || places.iter().any(|place| zone.starts_with(place)));
    zones.sort();
    zones.dedup();
    zones
});

/// What stands on every page.
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) archive: String,
    /// As of when, or that it never was looked at.
    pub(super) as_of: String,
    /// What is missing while the archive is being looked at; `None` where nothing is.
    pub(super) growing: Option<String>,
    pub(super) path: &'static str,
    pub(super) zone: String,
    pub(super) zones: &'static [String],
    pub(super) navigation: Vec<NavigationLink>,
    /// The parameters that the zone's form keeps.
    pub(super) state: Vec<(String, String)>,
    /// The parameters that a search keeps.
    pub(super) kept: Vec<(String, String)>,
}

/// A link to another page.
pub(super) struct NavigationLink {
    pub(super) href: String,
    pub(super) label: &'static str,
    pub(super) is_here: bool,
}

impl Frame {
    pub(super) fn of(
        pages: &Pages,
        state: IndexState,
        params: &Params,
        rules: &Rules,
        (path, title): (&'static str, &str),
    ) -> Self {
        let is_here = |way: &str| way == path || (way == "/" && path == "/session") || under(way, path);
        let link =
            |(path, label)| NavigationLink { href: params.to(path, &[]), label, is_here: is_here(path) };
        Self {
            title: title.to_owned(),
            archive: pages.archive.clone(),
            as_of: as_of(state, rules),
            growing: state.is_refreshing.then(|| {
                format!(
                    "The archive is being indexed: {} reports and {} sessions so far.",
                    state.reports, state.sessions
                )
            }),
            path,
            zone: times::name(&rules.zone).to_owned(),
            zones: &ZONES,
            navigation: NAVIGATION.map(link).into(),
            state: params.pairs().into_iter().filter(|(name, _)| name != "zone").collect(),
            kept: params.kept(),
        }
    }
}

/// When the archive was looked at, and how much of it could not be read.
fn as_of(state: IndexState, rules: &Rules) -> String {
    let as_of = state.as_of.map_or("not yet looked at to its end".to_owned(), |at| {
        format!("as of {}", times::moment(at, &rules.zone))
    });
    match state.unreadable {
        0 => as_of,
        unreadable => format!("{as_of} · {unreadable} objects could not be read: see Completeness"),
    }
}

fn under(way: &str, path: &str) -> bool {
    matches!((way, path), ("/series", "/register") | ("/people", "/person" | "/certificate"))
}

/// A heading by which a table is sorted.
pub(super) struct Heading {
    pub(super) label: &'static str,
    /// `number` where the column is of numbers.
    pub(super) class: &'static str,
    /// The address of the other order; `None` where the column has none.
    pub(super) href: Option<String>,
    /// `ascending` or `descending` where the table is sorted by it; else `none`.
    pub(super) sorted: &'static str,
}

/// A column: its heading, the name of its order (empty: none), whether it is of numbers, and whether by default the largest
/// comes first.
pub(super) type ColumnOrder = (&'static str, &'static str, &'static str, bool);

/// The headings of a table; by default it is sorted by the first order.
pub(super) fn headings(params: &Params, path: &str, columns: &[ColumnOrder]) -> Vec<Heading> {
    let first = columns.iter().map(|column| column.1).find(|sort| !sort.is_empty()).unwrap_or_default();
    let current = if params.sort.is_empty() { first } else { params.sort.as_str() };
    let heading = |&(label, sort, class, is_descending): &ColumnOrder| {
        let is_current = sort == current;
        let order = if is_current && !params.is_reversed() { "reversed" } else { "" };
        let sorted = match (is_current, is_descending ^ params.is_reversed()) {
            (false, _) => "none",
            (true, true) => "descending",
            (true, false) => "ascending",
        };
        let changes = [("sort", sort), ("order", order), ("page", "")];
        Heading { label, class, href: (!sort.is_empty()).then(|| params.href(path, &changes)), sorted }
    };
    columns.iter().map(heading).collect()
}

/// The ways through a table that goes over several pages.
pub(super) struct Pager {
    /// `1–200 of 20 000`.
    pub(super) words: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    /// The table as a file.
    pub(super) files: Vec<(&'static str, String)>,
}

impl Pager {
    /// The ways from a page of so many rows to those before and after it; pages count from 0.
    pub(super) fn of(params: &Params, path: &str, (page, rows): (usize, usize), total: usize) -> Self {
        let first = page * rows;
        let last = total.min(first + rows);
        let to = |page: usize| {
            params.href(
                path,
                &[("page", if page == 0 { String::new() } else { (page + 1).to_string() }.as_str())],
            )
        };
        let words = match total {
            0 => "none".to_owned(),
            _ if first >= total => format!("no more than {}", grouped(total)),
            _ => format!("{}–{} of {}", grouped(first + 1), grouped(last), grouped(total)),
        };
        let file = |format: &'static str| params.href(path, &[("format", format), ("page", "")]);
        Self {
            words,
            previous: (page > 0).then(|| to(page - 1)),
            next: (last < total).then(|| to(page + 1)),
            files: vec![("CSV", file("csv")), ("JSON", file("json"))],
        }
    }
}

/// A number with a thin space at each thousand: `20 000`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A page that was written.
pub(super) fn html(page: &impl askama::Template) -> Result<Response, Failure> {
    Ok(Html(page.render()?).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::params::ROWS;

    #[test]
    fn the_heading_by_which_a_table_is_sorted_turns_the_order_round() {
        let params = Params { page: "3".into(), ..Params::default() };
        let columns = [("When", "start", "", true), ("Title", "title", "", false), ("Kept", "", "", false)];
        let shown = headings(&params, "/", &columns);
        let hrefs: Vec<_> = shown.iter().map(|heading| heading.href.as_deref()).collect();
        assert_eq!(hrefs, [Some("/?sort=start&order=reversed"), Some("/?sort=title"), None]);
        assert_eq!([shown[0].sorted, shown[1].sorted], ["descending", "none"]);
    }

    #[test]
    fn a_pager_tells_where_it_is() {
        let pager = Pager::of(&Params::default(), "/people", (1, ROWS), 20_000);
        assert_eq!(pager.words, "201–400 of 20\u{202f}000");
        assert_eq!(
            (pager.previous.as_deref(), pager.next.as_deref()),
            (Some("/people"), Some("/people?page=3"))
        );
    }
}
