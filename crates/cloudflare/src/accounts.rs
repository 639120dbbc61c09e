//! Which accounts the credentials see.

use std::collections::BTreeMap;

use certctl_model::AccountId;
use serde_json::Value;

use crate::client::Client;
use crate::envelope::{Malformed, text};
use crate::error::ReadError;
use crate::exchange::Reply;

/// The most that the API gives in one page.
const PER_PAGE: usize = 50;
/// No credentials see more accounts than so many pages hold; it bounds what a server that never
/// ends its pages can take.
const MOST_PAGES: usize = 400;

/// One account that the credentials see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSummary {
    /// Its id.
    pub id: AccountId,
    /// What people call it; any text, to be escaped before it reaches a terminal.
    pub name: Option<String>,
}

impl Client {
    /// Every account that the credentials see, ordered by id; one request for each 50 of them.
    ///
    /// # Errors
    /// When one of the pages is not whole and well-formed, or they do not end.
    pub async fn accounts(&self) -> Result<Vec<AccountSummary>, ReadError> {
        let nobody = AccountId::nobody();
        let mut found = BTreeMap::new();
        for page in 1..=MOST_PAGES {
            let path = format!("/accounts?page={page}&per_page={PER_PAGE}");
            let last = page == MOST_PAGES;
            let (accounts, more) = self
                .read(&nobody, &path, |reply| read_page(reply, page, last))
                .await
                .map_err(ReadError::from)?;
            found.extend(
                accounts
                    .into_iter()
                    .map(|account| (account.id.clone(), account)),
            );
            if !more {
                break;
            }
        }
        Ok(found.into_values().collect())
    }
}

/// A page, and whether another follows.
fn read_page(
    reply: &Reply,
    page: usize,
    last: bool,
) -> Result<(Vec<AccountSummary>, bool), Malformed> {
    let Value::Array(items) = &reply.result else {
        return Err(Malformed::new("the list of accounts is not an array"));
    };
    let accounts = items.iter().map(account).collect::<Result<Vec<_>, _>>()?;
    let pages = reply.result_info.get("total_pages").and_then(Value::as_u64);
    let more = match pages.and_then(|pages| usize::try_from(pages).ok()) {
        Some(pages) => page < pages,
        None => items.len() >= PER_PAGE,
    };
    if more && items.is_empty() {
        return Err(Malformed::new(
            "the list of accounts is not whole: a page is empty and more are announced",
        ));
    }
    if more && last {
        return Err(Malformed::new("the list of accounts does not end"));
    }
    Ok((accounts, more))
}

fn account(item: &Value) -> Result<AccountSummary, Malformed> {
    let id = item.get("id").and_then(Value::as_str);
    let id = id.and_then(|id| id.parse().ok());
    Ok(AccountSummary {
        id: id.ok_or_else(|| Malformed::new("an account in the list has no usable id"))?,
        name: text(item.get("name")),
    })
}
