//! What a token can ask about itself.

use serde_json::json;

use crate::wire::Reply;

/// That the token is valid. Any is.
pub(crate) fn verified() -> Reply {
    let result = json!({ "id": "ed17574386854bf78a67040be0a770b0", "status": "active" });
    Reply::new(200, result)
}
