//! Whether a certificate is declared, or only named in a comment.
//!
//! What the planner would refuse to take over is not declared, nor is what does nothing any more:
//! an inactive or expired one in a spec would only be something to look after.

use certctl_model::{BindingStatus, CertificateType, Timestamp};

use crate::found::{Item, Origin, Usage};

/// What becomes of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is declared.
    Declare,
    /// It is named in a comment.
    Remark {
        /// What it is; goes on from "not declared: ID ".
        why: String,
        /// Whether certctl could manage it, so that the lines for that are worth showing.
        manageable: bool,
    },
}

pub(crate) fn verdict(item: &Item, origin: Origin, now: Timestamp) -> Verdict {
    let refused = |why: String| Verdict::Remark {
        why,
        manageable: false,
    };
    let idle = |why: &str| Verdict::Remark {
        why: why.to_owned(),
        manageable: true,
    };
    match &item.kind {
        CertificateType::GatewayManaged => {}
        CertificateType::Custom => {
            return refused(
                "is a custom certificate that somebody uploaded; declare it with `custom.id` to set it in use".into(),
            );
        }
        CertificateType::Unknown(word) => {
            return refused(format!(
                "is of the type {}, which certctl does not know; certctl never changes it",
                quoted(word)
            ));
        }
    }
    if let Some(why) = &item.unsound {
        return refused(format!(
            "fails verification ({}); certctl does not take it over",
            printable(why)
        ));
    }
    if item.expires.is_some_and(|expires| expires <= now) {
        return idle("has expired");
    }
    // Whoever takes it over now, would have the planner settle the dispute.
    if item.usage == Usage::Disputed && origin == Origin::Api {
        return refused("is left alone until both agree".to_owned());
    }
    match &item.status {
        None | Some(BindingStatus::Available | BindingStatus::PendingDeployment) => {
            Verdict::Declare
        }
        Some(BindingStatus::Inactive) => idle("is inactive: it is not at Cloudflare's edge"),
        Some(BindingStatus::PendingDeletion) => idle("is being removed from Cloudflare's edge"),
        Some(BindingStatus::Unknown(word)) => refused(format!(
            "has the status {}, which certctl does not know; certctl leaves it alone",
            quoted(word)
        )),
    }
}

fn quoted(word: &str) -> String {
    format!("`{}`", printable(word))
}

/// A foreign text that can stand in a comment: one line, of a readable length.
pub(crate) fn printable(text: &str) -> String {
    let visible = text.chars().filter(|c| {
        !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    });
    visible.take(200).collect()
}
