//! What is alike is told once: in a fleet the same happens to hundreds of accounts.

use std::collections::HashMap;

/// So many alike are told together; fewer are told one by one.
const TOGETHER: usize = 6;

/// The items by what makes them alike, in the order of the first of each: alone, or six and more together.
/// No group is empty.
#[must_use]
pub fn alike<T>(items: Vec<(String, T)>) -> Vec<Vec<T>> {
    let mut counted: HashMap<String, usize> = HashMap::new();
    for (key, _) in &items {
        *counted.entry(key.clone()).or_default() += 1;
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<T>> = Vec::new();
    for (key, item) in items {
        let folded = counted.get(&key).is_some_and(|n| *n >= TOGETHER);
        let place = places.get(&key).filter(|_| folded);
        if let Some(group) = place.and_then(|place| groups.get_mut(*place)) {
            group.push(item);
        } else {
            places.insert(key, groups.len());
            groups.push(vec![item]);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_are_told_together_where_the_first_of_them_stands() {
        let items = |text: &str| text.chars().map(|c| (c.to_string(), c)).collect();
        let told = |text: &str| -> Vec<String> {
            let groups = alike::<char>(items(text));
            groups.into_iter().map(String::from_iter).collect()
        };
        assert_eq!(
            told("xayayayayay"),
            ["x", "a", "y", "a", "y", "a", "y", "a", "y", "a", "y"]
        );
        assert_eq!(
            told("xayayayayaya"),
            ["x", "aaaaaa", "y", "y", "y", "y", "y"]
        );
        assert!(told("").is_empty());
    }
}
