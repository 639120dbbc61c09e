//! Whether a certificate is what the API says it is, and what was asked of it.

use certctl_model::{Binding, Code, Diagnostic, Inspection, RemoteCertificate};

use crate::context::Context;
use crate::draft::Draft;

/// Whether it may be set in use. What stands against it becomes a diagnostic: an error, or a warning
/// where it is on its way out anyway.
pub(crate) fn verify(
    context: &mut Context<'_>,
    draft: &mut Draft,
    binding: &Binding,
    remote: &RemoteCertificate,
    leaving: bool,
) -> bool {
    let Err(fault) = judge(binding, remote) else {
        return true;
    };
    let diagnostic = match fault {
        Fault::OffByOne(message) => Diagnostic::warning(Code::ValidityOffByOne, message),
        Fault::Failed(message) if leaving => Diagnostic::warning(Code::VerificationFailed, message),
        Fault::Failed(message) => {
            draft.blocked = true;
            Diagnostic::error(Code::VerificationFailed, message).hint(format!(
                "do not install it anywhere; look at it in the dashboard, then `--replace {}`",
                draft.address
            ))
        }
    };
    let sound = diagnostic.code == Code::ValidityOffByOne;
    context.report(draft, diagnostic);
    sound
}

/// The same, without a word.
pub(crate) fn is_sound(binding: &Binding, remote: &RemoteCertificate) -> bool {
    !matches!(judge(binding, remote), Err(Fault::Failed(_)))
}

enum Fault {
    OffByOne(String),
    Failed(String),
}

fn judge(binding: &Binding, remote: &RemoteCertificate) -> Result<(), Fault> {
    let facts = match &remote.inspection {
        Inspection::Sound(facts) => facts,
        Inspection::Unsound(why) => {
            return Err(Fault::Failed(format!(
                "{} fails verification: {why}",
                remote.id
            )));
        }
    };
    let Some(asked) = binding.days else {
        return Ok(());
    };
    let (asked, issued) = (i64::from(asked.days()), facts.days());
    match (asked - issued).abs() {
        0 => Ok(()),
        1 => Err(Fault::OffByOne(format!(
            "{} was issued for {issued} days, a day off the {asked} that were asked",
            remote.id
        ))),
        _ => Err(Fault::Failed(format!(
            "{} fails verification: it was issued for {issued} days, not for the {asked} that were asked",
            remote.id
        ))),
    }
}
