//! The life of a certificate as bars: valid, trusted, in use, kept.

use certctl_model::Timestamp;

use certctl_forecast::{Life, Span};

/// What a certificate is during a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It exists and has not expired.
    Valid,
    /// Gateway uses it.
    InUse,
    /// It was replaced, and is kept as the way back.
    Kept,
    /// It is available, and devices get the time to trust it.
    Trust,
}

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) phase: Phase,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// The bars of a life within a span; those that are short come last, to be drawn over the others.
pub(super) fn bars(life: &Life, span: Span) -> Vec<Bar> {
    let ends = [life.gone, life.expires].into_iter().flatten();
    let end = ends.min().map_or(span.until, |end| end.min(span.until));
    let bar = |phase, from: Timestamp, to: Timestamp| {
        let (from, to) = (from.max(span.from), to.min(end));
        (from < to).then_some(Bar { phase, from, to })
    };
    let first_use = life.uses.first().map(|(from, _)| *from);
    let valid = bar(Phase::Valid, life.from, end);
    let uses = life.uses.iter();
    let uses = uses.filter_map(|(from, to)| bar(Phase::InUse, *from, to.unwrap_or(end)));
    let kept = life.retires.and_then(|from| bar(Phase::Kept, from, end));
    let trust = life
        .available
        .zip(first_use)
        .and_then(|(from, to)| bar(Phase::Trust, from, to));
    valid
        .into_iter()
        .chain(uses)
        .chain(kept)
        .chain(trust)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: u32) -> Timestamp {
        let start = "2026-01-01T00:00:00Z".parse().unwrap();
        certctl_model::Period::days(n).after(start)
    }

    #[test]
    fn a_life_has_its_phases_within_the_span() {
        let span = Span {
            from: day(0),
            until: day(100),
            every: certctl_model::Period::DAY,
        };
        let life = Life {
            address: "acme/a".parse().unwrap(),
            from: day(10),
            expires: Some(day(200)),
            available: Some(day(10)),
            uses: vec![(day(17), Some(day(80)))],
            retires: Some(day(80)),
            gone: Some(day(87)),
        };
        let drawn: Vec<_> = bars(&life, span)
            .iter()
            .map(|b| (b.phase, b.from, b.to))
            .collect();
        assert_eq!(
            drawn,
            [
                (Phase::Valid, day(10), day(87)),
                (Phase::InUse, day(17), day(80)),
                (Phase::Kept, day(80), day(87)),
                (Phase::Trust, day(10), day(17)),
            ]
        );
        let open = Life {
            uses: vec![(day(17), None)],
            retires: None,
            gone: None,
            ..life
        };
        assert_eq!(bars(&open, span)[1].to, day(100));
    }
}
