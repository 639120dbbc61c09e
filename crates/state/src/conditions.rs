//! Whether a store keeps the conditions of conditional writes.
//!
//! Everything here rests on them, and there are servers with an S3 API that ignore the headers and
//! answer 200: two runners would hold one lock and neither would know. So the first lease that a
//! process takes from a store is used to try both conditions once. Each write that must fail is
//! harmless if it does not: it writes the lease that is ours.

use std::sync::atomic::Ordering;

use object_store::UpdateVersion;
use object_store::path::Path;

use crate::StateError;
use crate::lease_object::{LeaseObject, Status};
use crate::object::{Objects, Put};

/// Tries both conditions on the lease that was just taken; gives its new version and beat.
pub(crate) async fn prove(
    objects: &Objects,
    path: &Path,
    place: &str,
    lease: &LeaseObject,
    version: UpdateVersion,
) -> Result<(UpdateVersion, u64), StateError> {
    if objects.proven().load(Ordering::Relaxed) {
        return Ok((version, lease.beat));
    }
    let beat = |n| lease.with(Status::Held, lease.beat + n).encode(place);
    if let Put::Done(_) = objects.put(path, beat(1)?, None).await? {
        return Err(ignored(place, "If-None-Match: *"));
    }
    let newer = match objects.put(path, beat(2)?, Some(version.clone())).await? {
        Put::Done(newer) => newer,
        Put::Conflict => match objects.get(path).await? {
            Some((bytes, newer)) if is_ours(&bytes, lease) => newer,
            _ => {
                return Err(StateError::Lost {
                    place: place.to_owned(),
                    why: "somebody else wrote it at once".to_owned(),
                });
            }
        },
    };
    if let Put::Done(_) = objects.put(path, beat(3)?, Some(version)).await? {
        return Err(ignored(place, "If-Match"));
    }
    objects.proven().store(true, Ordering::Relaxed);
    Ok((newer, lease.beat + 2))
}

fn is_ours(bytes: &[u8], lease: &LeaseObject) -> bool {
    LeaseObject::decode(bytes).is_ok_and(|found| found.id == lease.id)
}

fn ignored(place: &str, condition: &str) -> StateError {
    StateError::Remote {
        doing: "lock",
        place: place.to_owned(),
        message: format!("the store ignores conditional writes ({condition})"),
        hint: Some(
            "without them two runs can hold one lock: use a store that keeps them, such as AWS S3, \
             Cloudflare R2, Google Cloud Storage, Azure Blob Storage or a current MinIO"
                .to_owned(),
        ),
    }
}
