//! What must never be printed: every credential that this process was given (law 8).
//!
//! *Guarantees*: each text that leaves the process is cleaned here, whole, before anything is cut off
//! it: by the printer, the log, and whatever writes a file. A secret is also found as JSON or a URL
//! writes it, and where only its beginning is left. *Non-goals*: secrets that this process was never
//! given, unless their form tells them, and words of fewer than eight characters, which occur by chance.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use certctl_model::Diagnostic;
use certctl_spec::Sources;

use crate::private_key;

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";
/// No real secret is shorter.
const SHORTEST: usize = 8;
/// The beginning of a secret that counts as the secret, in bytes: what is this long does not occur by
/// chance.
const BEGINNING: usize = 16;
/// The shortest value of a variable that is only named like a secret.
const SHORTEST_GUESS: usize = 16;
/// How Cloudflare's own tokens and keys begin: one that stands where it does not belong, such as in a spec,
/// was never given to this process.
const FORMS: [&str; 4] = ["cfat_", "cfut_", "cfoat_", "cfk_"];

/// The variables that certctl itself, or a library of it, reads credentials from.
const CREDENTIALS: [&str; 19] = [
    "CLOUDFLARE_API_TOKEN",
    "CLOUDFLARE_API_KEY",
    "CERTCTL_STATE_AWS_SECRET_ACCESS_KEY",
    "CERTCTL_STATE_AWS_SESSION_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "GOOGLE_BEARER_TOKEN",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_CLIENT_SECRET",
    "IDENTITY_HEADER",
    "MSI_SECRET",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "CI_JOB_TOKEN",
];

/// How the names of variables end that hold secrets of somebody else.
const ENDINGS: [&str; 8] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
];

/// The secrets of this process.
static KNOWN: RwLock<Secrets> = RwLock::new(Secrets::new());

/// Takes note of all secrets in the environment.
pub(crate) fn learn_environment() {
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.learn_variables(std::env::vars_os());
}

/// Takes note of a secret that came from elsewhere, such as a file.
pub(crate) fn learn(secret: &str) {
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.learn(secret);
}

/// The files that a spec is made of. A private key that stands in one of them is a secret as well, and each
/// line is shown without any.
pub(crate) fn read_sources(files: &[PathBuf]) -> (Sources, Vec<Diagnostic>) {
    let (sources, diagnostics) = certctl_spec::read_sources(files);
    for source in sources.iter() {
        private_key::within(&source.text).for_each(learn);
    }
    (sources.scrubbed_by(scrub), diagnostics)
}

/// The text without any secret that is known by now.
pub(crate) fn scrub(text: &str) -> Cow<'_, str> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    known.scrub(text)
}

/// A set of secrets, the longest first, so that none hides the rest of another.
struct Secrets(Vec<String>);

impl Secrets {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn learn_variables(&mut self, variables: impl Iterator<Item = (OsString, OsString)>) {
        for (name, value) in variables {
            let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
            let named = name.to_ascii_uppercase();
            let guessed = value.len() >= SHORTEST_GUESS
                && ENDINGS.iter().any(|ending| named.ends_with(ending));
            if CREDENTIALS.contains(&&*name) || guessed {
                self.learn(&value);
            }
            // `http://user:password@proxy`, of whatever variable.
            if let Some(password) = password(&value) {
                self.learn(password);
            }
        }
    }

    /// A secret of several lines, such as a key in JSON or PEM, is often shown line by line.
    fn learn(&mut self, secret: &str) {
        if secret.trim().lines().count() > 1 {
            let lines = secret.lines().map(str::trim);
            for line in lines.filter(|line| line.len() >= SHORTEST_GUESS && !is_common(line)) {
                self.learn_line(line);
            }
        } else {
            self.learn_line(secret.trim());
        }
        if let Ok(serde_json::Value::Object(members)) = serde_json::from_str(secret) {
            for name in ["private_key", "client_secret", "refresh_token"] {
                if let Some(text) = members.get(name).and_then(serde_json::Value::as_str) {
                    self.learn(text);
                }
            }
        }
        self.0.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        self.0.dedup();
    }

    fn learn_line(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let json = serde_json::Value::from(secret).to_string();
        self.0.extend([
            secret.to_owned(),
            json.trim_matches('"').to_owned(),
            percent_encoded(secret),
        ]);
    }

    fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut clean = Cow::Borrowed(text);
        // What is whole first: one form of a secret may begin like another.
        for secret in &self.0 {
            if clean.contains(secret.as_str()) {
                clean = Cow::Owned(clean.replace(secret.as_str(), REDACTED));
            }
        }
        for secret in &self.0 {
            let beginning = secret.get(..BEGINNING.max(secret.len() / 2));
            if let Some(beginning) = beginning.filter(|beginning| clean.contains(beginning)) {
                clean = Cow::Owned(without(&clean, secret, beginning));
            }
        }
        private_key::without(without_forms(clean), REDACTED)
    }
}

