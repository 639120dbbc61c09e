//! What a code means, and what to do. Whoever is on call has the program, not always its repository.

use std::collections::BTreeSet;

use certctl_model::{Code, Guard, Reason};

use super::advice;
use crate::printer::Problem;

/// All that a word means: a diagnostic, a guard and a reason may have the same name.
pub(super) fn one(word: &str) -> Option<String> {
    let word = word
        .trim_start_matches("error[")
        .trim_start_matches("warning[");
    let word = word.trim_end_matches(']');
    let mut text = String::new();
    if let Ok(code) = word.parse::<Code>() {
        let (meaning, advice) = (code.meaning(), advice::of(code));
        text.push_str(&format!("{word}: {meaning}\n  What to do: {advice}\n"));
    }
    if let Ok(guard) = word.parse::<Guard>() {
        let meaning = guard.meaning();
        text.push_str(&format!(
            "--allow {word}: {meaning}\n  `--allow {word}:ADDRESS` allows it for one certificate. Give it to `plan` and to \
             `apply`.\n"
        ));
    }
    if let Ok(reason) = word.parse::<Reason>() {
        let meaning = reason.meaning();
        text.push_str(&format!("{word}, as the reason of a change: {meaning}\n"));
    }
    (!text.is_empty()).then_some(text)
}

pub(super) fn unknown(word: &str) -> Problem {
    let problem = Problem::new(format!(
        "{word:?} is no code of certctl, no address and no id of a certificate"
    ));
    let near = nearest(word);
    if near.is_empty() {
        return problem.hint(
            "`certctl explain` lists all codes; an address is ACCOUNT/NAME, as in `certctl status`",
        );
    }
    problem.hint(format!(
        "similar codes: {}; `certctl explain` lists all",
        near.join(", ")
    ))
}

/// The codes that share most with what was typed.
fn nearest(typed: &str) -> Vec<&'static str> {
    let typed = typed.to_ascii_lowercase();
    let parts: Vec<&str> = typed
        .split(['_', '-', ' '])
        .filter(|part| part.len() > 2)
        .collect();
    let shared = |code: &str| parts.iter().filter(|part| code.contains(**part)).count();
    let codes: BTreeSet<&str> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .chain(Guard::ALL.iter().map(|guard| guard.as_str()))
        .collect();
    let most = codes
        .iter()
        .map(|code| shared(code))
        .max()
        .unwrap_or_default();
    codes
        .into_iter()
        .filter(|code| most > 0 && shared(code) == most)
        .collect()
}

/// Every code, with its meaning and what to do; as a table in Markdown for the docs.
pub(super) fn all(markdown: bool) -> String {
    let mut text = String::new();
    if markdown {
        text.push_str("| code | meaning | what to do |\n|---|---|---|\n");
    }
    for code in Code::ALL {
        let (meaning, advice) = (code.meaning(), advice::of(*code));
        if markdown {
            text.push_str(&format!("| `{code}` | {meaning} | {advice} |\n"));
        } else {
            text.push_str(&format!("{code}\n  {meaning}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_a_code_leads_to_it() {
        assert_eq!(nearest("plan-move"), ["plan_moved"]);
        assert_eq!(nearest("Protected_x"), ["protected"]);
        assert!(nearest("xyz").is_empty());
    }

    #[test]
    fn a_code_is_taken_as_it_stands_in_a_message() {
        assert_eq!(one("error[plan_moved]"), one("plan_moved"));
        assert!(one("plan_moved").is_some_and(|text| text.contains("review that plan")));
    }
}
