//! Where each setting of one certificate stands in the files, and who says it: the certificate itself, its
//! account's template, or `defaults`.
//!
//! *Non-goals*: the values; those are in the spec. It reads the files once more, so that a spec which is
//! only planned with holds no places that nobody asks for.

use certctl_model::{Address, Place};

use crate::draft::{AccountDraft, CertificateDraft};
use crate::fields::Origin;
use crate::layer::Layer;
use crate::options::ParseOptions;
use crate::parse::parse_watched;
use crate::reader::Reader;
use crate::source::Sources;
use crate::yaml::Mark;

/// One setting, and where it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its path in a certificate, such as `rotation.renew_before`.
    pub key: &'static str,
    /// Who says it.
    pub by: SaidBy,
    /// Where its value stands.
    pub place: Place,
}

/// Who says what a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaidBy {
    /// The certificate itself.
    Certificate,
    /// The account's template.
    Template,
    /// `defaults` of the file.
    Defaults,
}

/// Each setting that is said of this certificate, in the order of the keys; nothing where no file
/// declares it.
#[must_use]
pub fn origins(sources: &Sources, options: &ParseOptions<'_>, address: &Address) -> Vec<Said> {
    let mut found = Vec::new();
    let mut watch = |account: &AccountDraft, reader: &Reader<'_>| {
        if account.name.value() != Some(&address.account) {
            return;
        }
        let mut drafts = account.certificates.iter().flatten();
        let draft = drafts.find(|draft| draft.name.value() == Some(&address.certificate));
        if let Some(draft) = draft {
            found = said(draft, &|mark| reader.place(mark));
        }
    };
    let _ = parse_watched(sources, options, &mut watch);
    found
}

fn said(draft: &CertificateDraft, place: &dyn Fn(Mark) -> Place) -> Vec<Said> {
    // Taken apart, so that a new key does not compile until it has its place here.
    let CertificateDraft {
        name: _,
        settings,
        import,
        custom,
        moved_from,
        mark: _,
    } = draft;
    let Layer {
        validity,
        activate,
        in_use,
        renew_before,
        trust_period,
        trust_evidence,
        retire_after,
        switch,
        windows,
        prevent_destroy,
        deletion_policy,
    } = settings;
    let all = [
        ("validity_period_days", validity.said()),
        ("activate", activate.said()),
        ("in_use", in_use.said()),
        ("rotation.renew_before", renew_before.said()),
        ("rotation.trust_period", trust_period.said()),
        ("rotation.trust_evidence", trust_evidence.said()),
        ("rotation.retire_after", retire_after.said()),
        ("rotation.switch", switch.said()),
        ("rotation.windows", windows.said()),
        ("lifecycle.prevent_destroy", prevent_destroy.said()),
        ("lifecycle.deletion_policy", deletion_policy.said()),
        ("import", import.said()),
        ("custom", custom.said()),
        ("moved_from", moved_from.said()),
    ];
    let all = all.into_iter();
    all.filter_map(|(key, said)| {
        let (mark, origin) = said?;
        let by = match origin {
            Origin::Own => SaidBy::Certificate,
            Origin::Template => SaidBy::Template,
            Origin::Defaults => SaidBy::Defaults,
        };
        let place = place(mark);
        Some(Said { key, by, place })
    })
    .collect()
}
