//! Checks the signature of a webhook: only whoever knows the secret is believed.
//!
//! GitHub signs the raw body with HMAC-SHA256
//! (<https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>).

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Request;

/// The header with the signature.
const SIGNATURE: &str = "x-hub-signature-256";

/// The secret that GitHub signs with.
#[derive(Clone)]
pub struct WebhookSecret(Hmac<Sha256>);

/// Why a secret was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook secret is empty: anyone could sign with it")]
pub struct EmptySecret;

impl WebhookSecret {
    /// The secret from the App's settings.
    pub fn new(secret: &str) -> Result<Self, EmptySecret> {
        if secret.is_empty() {
            return Err(EmptySecret);
        }
        // HMAC takes a key of any length.
        Hmac::new_from_slice(secret.as_bytes()).map(Self).map_err(|_| EmptySecret)
    }

    /// The header that GitHub sends with `body`. A simulated GitHub needs it.
    pub fn sign(&self, body: &[u8]) -> String {
        let digest = self.0.clone().chain_update(body).finalize().into_bytes();
        digest.iter().fold("sha256=".to_owned(), |header, byte| format!("{header}{byte:02x}"))
    }
}

impl fmt::Debug for WebhookSecret {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookSecret").finish_non_exhaustive()
    }
}

/// A request that was signed with the secret. It can only be made with [`VerifiedWebhook::check`], and nothing reads
/// a request without it:
///
/// ```compile_fail,E0451
/// use jit_runners_runtime::webhook::{Request, VerifiedWebhook};
///
/// let request = Request::default();
/// let webhook = VerifiedWebhook { request: &request };
/// ```
#[derive(Debug, Clone, Copy)]
pub struct VerifiedWebhook<'a> {
    request: &'a Request,
}

/// A request was not believed. The sender is told no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no valid signature")]
pub struct Unverified;

impl<'a> VerifiedWebhook<'a> {
    /// Compares the signature with the body in constant time.
    pub fn check(secret: &WebhookSecret, request: &'a Request) -> Result<Self, Unverified> {
        let signature = request.header(SIGNATURE).and_then(digest).ok_or(Unverified)?;
        let mac = secret.0.clone().chain_update(request.body());
        mac.verify_slice(&signature).map(|()| Self { request }).map_err(|_| Unverified)
    }

    /// What was signed.
    pub fn body(self) -> &'a [u8] {
        self.request.body()
    }

    /// What kind of event GitHub calls it. Headers are not signed: this only says how to read the body.
    pub fn event(self) -> Option<&'a str> {
        self.request.header("x-github-event")
    }
}

/// Reads `sha256=` and 64 hexadecimal digits.
fn digest(header: &str) -> Option<[u8; 32]> {
    let digits = header.strip_prefix("sha256=")?.as_bytes();
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut digest = [0; 32];
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example in GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &str = "Hello, World!";
    const SIGNED: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn secret() -> WebhookSecret {
        WebhookSecret::new(SECRET).unwrap()
    }

    fn is_believed(signature: &str, body: &[u8]) -> bool {
        VerifiedWebhook::check(&secret(), &Request::new([("X-Hub-Signature-256", signature)], body)).is_ok()
    }

    #[test]
    fn githubs_own_example_is_believed() {
        assert!(is_believed(SIGNED, BODY.as_bytes()));
        assert_eq!(secret().sign(BODY.as_bytes()), SIGNED);
        let other = WebhookSecret::new("It's a secret to Everybody").unwrap();
        let request = Request::new([("x-hub-signature-256", SIGNED)], BODY);
        assert_eq!(VerifiedWebhook::check(&other, &request).unwrap_err(), Unverified);
    }

    #[test]
    fn what_is_no_signature_is_not_believed() {
        let digits = SIGNED.strip_prefix("sha256=").unwrap();
        let wrong = [
            String::new(),
            "sha256=".into(),
            digits.into(),
            format!("sha1={digits}"),
            format!("SHA256={digits}"),
            format!("sha256= {digits}"),
            format!("{SIGNED} "),
            format!("{SIGNED}00"),
            format!("{SIGNED}0"),
            SIGNED[..SIGNED.len() - 1].into(),
            SIGNED[..SIGNED.len() - 2].into(),
            SIGNED.replace("57", "é"),
            SIGNED.replace("75", "+5"),
            format!("{SIGNED}, {SIGNED}"),
        ];
        for signature in wrong {
            assert!(!is_believed(&signature, BODY.as_bytes()), "{signature}");
        }
        assert!(VerifiedWebhook::check(&secret(), &Request::default()).is_err());
        let legacy = Request::new([("x-hub-signature", SIGNED)], BODY);
        assert!(VerifiedWebhook::check(&secret(), &legacy).is_err());
    }

    #[test]
    fn no_byte_of_the_signature_may_be_another() {
        for place in "sha256=".len()..SIGNED.len() {
            let mut other = SIGNED.as_bytes().to_vec();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            assert!(!is_believed(std::str::from_utf8(&other).unwrap(), BODY.as_bytes()), "digit {place}");
        }
    }

    #[test]
    fn a_secret_is_not_shown_and_not_empty() {
        assert_eq!(format!("{:?}", secret()), "WebhookSecret(..)");
        assert_eq!(WebhookSecret::new("").unwrap_err(), EmptySecret);
        // Longer than a block of SHA-256, which HMAC hashes first.
        assert!(WebhookSecret::new(&"s".repeat(1_000)).is_ok());
    }

    proptest! {
        #[test]
        fn no_other_body_and_no_other_header_is_believed(body in any::<Vec<u8>>(), header in any::<String>()) {
            prop_assume!(body != BODY.as_bytes() && header != SIGNED);
            prop_assert!(!is_believed(SIGNED, &body));
            prop_assert!(!is_believed(&header, BODY.as_bytes()));
        }
    }
}
