//! An address as it is compared.

use unicode_normalization::UnicodeNormalization;

/// The address in small letters, trimmed, NFC; of a guest's `name_domain#EXT#@tenant` the address behind it. Neither
/// `+tag` nor dots are folded. `None` where nothing is left.
pub fn comparable_address(address: &str) -> Option<String> {
    let lower = address.trim().to_lowercase();
    // ASCII is in this form: it is most of what there is, and need not be looked up.
    let lower = if lower.is_ascii() { lower } else { lower.nfc().collect() };
    // Of most there is no `#` at all, which is soon seen.
    let guest = lower.contains('#').then(|| lower.split_once("#ext#")).flatten();
    let guest = guest.and_then(|(behind, _)| behind.rsplit_once('_'));
    match guest {
        // A domain has no underscore: the last one stands for the `@`.
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() => Some(format!("{name}@{domain}")),
        _ => Some(lower).filter(|lower| !lower.is_empty()),
    }
}
