//! A plan as a comment on a pull request, for people who do not know certctl.
//!
//! *Invariants*: the first line is the verdict; what removes or switches something comes next and is
//! never cut; an unchanged plan gives an unchanged comment (no `planned_at`, no relative times);
//! nothing from outside is Markdown; the text keeps within its limit and says first what it left out.

pub(crate) mod budget;
mod danger;
mod details;
pub(crate) mod escape;
mod gantt;
mod moments;
mod sections;

use certctl_model::Severity;

use super::steps::View;
use super::{devices, safety};
use certctl_plan::time;
use certctl_plan::{Change, Plan};
use escape::{command, fenced, prose};

/// What a pipeline looks for to find its comment again.
const MARKER: &str = "<!-- certctl:plan -->";
/// Room for the notice of what was left out.
const NOTICE: usize = 500;

/// How to write a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkdownOptions {
    /// How long it may be. GitHub takes 65,536 characters.
    pub max_chars: usize,
    /// The whole command that applies the plan, where the caller knows better (files, accounts);
    /// without, it is made from the plan.
    pub apply_command: Option<String>,
    /// Whether it is the plan of another moment than now: it says of which, and how to apply it is
    /// left out.
    pub preview: bool,
}

impl Default for MarkdownOptions {
    fn default() -> Self {
        Self {
            max_chars: 65_536,
            apply_command: None,
            preview: false,
        }
    }
}

/// The plan as GitHub and GitLab render it, ended by a newline.
#[must_use]
pub fn markdown(plan: &Plan, options: &MarkdownOptions) -> String {
    let view = View::new(plan);
    let mut head = format!("## {}\n\n{MARKER}\n\n", prose(&view.verdict()));
    head.push_str(&weaker(plan));
    if let Some(line) = devices::uninstalled(plan) {
        head.push_str(&format!("> **{}**\n\n", prose(&line)));
    }
    let mut foot = apply(plan, options);
    if options.preview {
        let at = time(plan.planned_at);
        head.push_str(&format!(
            "> The plan of {at}, if nothing changes until then.\n\n"
        ));
        foot = "It cannot be applied: it is not the plan of now.\n".to_owned();
    }
    let room = options
        .max_chars
        .saturating_sub(head.len() + foot.len() + NOTICE);
    let dangerous = danger::dangerous(&view);
    let Some(danger) = danger::tell(&view, &dangerous, room / 2, room) else {
        return unnamed(&head, &foot, &dangerous, options.max_chars);
    };
    let sections = vec![
        sections::diagnostics(&view, Severity::Error),
        sections::to_do(&view),
        sections::waits(&view),
        sections::later(&view),
        sections::table(&view),
        details::details(&view, &dangerous),
        gantt::charts(&view),
        sections::unmanaged(&view),
        sections::diagnostics(&view, Severity::Warning),
    ];
    let fitted = budget::fit(sections, room - danger.len());
    let notice = budget::left_out(&fitted).map_or_else(String::new, |what| {
        format!(
            "> **Shortened to {} characters.** Left out: {what}. Everything that removes or switches \
             something is named below; `certctl plan` shows the rest.\n\n",
            options.max_chars
        )
    });
    let body: String = fitted.into_iter().map(|one| one.text).collect();
    format!("{head}{notice}{danger}{body}{foot}")
}

/// What takes safety away: never cut, and before the table.
fn weaker(plan: &Plan) -> String {
    let lines = safety::lost(plan);
    if lines.is_empty() {
        return String::new();
    }
    let listed: String = lines
        .iter()
        .map(|line| format!("> - {}\n", prose(line)))
        .collect();
    format!("> **This takes safety away:**\n>\n{listed}\n")
}

/// How to apply exactly this: the digest, and the command.
fn apply(plan: &Plan, options: &MarkdownOptions) -> String {
    let digest = escape::code(&plan.digest);
    let state = plan.state.as_ref().map_or_else(String::new, |place| {
        format!(" State: {}.", escape::code(place))
    });
    let nothing = plan
        .changes
        .iter()
        .all(|change| change.steps.is_empty() && change.waiting.is_none());
    if nothing {
        return match state.as_str() {
            "" => format!("Digest: {digest}\n"),
            _ => format!("Digest: {digest}.{state}\n"),
        };
    }
    let typed = options.apply_command.clone().unwrap_or_else(|| {
        let mut words = vec!["certctl apply".to_owned()];
        words.extend(plan.options.iter().cloned());
        words.push(format!("--expect-digest {}", plan.digest));
        words.join(" ")
    });
    format!(
        "### Apply\n\nDigest: {digest}. This command applies what is shown here and nothing else; an \
         account that has moved since is refused.{state}\n\n{}",
        fenced("sh", &[command(&typed)])
    )
}

/// Not even the names of what is dangerous fit: the comment must not pass for a review.
fn unnamed(head: &str, foot: &str, dangerous: &[&Change], max_chars: usize) -> String {
    let warning = format!(
        "> **Do not approve from this comment.** {} changes remove or switch something, and their \
         names do not fit into {max_chars} characters. `certctl plan` shows them.\n\n",
        dangerous.len()
    );
    let mut text = format!("{head}{warning}{foot}");
    if text.len() > max_chars {
        text = format!("{head}{warning}");
    }
    while text.len() > max_chars {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests;
