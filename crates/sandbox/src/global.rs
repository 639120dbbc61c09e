//! What belongs to no account: which accounts the token sees, and whether it is valid.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::account::Account;
use crate::token;
use crate::wire::{Outcome, Refusal, Reply};

/// What a page holds where nobody says how much, and the most that it can hold.
const PER_PAGE: usize = 20;
const MOST_PER_PAGE: usize = 50;

/// Whether a path is one of these.
pub(crate) fn is_global(path: &str) -> bool {
    matches!(path, "/accounts" | "/user/tokens/verify")
}

/// Answers a call to one of them.
pub(crate) fn dispatch(
    accounts: &BTreeMap<String, Account>,
    method: &str,
    path: &str,
    query: Option<&str>,
) -> Outcome {
    match (path, method) {
        ("/accounts", "GET") => Ok(list(accounts, query)),
        ("/user/tokens/verify", "GET") => Ok(token::verified()),
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// A page of the accounts, in the order of their ids.
fn list(accounts: &BTreeMap<String, Account>, query: Option<&str>) -> Reply {
    let asked = |key: &str| {
        let pairs = query.unwrap_or_default().split('&');
        let mut values = pairs.filter_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
        values.next().and_then(|value| value.parse::<usize>().ok())
    };
    let page = asked("page").unwrap_or(1).max(1);
    let per_page = asked("per_page")
        .unwrap_or(PER_PAGE)
        .clamp(1, MOST_PER_PAGE);
    let told: Vec<Value> = accounts
        .iter()
        .skip((page - 1).saturating_mul(per_page))
        .take(per_page)
        .map(|(id, account)| {
            let name = account.name.clone();
            let short: String = id.chars().take(8).collect();
            let name = name.unwrap_or_else(|| format!("Account {short}"));
            json!({ "id": id, "name": name, "type": "standard", "settings": {} })
        })
        .collect();
    let info = json!({
        "page": page, "per_page": per_page, "count": told.len(),
        "total_count": accounts.len(), "total_pages": accounts.len().div_ceil(per_page),
    });
    Reply {
        result_info: Some(info),
        ..Reply::new(200, Value::Array(told))
    }
}
