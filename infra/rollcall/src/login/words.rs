//! What a signed-in person may do and where the sign-in lies, in words; and what a person typed of a refusal.

use std::path::Path;

use serde_json::{Value, json};
use shared::graph::DelegatedScope;

use crate::sign_in::{KeptSignIn, KeyringError};
use crate::terminal::readable;

/// The most characters of an account's name that are shown.
const MOST: usize = 120;

/// Whose the sign-in is, what it allows, what it does not and how to get that, and what to run now.
pub(super) fn lines(kept: &KeptSignIn) -> Vec<String> {
    let account = kept.account.as_deref().map_or_else(|| "somebody".to_owned(), |name| readable(name, MOST));
    let scopes = kept.scopes();
    let mut lines = vec![format!("Signed in as {account}, in the tenant {}. You may", kept.tenant_id)];
    let word = |scope: &DelegatedScope| match scopes.contains(scope) {
        true => format!("  yes  {} ({})", scope.allows(), scope.permission()),
        false => format!(
            "  no   {} ({}): rollcall login --with {}",
            scope.allows(),
            scope.permission(),
            scope.name()
        ),
    };
    lines.extend(DelegatedScope::ALL.iter().map(word));
    lines.push(String::new());
    lines.push(match scopes.contains(&DelegatedScope::Calendar) {
        true => "Next: rollcall pull --to ./archive --organizer me".to_owned(),
        false => "Next: rollcall pull --to ./archive --organizer me --meeting 'JOIN URL'".to_owned(),
    });
    lines
}

/// Where the refresh token lies: in `file`, or, without one, in the keyring; `refused` is why that did not take it, where it
/// was tried.
pub(super) fn place(file: Option<&Path>, refused: Option<KeyringError>) -> String {
    let Some(file) = file.map(Path::display) else {
        return "The refresh token is in the system's keyring.".to_owned();
    };
    match refused {
        None => format!("The refresh token is in {file}, which only you may read."),
        Some(why) => {
            format!("The refresh token is in {file}, which only you may read, and not encrypted: {why}.")
        }
    }
}

/// The digits of an AADSTS code, however much of the browser's page was copied with it; empty where there are none.
pub(super) fn code(copied: &str) -> String {
    let copied = copied.to_ascii_uppercase();
    let after = copied.rsplit("AADSTS").next().unwrap_or_default();
    let from_first_digit = after.trim_start_matches(|c: char| !c.is_ascii_digit());
    from_first_digit.chars().take_while(char::is_ascii_digit).collect()
}

/// Whose the sign-in is and what it allows, for programs; the account's name stands there, and no token.
pub(super) fn json(kept: &KeptSignIn, file: Option<&Path>) -> Value {
    json!({
        "account": kept.account,
        "tenantId": kept.tenant_id,
        "clientId": kept.client_id,
        "may": kept.scopes().iter().map(|scope| scope.name()).collect::<Vec<_>>(),
        "permissions": kept.permissions,
        "keptIn": file.map_or_else(|| "keyring".to_owned(), |file| file.display().to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_what_the_browser_shows() {
        for (copied, digits) in [
            ("AADSTS53003", "53003"),
            ("53003", "53003"),
            ("aadsts53003:", "53003"),
            ("Error AADSTS 53003", "53003"),
            (
                "AADSTS50105: Your administrator has configured the application 'Rollcall' (6f2d3c1e-0000)",
                "50105",
            ),
            ("Request Id: 94fb3b52-452a AADSTS65001: 2026-11-28T10:00:00Z", "65001"),
            ("AADSTS700016 AADSTS90002", "90002"),
            ("nothing", ""),
            ("", ""),
        ] {
            assert_eq!(code(copied), digits, "{copied}");
        }
    }

    #[test]
    fn the_place_is_told_with_why_it_is_not_the_keyring() {
        let file = Path::new("/people/megan/.config/rollcall/sign-in.json");
        assert!(place(None, None).ends_with("the system's keyring."));
        assert!(place(Some(file), None).contains("sign-in.json, which only you"));
        let refused = place(Some(file), Some(KeyringError::NoKeyring));
        assert!(refused.contains("not encrypted: this system has no keyring"), "{refused}");
    }
}
