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
    let beat = |n| lease.with(Status::Locked, lease.beat + n).encode(place);
    if let Put::Done(_) = objects.put(path, beat(1)?, None).await? {
        return Err(ignored(place, "If-None-Match: *"));
    }
    let mut current = version.clone();
    let mut tried = false;
    let newer = loop {
        if let Put::Done(newer) = objects.put(path, beat(2)?, Some(current.clone())).await? {
            break newer;
        }
        let found = objects.get(path).await?;
        let found = found.and_then(|(bytes, version)| Some((ours(&bytes, lease)?, version)));
        match found {
            // It was written, and the answer was lost.
            Some((beat, newer)) if beat == lease.beat + 2 => break newer,
            // Nobody else was there, and still the condition did not hold: once may be chance.
            Some((_, found)) if !tried => {
                tried = true;
                current = found;
            }
            Some((_, found)) => return Err(never_holds(place, &found)),
            None => {
                return Err(StateError::Lost {
                    place: place.to_owned(),
                    why: "somebody else wrote it at once".to_owned(),
                });
            }
        }
    };
    if let Put::Done(_) = objects.put(path, beat(3)?, Some(version)).await? {
        return Err(ignored(place, "If-Match"));
    }
    objects.proven().store(true, Ordering::Relaxed);
    Ok((newer, lease.beat + 2))
}

/// Which version of the lease this is; none if it is another's.
fn ours(bytes: &[u8], lease: &LeaseObject) -> Option<u64> {
    let found = LeaseObject::decode(bytes).ok()?;
    (found.id == lease.id).then_some(found.beat)
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

fn never_holds(place: &str, version: &UpdateVersion) -> StateError {
    let weak = version
        .e_tag
        .as_deref()
        .is_some_and(|tag| tag.starts_with("W/"));
    StateError::Remote {
        doing: "lock",
        place: place.to_owned(),
        message: if weak {
            "If-Match never holds, for the store's ETags are weak (W/)".to_owned()
        } else {
            "If-Match never holds, also for what was just written".to_owned()
        },
        hint: Some(
            "nothing was done: no state could have been saved; a proxy in between that compresses \
             answers makes ETags weak, else the store does not keep conditional writes"
                .to_owned(),
        ),
    }
}
