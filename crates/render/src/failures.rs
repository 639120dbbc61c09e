//! Failures by their cause: what is said of many accounts alike is said once, with all their names.

use certctl_model::Diagnostic;

use crate::alike::alike;

/// How many are named beside the first one.
const MAX_NAMED: usize = 50;

/// The diagnostics in their order; where many differ only in the account that they are about, the first of
/// them, which names the others. For people: a document keeps them all.
#[must_use]
pub fn failures<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Vec<Diagnostic> {
    let keyed = |diagnostic| (cause(diagnostic), diagnostic);
    alike(diagnostics.into_iter().map(keyed).collect())
        .iter()
        .filter_map(|group| together(group))
        .collect()
}

fn together(group: &[&Diagnostic]) -> Option<Diagnostic> {
    let (first, others) = group.split_first()?;
    let mut told = (*first).clone();
    if !others.is_empty() {
        let mut names: Vec<String> = others.iter().filter_map(|other| about(other)).collect();
        if names.len() > MAX_NAMED {
            let more = names.len() - MAX_NAMED;
            names.truncate(MAX_NAMED);
            names.push(format!("and {more} that `--format json` names"));
        }
        told.message = format!(
            "{}; the same at {} more: {}",
            told.message.trim_end_matches('.'),
            others.len(),
            names.join(", ")
        );
    }
    Some(told)
}

/// The address, or the account.
fn about(diagnostic: &Diagnostic) -> Option<String> {
    let address = diagnostic.address.as_ref().map(ToString::to_string);
    address.or_else(|| diagnostic.account.as_ref().map(ToString::to_string))
}

/// What is said, without the names and ids of the account: equal where the cause is the same. What is about
/// no account, or asks to choose a certificate, is equal to nothing else.
fn cause(diagnostic: &Diagnostic) -> String {
    let Some(account) = &diagnostic.account else {
        return format!("{diagnostic:?}");
    };
    if !diagnostic.candidates.is_empty() {
        return format!("{diagnostic:?}");
    }
    let certificate = diagnostic
        .address
        .as_ref()
        .map(|address| &address.certificate);
    let said = |text: &str| without_names(text, account.as_str());
    let hint = diagnostic.hint.as_deref().map(said);
    let what = (diagnostic.severity, diagnostic.code, certificate);
    format!("{:?}", (what, said(&diagnostic.message), hint))
}

/// A text without what is an account's own: one sign for its name, for whatever is an id, and for the lines
/// and columns of a place. Equal where the same is said of two accounts.
#[must_use]
pub fn without_names(text: &str, account: &str) -> String {
    let mut said = String::new();
    for part in text.split_inclusive(|c| !is_of_a_word(c)) {
        let word = part.trim_end_matches(|c| !is_of_a_word(c));
        let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        if word == account || is_id(word) || (digits && said.ends_with(':')) {
            said.push('*');
            said.push_str(part.get(word.len()..).unwrap_or_default());
        } else {
            said.push_str(part);
        }
    }
    said
}

fn is_of_a_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

/// An id of an account or of a certificate: 32 hexadecimal digits.
fn is_id(word: &str) -> bool {
    let digits = word.bytes().filter(|byte| *byte != b'-');
    digits.clone().count() == 32 && digits.clone().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use certctl_model::Code;

    use super::*;

    fn failed(account: usize, status: u16) -> Diagnostic {
        let request = format!("GET /accounts/{account:032x}/gateway/certificates");
        let message = format!("{request} was refused with HTTP {status}: no");
        Diagnostic::error(Code::ObservationFailed, message)
            .account(&format!("a{account}").parse().unwrap())
    }

    #[test]
    fn one_cause_at_many_accounts_is_told_once_with_their_names() {
        let mut all: Vec<Diagnostic> = (1..=6).map(|n| failed(n, 403)).collect();
        all.insert(1, failed(7, 500));
        let told = failures(&all);
        assert_eq!(told.len(), 2);
        assert_eq!(
            told[0].message,
            "GET /accounts/00000000000000000000000000000001/gateway/certificates was refused with HTTP \
             403: no; the same at 5 more: a2, a3, a4, a5, a6"
        );
        assert_eq!(told[1], all[1]);
    }

    #[test]
    fn a_status_is_no_place_and_a_name_no_part_of_a_word() {
        let text = "account a1, fleet.yaml:7:9: HTTP 403 for a12 and a1/inspection";
        let said = "account *, fleet.yaml:*:*: HTTP 403 for a12 and */inspection";
        assert_eq!(without_names(text, "a1"), said);
    }

    #[test]
    fn a_few_are_told_one_by_one() {
        let all: Vec<Diagnostic> = (1..=5).map(|n| failed(n, 403)).collect();
        assert_eq!(failures(&all), all);
    }
}
