//! What fits: sections are taken in the order of their importance and shown in the order of reading.
//!
//! Lengths are counted in bytes, which no platform's way of counting characters exceeds.

use certctl_plan::list;

/// A part of the comment that may be shortened: items between a head and a foot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    /// What comes first, where any item is shown.
    pub(crate) head: String,
    /// What may be left out, from the last one on.
    pub(crate) items: Vec<String>,
    /// What comes last, where any item is shown.
    pub(crate) foot: String,
    /// What its items are called, when some are left out.
    pub(crate) noun: &'static str,
}

/// A section as it is shown, and how much of it is not.
#[derive(Debug, Default)]
pub(crate) struct Fitted {
    /// The text; empty where nothing fits.
    pub(crate) text: String,
    left_out: usize,
    noun: &'static str,
}

/// Room for the line that says how many items are left out of a section.
const MORE: usize = 80;

impl Section {
    pub(super) fn len(&self) -> usize {
        if self.items.is_empty() {
            return 0;
        }
        let items: usize = self.items.iter().map(String::len).sum();
        self.head.len() + items + self.foot.len()
    }

    /// As many items as there is room for; nothing at all where not even one fits.
    fn fit(self, room: usize) -> Fitted {
        let all = self.items.len();
        let mut kept = all;
        let mut length = self.len();
        let mut more = 0;
        while kept > 0 && length + more > room {
            kept -= 1;
            length -= self.items.get(kept).map_or(0, String::len);
            more = MORE;
        }
        let left_out = all - kept;
        let mut text = String::new();
        if kept > 0 {
            text.push_str(&self.head);
            text.extend(self.items.into_iter().take(kept));
            text.push_str(&self.foot);
        }
        if kept > 0 && left_out > 0 {
            text.push_str(&format!(
                "\n{left_out} more {} left out.\n",
                are(left_out, self.noun)
            ));
        }
        Fitted {
            text,
            left_out,
            noun: self.noun,
        }
    }
}

/// Fits sections, given in the order of their importance, into the room that there is.
#[must_use]
pub(crate) fn fit(sections: Vec<Section>, mut room: usize) -> Vec<Fitted> {
    sections
        .into_iter()
        .map(|section| {
            let fitted = section.fit(room);
            room = room.saturating_sub(fitted.text.len());
            fitted
        })
        .collect()
}

/// What is left out of all sections, if anything is.
#[must_use]
pub(crate) fn left_out(fitted: &[Fitted]) -> Option<String> {
    let parts: Vec<String> = fitted
        .iter()
        .filter(|one| one.left_out > 0)
        .map(|one| format!("{} {}", one.left_out, plural(one.left_out, one.noun)))
        .collect();
    (!parts.is_empty()).then(|| list(&parts))
}

fn plural(n: usize, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{noun}{s}")
}

fn are(n: usize, noun: &str) -> String {
    let verb = if n == 1 { "is" } else { "are" };
    format!("{} {verb}", plural(n, noun))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(items: usize) -> Section {
        Section {
            head: "head\n".to_owned(),
            items: vec!["- item\n".to_owned(); items],
            foot: String::new(),
            noun: "item",
        }
    }

    #[test]
    fn the_least_important_is_left_out_first() {
        let whole = section(20).len();
        let fitted = fit(vec![section(20), section(20), section(20)], whole + 120);
        assert_eq!(fitted[0].text.len(), whole);
        assert!(
            fitted[1].text.ends_with("\n15 more items are left out.\n"),
            "{:?}",
            fitted[1]
        );
        assert_eq!(fitted[2].text, "");
        assert_eq!(left_out(&fitted).as_deref(), Some("15 items and 20 items"));
    }

    #[test]
    fn nothing_exceeds_the_room() {
        for room in 0..400 {
            let fitted = fit(vec![section(30), section(1), section(7)], room);
            let length: usize = fitted.iter().map(|one| one.text.len()).sum();
            assert!(length <= room, "{length} of {room}");
        }
        assert!(left_out(&fit(vec![section(3)], 1_000)).is_none());
    }
}
