//! The links around a register's table: what it shows, its order, its other sessions, its files.

use crate::pages::params::Params;

/// How many sessions stand across a page.
pub(super) const SESSIONS: usize = 26;

/// A link that changes how the table is shown.
pub(super) struct Link {
    pub(super) href: String,
    pub(super) label: &'static str,
    pub(super) is_here: bool,
}

/// The ways through the sessions of a long series.
pub(super) struct ColumnsPager {
    pub(super) words: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

/// What each cell can show.
pub(super) fn shows(params: &Params) -> [Link; 3] {
    [("", "Marks and minutes"), ("marks", "Marks"), ("minutes", "Minutes")].map(|(show, label)| Link {
        href: params.href("/register", &[("show", show)]),
        label,
        is_here: params.show == show,
    })
}

/// The orders in which the people can stand.
pub(super) fn sorts(params: &Params) -> Vec<Link> {
    let sort = |(sort, label): (&str, &'static str)| {
        let is_here = params.sort == sort;
        let order = if is_here && !params.is_reversed() { "reversed" } else { "" };
        Link {
            href: params.href("/register", &[("sort", sort), ("order", order), ("page", "")]),
            label,
            is_here,
        }
    };
    [("", "roster, or name"), ("name", "name"), ("present", "present"), ("minutes", "minutes")]
        .map(sort)
        .into()
}

pub(super) fn columns_pager(params: &Params, page: usize, count: usize) -> Option<ColumnsPager> {
    let to = |page: usize| {
        params.href(
            "/register",
            &[("columns", if page == 0 { String::new() } else { (page + 1).to_string() }.as_str())],
        )
    };
    (count > SESSIONS).then(|| ColumnsPager {
        words: format!(
            "sessions {}–{} of {count}; totals over all",
            page * SESSIONS + 1,
            count.min((page + 1) * SESSIONS)
        ),
        previous: (page > 0).then(|| to(page - 1)),
        next: ((page + 1) * SESSIONS < count).then(|| to(page + 1)),
    })
}

/// The register as files: of all people and sessions, whatever the page shows.
pub(super) fn files(params: &Params) -> [(&'static str, String); 4] {
    let all = ["page", "columns", "search", "sort", "order", "show"].map(|name| (name, ""));
    [("XLSX", "xlsx"), ("CSV", "csv"), ("JSON", "json"), ("HTML", "html")]
        .map(|(label, ending)| (label, params.href(&format!("/register/register.{ending}"), &all)))
}
