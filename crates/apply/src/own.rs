//! A CA of one's own that is to be uploaded, with its private key.
//!
//! *Guarantees*: the key is asked for when the upload is due, before anything else that the upload rests
//! on is read; it is held by this run alone, until the CA is stored, and wiped with the last that holds
//! it. Nothing that is said here quotes it.

use certctl_cloudflare::Upload;
use certctl_plan::{Change, Step};

use crate::keys::NoKey;
use crate::work::Work;

/// Has the upload of a step ready; says whether it is. What stands in the way is a failure of the step.
pub(crate) async fn make_ready(work: &mut Work<'_>, change: &Change, step: &Step) -> bool {
    let address = &change.address;
    if matches!(&work.upload, Some((ready, _)) if ready == address) {
        return true;
    }
    let certificate = work.account.certificate(&address.certificate);
    let Some(own) = certificate.and_then(|declared| declared.own.as_deref()) else {
        let error = "the spec gives no CA to upload".to_owned();
        work.fail(change, step, error, None);
        return false;
    };
    let private_key = match work.fleet.keys.private_key(work.account, own).await {
        Ok(private_key) => private_key,
        Err(NoKey { what, hint }) => {
            work.fail(change, step, what, Some(hint));
            return false;
        }
    };
    if let Err(unfit) = own.ca.owns(&private_key) {
        let error = format!("{} is not uploaded: {unfit}", own.file);
        let hint = "`custom.private_key` has to give the key of this very certificate".to_owned();
        work.fail(change, step, error, Some(hint));
        return false;
    }
    let upload = Upload {
        name: address.to_string(),
        certificates: own.ca.pem.clone(),
        private_key,
    };
    work.upload = Some((address.clone(), upload));
    true
}
