//! "Did you mean": which known word somebody probably wanted.

/// Words longer than this are no typing errors.
const LONGEST: usize = 64;

/// The known word that is nearest to the one written, if one is near at all.
pub(crate) fn nearest(
    written: &str,
    known: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    if written.len() > LONGEST {
        return None;
    }
    let written = normal(written);
    let mut best: Option<(usize, &'static str)> = None;
    for word in known {
        let distance = if shares_words(&written, word) {
            1
        } else {
            distance(&written, word)
        };
        let near = distance <= (word.len().max(written.len()) / 3).min(3);
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, word));
        }
    }
    best.map(|(_, word)| word)
}

/// The known names that are near to the one written, the nearest first; at most three.
#[must_use]
pub fn nearby<'k>(written: &str, known: impl Iterator<Item = &'k str>) -> Vec<&'k str> {
    if written.len() > LONGEST {
        return Vec::new();
    }
    let mut near: Vec<(usize, &str)> = known
        .map(|name| (distance(written, name), name))
        .filter(|(distance, name)| *distance <= (name.len().max(written.len()) / 3).min(3))
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// `validityPeriodDays` and `validity-period-days` as `validity_period_days`.
fn normal(word: &str) -> String {
    let mut normal = String::with_capacity(word.len() + 4);
    let mut lower = false;
    for c in word.trim().chars() {
        if c.is_ascii_uppercase() && lower {
            normal.push('_');
        }
        lower = c.is_ascii_lowercase();
        normal.push(if c == '-' || c == ' ' {
            '_'
        } else {
            c.to_ascii_lowercase()
        });
    }
    normal
}

/// Whether every part of what was written is a part of the word, as `validity_days` is.
fn shares_words(written: &str, word: &str) -> bool {
    written.len() > 1
        && written
            .split('_')
            .all(|part| !part.is_empty() && word.split('_').any(|p| p == part))
}

/// How many letters are to be inserted, removed, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let width = b.len() + 1;
    let mut rows: [Vec<usize>; 3] = [vec![0; width], (0..width).collect(), vec![0; width]];
    for (i, letter) in a.iter().enumerate() {
        let [before, above, row] = &mut rows;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, other) in b.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let change = get(above, j) + usize::from(letter != other);
            let mut least = change.min(get(above, j + 1) + 1).min(get(row, j) + 1);
            let swapped =
                i > 0 && j > 0 && a.get(i - 1) == Some(other) && b.get(j - 1) == Some(letter);
            if swapped {
                least = least.min(get(before, j - 1) + 1);
            }
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = least;
            }
        }
        rows.rotate_left(1);
    }
    rows[1].last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_and_other_spellings_are_recognised() {
        let known = [
            "validity_period_days",
            "activate",
            "in_use",
            "account_id",
            "rotation",
        ];
        for (written, meant) in [
            ("validity_days", Some("validity_period_days")),
            ("days", Some("validity_period_days")),
            ("validityPeriodDays", Some("validity_period_days")),
            ("validity-period-days", Some("validity_period_days")),
            ("inuse", Some("in_use")),
            ("activte", Some("activate")),
            ("acitvate", Some("activate")),
            ("id", Some("account_id")),
            ("rotations", Some("rotation")),
            ("colour", None),
            ("", None),
            ("_", None),
        ] {
            assert_eq!(nearest(written, known.into_iter()), meant, "{written}");
        }
    }

    #[test]
    fn distances_count_swaps_once() {
        for (a, b, expected) in [
            ("", "", 0),
            ("ab", "ba", 1),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
