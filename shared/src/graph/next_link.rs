//! The URL of the next page, and whether the token may be sent to it.

use url::Url;

/// The URL of the next page, which `link` names.
///
/// The token travels with the request, so the link must lead to where the first request went: the
/// same scheme, host, port and version of the API, and no user in it.
///
/// # Errors
/// The reason why the link is not followed, without the link.
pub(super) fn next_page(asked: &Url, link: &str) -> Result<Url, &'static str> {
    let next = Url::parse(link).map_err(|_| "the nextLink is not a URL")?;
    let version = |url: &Url| url.path_segments().and_then(|mut path| path.next().map(str::to_owned));
    if next.scheme() != asked.scheme() {
        Err("the nextLink has another scheme")
    } else if next.host() != asked.host() || next.port_or_known_default() != asked.port_or_known_default() {
        Err("the nextLink leads to another host")
    } else if !next.username().is_empty() || next.password().is_some() {
        Err("the nextLink names a user")
    } else if version(&next) != version(asked) {
        Err("the nextLink leads out of the API")
    } else {
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_to_where_the_request_went_is_followed() {
        let asked = Url::parse("https://graph.microsoft.com/v1.0/users/u/onlineMeetings/m/attendanceReports")
            .unwrap();
        for good in [
            "https://graph.microsoft.com/v1.0/users('u')/onlineMeetings('m')/attendanceReports?$skiptoken=x",
            "https://graph.microsoft.com:443/v1.0/x",
            "https://GRAPH.microsoft.com/v1.0/x",
        ] {
            assert!(next_page(&asked, good).is_ok(), "{good}");
        }
        for bad in [
            "http://graph.microsoft.com/v1.0/x",
            "https://graph.microsoft.com.example.com/v1.0/x",
            "https://example.com/v1.0/x",
            "https://graph.microsoft.com:8443/v1.0/x",
            "https://user@graph.microsoft.com/v1.0/x",
            "https://graph.microsoft.com@example.com/v1.0/x",
            "https://:pass@graph.microsoft.com/v1.0/x",
            "https://graph.microsoft.com/beta/x",
            "https://graph.microsoft.com/v1.0/../evil",
            "//example.com/v1.0/x",
            "/v1.0/x",
            "string",
            "",
        ] {
            assert!(next_page(&asked, bad).is_err(), "{bad}");
        }
    }
}
