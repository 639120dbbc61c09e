//! What the tests of a store share.

use certctl_model::{AccountState, Name};
use certctl_state::{Holder, Key};

pub(crate) const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

pub(crate) fn key() -> Key {
    Key {
        origin: "127.0.0.1:8080".to_owned(),
        account_id: ACCOUNT.parse().unwrap(),
    }
}

pub(crate) fn holder(who: &str) -> Holder {
    Holder {
        who: who.to_owned(),
        r#where: "runner-1 (pid 42)".to_owned(),
        operation: "apply".to_owned(),
    }
}

/// A state that can be told from others by its name.
pub(crate) fn named(name: &str) -> AccountState {
    AccountState {
        account_name: Some(name.parse::<Name>().unwrap()),
        ..AccountState::default()
    }
}
