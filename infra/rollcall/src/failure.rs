//! What a command that failed says: one sentence that names the cause, and one with what to do.

use reader::index::IndexError;
use shared::graph::GraphError;
use shared::ports::queue::QueueError;
use shared::ports::secrets::SecretError;
use shared::ports::store::StoreError;

/// What a failure of AWS is called, and what a person can do about it.
const AWS: [(&[&str], &str); 8] = [
    (
        &["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"],
        "The AWS credentials have expired: sign in again (aws sso login, or a new session token), and run it again.",
    ),
    (
        &[
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidToken",
            "UnrecognizedClientException",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "AuthFailure",
        ],
        "AWS does not know these credentials: aws sts get-caller-identity shows whose they are; choose others with AWS_PROFILE.",
    ),
    (
        &["AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedOperation", "status 403"],
        "These credentials may not do that: choose others with AWS_PROFILE, or have their role allow it.",
    ),
    (
        &["NoSuchBucket", "status 404", "NotFound"],
        "There is no such bucket: look at its name, and at the account that AWS_PROFILE leads to.",
    ),
    (
        &[
            "PermanentRedirect",
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException",
            "status 301",
        ],
        "The bucket lies in another region: set AWS_REGION to its own.",
    ),
    (
        &["RequestTimeTooSkewed", "RequestInTheFuture"],
        "This machine's clock is wrong: let it keep its time (timedatectl set-ntp true), and run it again.",
    ),
    (
        &["SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestThrottled"],
        "AWS asks for fewer calls: run it again in some minutes; it goes on with what is left.",
    ),
    (
        &["configuration"],
        "The AWS settings are incomplete: set AWS_REGION, and AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ),
];
/// What to do where AWS gives no answer, whatever the cause.
const NO_ANSWER: &str = "AWS gave no usable answer: look at the network, at the credentials (AWS_PROFILE) and at AWS_REGION, and run it again; it goes on with what is left.";

/// What is printed of a failure, in one line: what was being done, the cause, and what to do.
pub fn sentence(error: &anyhow::Error) -> String {
    let what = format!("{error:#}");
    match error.chain().find_map(remedy) {
        Some(remedy) if !what.contains(remedy) => format!("{}. {remedy}", what.trim_end_matches(['.', ' '])),
        _ => what,
    }
}

/// What a person can do about a failure of AWS with this code, in whole sentences.
pub(crate) fn aws_remedy(code: &str) -> &'static str {
    AWS.iter().find(|(codes, _)| codes.contains(&code)).map_or(NO_ANSWER, |(_, remedy)| remedy)
}

/// What to do about one cause; `None` where its own sentence says it.
fn remedy(cause: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    if let Some(error) = cause.downcast_ref::<GraphError>() {
        return Some(error.remedy());
    }
    if let Some(QueueError::Refused { code } | QueueError::Unavailable { code }) = cause.downcast_ref() {
        return Some(aws_remedy(code));
    }
    if let Some(SecretError::Refused { code } | SecretError::Unavailable { code }) = cause.downcast_ref() {
        return Some(aws_remedy(code));
    }
    let store = match cause.downcast_ref::<IndexError>() {
        Some(IndexError::Store(error)) => Some(error),
        _ => cause.downcast_ref::<StoreError>(),
    };
    match store? {
        // A folder's own words come from the operating system, and say enough.
        StoreError::Refused { code } => {
            AWS.iter().find(|(codes, _)| codes.contains(&code.as_str())).map(|(_, remedy)| *remedy)
        }
        StoreError::Unavailable { code } => Some(aws_remedy(code)),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_failure_of_aws_is_one_line_that_says_what_to_do() {
        for (code, to_do) in [
            ("ExpiredToken", "sign in again"),
            ("InvalidAccessKeyId", "get-caller-identity"),
            ("AccessDenied", "AWS_PROFILE"),
            ("NoSuchBucket", "no such bucket"),
            ("PermanentRedirect", "AWS_REGION"),
            ("RequestTimeTooSkewed", "clock"),
        ] {
            let refused = StoreError::Refused { code: code.to_owned() };
            let told = sentence(&Err::<(), _>(refused).context("s3://b cannot be read").unwrap_err());
            assert!(told.starts_with("s3://b cannot be read: the archive refuses ("), "{told}");
            assert!(told.contains(to_do) && !told.contains('\n') && told.ends_with('.'), "{told}");
        }
        let silent = StoreError::Unavailable { code: "time-out".to_owned() };
        assert!(sentence(&silent.into()).contains("look at the network"));
        let busy = QueueError::Unavailable { code: "ThrottlingException".to_owned() };
        assert!(sentence(&busy.into()).contains("fewer calls"));
    }

    #[test]
    fn a_failure_that_says_what_to_do_is_left_as_it_is() {
        let error = anyhow::anyhow!("port 80 is taken: choose another with --port");
        assert_eq!(sentence(&error), "port 80 is taken: choose another with --port");
        let full = StoreError::Refused { code: "no storage space".to_owned() };
        assert_eq!(sentence(&full.clone().into()), full.to_string());
    }
}
