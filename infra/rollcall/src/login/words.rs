//! What a signed-in person may do, in words.

use serde_json::{Value, json};
use shared::graph::DelegatedScope;

use crate::sign_in::KeptSignIn;
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

/// The same for programs; the account's name stands there, and no token.
pub(super) fn json(kept: &KeptSignIn, place: &str) -> Value {
    json!({
        "account": kept.account,
        "tenantId": kept.tenant_id,
        "clientId": kept.client_id,
        "may": kept.scopes().iter().map(|scope| scope.name()).collect::<Vec<_>>(),
        "permissions": kept.permissions,
        "keptIn": place,
    })
}
