//! What has to fit together within one account. What spans accounts is in [`crate::across`].

mod custom;
mod evidence;

use std::collections::HashMap;

use certctl_model::{Code, Diagnostic, Period, ValidityDays};

use crate::contradiction::{Contradiction, Side, origin};
use crate::draft::{CertificateDraft, CustomDraft};
use crate::fields::Field;
use crate::reader::Reader;
use crate::spec::{Import, Rotation};
use crate::yaml::Mark;

/// How many certificates of an account Cloudflare keeps available at once.
const MAX_AVAILABLE: usize = 10;

/// What one certificate says of itself.
pub(crate) fn certificate(draft: &CertificateDraft, reader: &mut Reader<'_>) {
    in_use_is_active(draft, reader);
    let trusted_in_time = trust_ends_before_renewal(draft, reader);
    evidence::check(draft, reader);
    if draft.custom.value().is_some() {
        // How long it is valid is its owner's to say.
        custom::check(draft, reader);
        return;
    }
    let renewed_in_time = renewal_is_within_validity(draft, reader);
    if trusted_in_time && renewed_in_time {
        validity_outlasts_periods(draft, reader);
    }
}

/// What the certificates of one account, or of one template, say of each other.
pub(crate) fn together(certificates: &[CertificateDraft], reader: &mut Reader<'_>) {
    one_is_in_use(certificates, reader);
    moves_are_possible(certificates, reader);
    all_can_be_available(certificates, reader);
}

fn in_use_is_active(draft: &CertificateDraft, reader: &mut Reader<'_>) {
    let (in_use, activate) = (&draft.settings.in_use, &draft.settings.activate);
    if in_use.value() == Some(&true) && activate.value() == Some(&false) {
        let (a, b) = (origin(in_use), origin(activate));
        let message = format!("`in_use: true`{a} contradicts `activate: false`{b}");
        Contradiction {
            code: Code::InUseInactive,
            message,
        }
        .report(
            "what Gateway uses has to be active: remove one of the two",
            [Side::of(activate, "not active"), Side::of(in_use, "in use")],
            draft,
            reader,
        );
    }
}

/// Whether the trust period leaves the renewal in time; otherwise says why not.
fn trust_ends_before_renewal(draft: &CertificateDraft, reader: &mut Reader<'_>) -> bool {
    let (renewal, trust) = (&draft.settings.renew_before, &draft.settings.trust_period);
    let (Some(&before), Some(declared)) = (renewal.value(), trust.known()) else {
        return true;
    };
    let period = declared.unwrap_or(Rotation::default().trust_period);
    if period < before {
        return true;
    }
    let mut hint = format!("raise `renew_before` above {period}");
    if before > Period::ZERO {
        hint = format!("{hint}, or lower `trust_period` below {before}");
    }
    let (a, b) = (origin(trust), origin(renewal));
    let message =
        format!("`trust_period` of {period}{a} is not shorter than `renew_before` of {before}{b}");
    Contradiction {
        code: Code::RotationPeriods,
        message,
    }
    .report(
        &hint,
        [
            Side::of(renewal, "renewed this long before expiry"),
            Side::of(trust, "trusted this long"),
        ],
        draft,
        reader,
    );
    false
}

/// Whether the renewal comes after the certificate was made; otherwise says why not.
fn renewal_is_within_validity(draft: &CertificateDraft, reader: &mut Reader<'_>) -> bool {
    let (renewal, validity) = (&draft.settings.renew_before, &draft.settings.validity);
    let (Some(&before), Some(declared)) = (renewal.value(), validity.known()) else {
        return true;
    };
    let days = declared.unwrap_or(ValidityDays::DEFAULT).days();
    if before < Period::days(days) {
        return true;
    }
    let mut hint = format!("lower `renew_before` below {days}d");
    let needed = before.as_seconds() / Period::DAY.as_seconds() + 1;
    if needed <= i64::from(ValidityDays::MAX) {
        hint = format!("{hint}, or raise `validity_period_days` to {needed} or more");
    }
    let (a, b) = (origin(renewal), origin(validity));
    let message = format!(
        "`renew_before` of {before}{a} is not shorter than `validity_period_days` of {days}{b}"
    );
    Contradiction {
        code: Code::RotationPeriods,
        message,
    }
    .report(
        &hint,
        [
            Side::of(renewal, "renewed this long before expiry"),
            Side::of(validity, "valid this long"),
        ],
        draft,
        reader,
    );
    false
}

