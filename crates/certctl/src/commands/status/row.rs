//! One row of the status: the same for people and programs.

use certctl_model::Timestamp;
use serde::Serialize;

/// One certificate of an account.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) account: String,
    pub(super) address: Option<String>,
    pub(super) role: Option<&'static str>,
    pub(super) certificate_id: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) validity_period_days: Option<i64>,
    pub(super) expires_on: Option<Timestamp>,
    pub(super) days_left: Option<i64>,
    pub(super) binding_status: Option<String>,
    pub(super) in_use: bool,
}