/// The text without what has the form of a token of Cloudflare's.
fn without_forms(text: Cow<'_, str>) -> Cow<'_, str> {
    if !FORMS.iter().any(|form| text.contains(form)) {
        return text;
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = &*text;
    let first = |rest: &str| {
        let found = FORMS
            .iter()
            .filter_map(|form| Some((rest.find(form)?, form.len())));
        found.min()
    };
    while let Some((at, length)) = first(rest) {
        let after = &rest[at + length..];
        let letter = |b: &u8| b.is_ascii_alphanumeric() || b"_-".contains(b);
        let letters = after.bytes().take_while(letter).count();
        clean.push_str(&rest[..at]);
        if letters < SHORTEST_GUESS {
            clean.push_str(&rest[at..at + length + letters]);
        } else {
            clean.push_str(REDACTED);
        }
        rest = &after[letters..];
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// The text with each occurrence of `beginning`, and what follows of the secret, left out.
fn without(text: &str, secret: &str, beginning: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, _)) = rest.split_once(beginning) {
        clean.push_str(before);
        clean.push_str(REDACTED);
        let found = &rest[before.len()..];
        let same = found
            .char_indices()
            .zip(secret.chars())
            .find(|((_, a), b)| a != b)
            .map_or(secret.len().min(found.len()), |((at, _), _)| at);
        rest = &found[same..];
    }
    clean.push_str(rest);
    clean
}

/// Lines of a key that are in every key.
fn is_common(line: &str) -> bool {
    line.starts_with("-----") || line.starts_with("\"type\"")
}

/// The password in a URL.
fn password(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    Some(user.split_once(':')?.1)
}

/// As a URL's query writes it.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "v1.0-0123456789abcdef0123456789abcdef";

    fn of(variables: &[(&str, &str)]) -> Secrets {
        let mut secrets = Secrets::new();
        let pairs = variables.iter();
        secrets.learn_variables(pairs.map(|(name, value)| (name.into(), value.into())));
        secrets
    }

    #[test]
    fn a_secret_is_taken_out_wherever_it_stands() {
        let secrets = of(&[("CLOUDFLARE_API_TOKEN", TOKEN)]);
        let text = format!("{TOKEN}x{TOKEN}, Bearer {TOKEN}");
        assert_eq!(
            secrets.scrub(&text),
            "[redacted]x[redacted], Bearer [redacted]"
        );
        assert!(matches!(
            secrets.scrub("nothing to hide"),
            Cow::Borrowed("nothing to hide")
        ));
    }

    #[test]
    fn the_beginning_of_a_secret_is_as_good_as_the_secret() {
        let secrets = of(&[("CLOUDFLARE_API_TOKEN", TOKEN)]);
        for shown in [TOKEN.len() - 1, TOKEN.len() - 5, 20] {
            let text = format!("echo: {}…", &TOKEN[..shown]);
            assert_eq!(secrets.scrub(&text), "echo: [redacted]…", "{shown}");
        }
        // So little of it helps nobody, and may be there by chance.
        assert_eq!(secrets.scrub("v1.0-0123"), "v1.0-0123");
    }

    #[test]
    fn a_secret_is_known_as_json_and_urls_write_it() {
        let secrets = of(&[("AWS_SECRET_ACCESS_KEY", "wJalrX/UtnFEMI+K7\"MDENG==")]);
        for text in [
            "wJalrX/UtnFEMI+K7\"MDENG==",
            r#"wJalrX/UtnFEMI+K7\"MDENG=="#,
            "wJalrX%2FUtnFEMI%2BK7%22MDENG%3D%3D",
        ] {
            assert_eq!(secrets.scrub(text), REDACTED, "{text}");
        }
    }

    #[test]
    fn a_key_of_several_lines_is_known_by_each_of_them() {
        let key =
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n";
        let json = serde_json::json!({"type": "service_account", "private_key": key}).to_string();
        let secrets = of(&[("GOOGLE_SERVICE_ACCOUNT_KEY", &json)]);
        assert_eq!(secrets.scrub("a AQEFAASCBKcwggSjAgEAAoIB"), "a [redacted]");
        let pem = "-----BEGIN CERTIFICATE-----";
        assert_eq!(secrets.scrub(pem), pem);
    }

    #[test]
    fn variables_are_known_by_name_and_proxies_by_form() {
        let secrets = of(&[
            ("VAULT_TOKEN", "hvs.0123456789abcdef"),
            ("HTTPS_PROXY", "http://user:swordfish1@proxy:3128"),
            ("CACHE_KEY", "linux-x86_64-0123456789"),
            ("MY_TOKEN", "production"),
        ]);
        assert_eq!(secrets.scrub("hvs.0123456789abcdef"), REDACTED);
        assert_eq!(
            secrets.scrub("http://user:swordfish1@proxy"),
            "http://user:[redacted]@proxy"
        );
        for text in ["linux-x86_64-0123456789", "production", "user"] {
            assert_eq!(secrets.scrub(text), text);
        }
    }

    #[test]
    fn a_token_of_cloudflare_is_known_by_its_form() {
        let secrets = Secrets::new();
        for (text, clean) in [
            ("token: cfat_0123456789abcdef-_X, b", "token: [redacted], b"),
            ("cfut_0123456789abcdefcfk_0123456789abcdef", "[redacted]"),
            (
                "(its name begins with `cfat_`)",
                "(its name begins with `cfat_`)",
            ),
            ("cfoat_short cfk_0123456789abcdef", "cfoat_short [redacted]"),
        ] {
            assert_eq!(secrets.scrub(text), clean);
        }
    }

    #[test]
    fn what_is_no_text_of_ours_is_never_cut_within_a_character() {
        let secrets = of(&[("CLOUDFLARE_API_TOKEN", "äöüäöüäöüäöüäöü€uro")]);
        assert_eq!(secrets.scrub("xäöüäöüäöüäöüäöü€uroé"), "x[redacted]é");
        assert_eq!(secrets.scrub("xäöüäöüäöüäöüäöü€é"), "x[redacted]é");
    }
}
