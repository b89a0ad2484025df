//! The values of settings: ids, secrets, tokens, pasted with what surrounded them.

use super::text::{is_blank, without_blanks};

/// The value of the setting `name`, without the blanks, the byte order mark and the quotes around it, and without
/// `export NAME=` where the whole line was pasted. What is inside stays: a secret may hold any character.
pub fn setting(name: &str, text: &str) -> String {
    let text = text.trim_matches(is_blank);
    unquoted(assigned(name, text).unwrap_or(text)).to_owned()
}

/// The access token in the setting `name`: as [`setting`], without `Authorization: Bearer` before it, and without
/// the blanks of broken lines, because a token has none.
pub fn access_token(name: &str, text: &str) -> String {
    let mut token = setting(name, text);
    for before in ["authorization:", "bearer "] {
        let rest = token.get(..before.len()).filter(|begin| begin.eq_ignore_ascii_case(before));
        if rest.is_some() {
            token = token[before.len()..].trim_start_matches(is_blank).to_owned();
        }
    }
    without_blanks(unquoted(&token))
}

/// What stands behind `NAME=`, as shells write it; `None` where the text is no assignment of this setting.
fn assigned<'a>(name: &str, text: &'a str) -> Option<&'a str> {
    let shells = ["export ", "set ", "$env:", ""];
    let rest =
        shells.into_iter().find_map(|shell| text.strip_prefix(shell)?.trim_start().strip_prefix(name))?;
    Some(rest.trim_start().strip_prefix('=')?.trim_matches(is_blank))
}

/// The text without quotes that stand in pairs around it.
fn unquoted(mut text: &str) -> &str {
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('„', '“'), ('‘', '’')];
    let inner = |text: &'_ str| {
        pairs.into_iter().find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close)).map(str::len)
    };
    while let Some(length) = inner(text) {
        let begin = text.chars().next().map_or(0, char::len_utf8);
        text = text[begin..begin + length].trim_matches(is_blank);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_without_what_surrounded_it() {
        for typed in [
            "s3cret~.x",
            " s3cret~.x\r\n",
            "\u{feff}s3cret~.x",
            "\"s3cret~.x\"",
            "' s3cret~.x '",
            "“s3cret~.x”",
            "export AZURE_CLIENT_SECRET=s3cret~.x",
            "export AZURE_CLIENT_SECRET=\"s3cret~.x\"\n",
            "AZURE_CLIENT_SECRET='s3cret~.x'",
            "$env:AZURE_CLIENT_SECRET = \"s3cret~.x\"",
        ] {
            assert_eq!(setting("AZURE_CLIENT_SECRET", typed), "s3cret~.x", "{typed:?}");
        }
    }

    #[test]
    fn what_may_belong_to_a_secret_stays() {
        for secret in ["\"x", "x'", "OTHER=x", "export OTHER=x", "a b", "AZURE_CLIENT_SECRETx", "\""] {
            assert_eq!(setting("AZURE_CLIENT_SECRET", secret), secret, "{secret:?}");
        }
    }

    #[test]
    fn a_token_is_read_without_bearer_and_line_breaks() {
        for typed in [
            "e30.e30.x",
            "Bearer e30.e30.x",
            "bearer  e30.e30.x\n",
            "Authorization: Bearer e30.e30.x",
            "\"Bearer e30.e30.x\"",
            "Bearer \"e30.e30.x\"",
            "export GRAPH_ACCESS_TOKEN='Bearer e30.e30.x'",
            "e30.\r\n e30.x",
        ] {
            assert_eq!(access_token("GRAPH_ACCESS_TOKEN", typed), "e30.e30.x", "{typed:?}");
        }
    }
}