/// A certificate that is trusted and retired for longer than it is valid spends its life on that.
fn validity_outlasts_periods(draft: &CertificateDraft, reader: &mut Reader<'_>) {
    let settings = &draft.settings;
    let (Some(validity), Some(trust), Some(retire)) = (
        settings.validity.known(),
        settings.trust_period.known(),
        settings.retire_after.known(),
    ) else {
        return;
    };
    let default = Rotation::default();
    let days = validity.unwrap_or(ValidityDays::DEFAULT).days();
    let trust = trust.unwrap_or(default.trust_period);
    let retire = retire.unwrap_or(default.retire_after);
    let needed = trust.as_seconds() + retire.as_seconds();
    if Period::days(days).as_seconds() > needed {
        return;
    }
    let mut hint = "lower `rotation.trust_period` or `rotation.retire_after`".to_owned();
    let longer = needed / Period::DAY.as_seconds() + 1;
    if longer <= i64::from(ValidityDays::MAX) {
        hint = format!("raise `validity_period_days` to {longer} or more, or {hint}");
    }
    let (a, b) = (origin(&settings.validity), origin(&settings.trust_period));
    let c = origin(&settings.retire_after);
    let message = format!(
        "`validity_period_days` of {days}{a} is not longer than `trust_period` of {trust}{b} and \
         `retire_after` of {retire}{c} together"
    );
    let sides = [
        settings.validity.own_mark(),
        settings.trust_period.own_mark(),
        settings.retire_after.own_mark(),
    ];
    let at = sides.into_iter().flatten().next().unwrap_or(draft.mark);
    let diagnostic = Diagnostic::warning(Code::ValidityShort, message).hint(hint);
    let place = reader.place(at);
    reader.report(diagnostic.at(Some(place)));
}

/// Whether each name is given once; where one is not, the second is reported.
pub(crate) fn names_are_unique(certificates: &[CertificateDraft], reader: &mut Reader<'_>) {
    let mut first = HashMap::new();
    for (name, mark) in certificates
        .iter()
        .filter_map(|c| Some((c.name.value()?, c.mark)))
    {
        if let Some(earlier) = first.get(name) {
            let message = format!("certificate `{name}` is declared twice");
            let diagnostic = Diagnostic::error(Code::DuplicateCertificate, message)
                .hint("give one of them another name, or remove it");
            twice(diagnostic, mark, *earlier, "first declared here", reader);
        } else {
            first.insert(name, mark);
        }
    }
}

fn one_is_in_use(certificates: &[CertificateDraft], reader: &mut Reader<'_>) {
    let in_use = certificates
        .iter()
        .filter(|c| c.settings.in_use.value() == Some(&true));
    let mut first = None;
    for mark in in_use.map(|c| c.settings.in_use.own_mark().unwrap_or(c.mark)) {
        let Some(earlier) = first else {
            first = Some(mark);
            continue;
        };
        let diagnostic = Diagnostic::error(
            Code::SeveralInUse,
            "a second certificate of this account is declared in use",
        )
        .hint("Gateway uses one certificate per account: keep one `in_use: true`");
        twice(diagnostic, mark, earlier, "the first", reader);
    }
}

fn moves_are_possible(certificates: &[CertificateDraft], reader: &mut Reader<'_>) {
    let declared: HashMap<_, _> = certificates
        .iter()
        .filter_map(|c| Some((c.name.value()?, c.mark)))
        .collect();
    let mut claimed = HashMap::new();
    for certificate in certificates {
        let Field::Is {
            value: old, mark, ..
        } = &certificate.moved_from
        else {
            continue;
        };
        let error = |message: String| Diagnostic::error(Code::MovedFromDeclared, message);
        if certificate.name.value() == Some(old) {
            let place = reader.place(*mark);
            let message = "`moved_from` names this very certificate".to_owned();
            reader.report(
                error(message)
                    .at(Some(place))
                    .hint("write its former name, or remove it"),
            );
        } else if let Some(other) = declared.get(old) {
            let diagnostic = error(format!(
                "`moved_from` names `{old}`, which is still declared"
            ))
            .hint("remove that certificate, or this `moved_from`");
            twice(diagnostic, *mark, *other, "declared here", reader);
        } else if let Some(earlier) = claimed.insert(old, *mark) {
            let diagnostic = error(format!("two certificates were `{old}` before"))
                .hint("only one of them can take it over");
            twice(diagnostic, *mark, earlier, "claimed first here", reader);
        }
    }
}

/// An account has room for ten that are available. One that names the certificate to import and does
/// not say `activate` stays as it is; any other that is not declared inactive is activated.
fn all_can_be_available(certificates: &[CertificateDraft], reader: &mut Reader<'_>) {
    let needed = certificates.iter().filter(|certificate| {
        let settings = &certificate.settings;
        let named = matches!(certificate.import.value(), Some(Import::Id(_)))
            || matches!(certificate.custom.value(), Some(CustomDraft::Id(_)));
        let in_use = settings.in_use.value() == Some(&true);
        in_use || settings.activate.value().copied().unwrap_or(!named)
    });
    let mut beyond = needed.skip(MAX_AVAILABLE);
    let Some(first) = beyond.next() else { return };
    let count = MAX_AVAILABLE + 1 + beyond.count();
    let message = format!(
        "{count} certificates of this account have to be available, and an account has room for \
         {MAX_AVAILABLE}"
    );
    let diagnostic = Diagnostic::error(Code::AvailableCap, message)
        .hint("write `activate: false` on those that can do without, or remove them");
    let place = reader.place(first.mark);
    reader.report(diagnostic.at(Some(place)));
}

/// Reports something that is there twice, with both places.
fn twice(diagnostic: Diagnostic, at: Mark, earlier: Mark, what: &str, reader: &mut Reader<'_>) {
    let (at, earlier) = (reader.place(at), reader.place(earlier));
    reader.report(diagnostic.at(Some(at)).related(earlier, what));
}
