//! What people write for a location that would be taken for another one.
//!
//! *Purpose*: `s3:/bucket/x`, `arn:aws:s3:::bucket` and `~/state` are names of directories too, and a
//! state that is made there is lost with the machine, while everybody believes it in the bucket.

/// Which rule a location breaks, and what was probably meant; none if it is what it seems to be.
pub(crate) fn mistaken(text: &str) -> Option<(&'static str, String)> {
    if let Some(rest) = text.strip_prefix("arn:") {
        let bucket = rest.rsplit(":::").next().unwrap_or_default();
        return Some((
            "an ARN is not the address of a bucket",
            format!("s3://{}", shown(bucket)),
        ));
    }
    if text.starts_with('~') {
        return Some((
            "`~` is not replaced here",
            "the path of your home directory in full".to_owned(),
        ));
    }
    if text.starts_with('$') || text.starts_with('%') {
        return Some((
            "no variable is replaced here",
            "the value, or `${NAME}` in the spec".to_owned(),
        ));
    }
    match text.split_once("://") {
        Some((scheme, rest)) => foreign(scheme, rest),
        None => without_slashes(text),
    }
}

/// Schemes and hosts by which other tools know the same buckets.
fn foreign(scheme: &str, rest: &str) -> Option<(&'static str, String)> {
    let rest = shown(rest);
    let lower = scheme.to_ascii_lowercase();
    let ours = match lower.as_str() {
        "s3a" | "s3n" => Some("s3"),
        "gcs" => Some("gs"),
        "azure" | "azblob" | "wasb" | "wasbs" | "abfs" | "abfss" if !rest.contains('@') => {
            Some("az")
        }
        "s3" | "gs" | "az" if lower != scheme => Some(lower.as_str()),
        _ => None,
    };
    if let Some(ours) = ours {
        return Some(("its scheme is not known", format!("{ours}://{rest}")));
    }
    if lower == "file" {
        return Some((
            "a directory is written as its path",
            format!("/{}", rest.trim_start_matches('/')),
        ));
    }
    if lower == "https" {
        let (host, path) = rest.split_once('/').unwrap_or((&rest, ""));
        return Some((
            "its scheme is that of one kind of bucket alone, Cloudflare R2",
            hosted(host, path)?,
        ));
    }
    None
}

/// The form for a bucket that is known by the address of its service.
fn hosted(host: &str, path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    let joined = |scheme: &str, bucket: &str| match path {
        "" => format!("{scheme}://{bucket}"),
        path => format!("{scheme}://{bucket}/{path}"),
    };
    if let Some(account) = host.strip_suffix(".blob.core.windows.net") {
        return Some(format!(
            "az://{path}, with AZURE_STORAGE_ACCOUNT_NAME={account}"
        ));
    }
    if host == "storage.googleapis.com" {
        return Some(format!("gs://{path}"));
    }
    if let Some(bucket) = host.strip_suffix(".storage.googleapis.com") {
        return Some(joined("gs", bucket));
    }
    let service = host.strip_suffix(".amazonaws.com")?;
    match service.split_once(".s3") {
        Some((bucket, _)) => Some(joined("s3", bucket)),
        None if service == "s3" || service.starts_with("s3.") || service.starts_with("s3-") => {
            Some(format!("s3://{path}"))
        }
        None => None,
    }
}

/// `s3:/bucket/x`, `s3:bucket`, `file:/x`: a word of two letters or more, and a colon.
fn without_slashes(text: &str) -> Option<(&'static str, String)> {
    let (scheme, rest) = text.split_once(':')?;
    let word = scheme.len() >= 2
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !word {
        return None;
    }
    let rest = shown(rest);
    let meant = match scheme.to_ascii_lowercase().as_str() {
        "file" => format!("/{}", rest.trim_start_matches('/')),
        known @ ("s3" | "gs" | "az" | "https") => {
            format!("{known}://{}", rest.trim_start_matches('/'))
        }
        _ => format!("./{scheme}:{rest} if it is a directory"),
    };
    Some((
        "a word and a colon begin an address, which goes on with `//`",
        meant,
    ))
}

/// What follows a scheme, without what may be a secret in it, and not too long.
fn shown(rest: &str) -> String {
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit('@').next().unwrap_or_default();
    rest.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_said() {
        for (text, meant) in [
            ("s3:/bucket/prefix", "s3://bucket/prefix"),
            ("s3:bucket", "s3://bucket"),
            ("S3://bucket/x", "s3://bucket/x"),
            ("s3a://bucket/x", "s3://bucket/x"),
            ("gs:///bucket:x", ""),
            ("gcs://bucket", "gs://bucket"),
            ("az:container/x", "az://container/x"),
            ("azure://container", "az://container"),
            ("arn:aws:s3:::bucket", "s3://bucket"),
            ("arn:aws-cn:s3:::bucket/prefix", "s3://bucket/prefix"),
            ("~/state", "the path of your home directory in full"),
            ("~", "the path of your home directory in full"),
            ("$HOME/state", "the value, or `${NAME}` in the spec"),
            ("file:///srv/state", "/srv/state"),
            ("file:/srv/state", "/srv/state"),
            (
                "https:/account.r2.cloudflarestorage.com/b",
                "https://account.r2.cloudflarestorage.com/b",
            ),
            (
                "https://bucket.s3.eu-central-1.amazonaws.com/p/",
                "s3://bucket/p",
            ),
            (
                "https://s3.eu-central-1.amazonaws.com/bucket/p",
                "s3://bucket/p",
            ),
            ("https://bucket.s3-eu-west-1.amazonaws.com", "s3://bucket"),
            ("https://storage.googleapis.com/bucket/p", "gs://bucket/p"),
            (
                "https://acme.blob.core.windows.net/states/p",
                "az://states/p, with AZURE_STORAGE_ACCOUNT_NAME=acme",
            ),
            ("state:x", "./state:x if it is a directory"),
            ("s3:/user:secret@bucket/x?key=secret", "s3://bucket/x"),
        ] {
            let found = mistaken(text).map(|(_, meant)| meant).unwrap_or_default();
            assert_eq!(found, meant, "{text}");
        }
    }

    #[test]
    fn what_is_right_is_left_alone() {
        for text in [
            "s3://bucket/x",
            "gs://bucket",
            "az://container/x",
            "https://account.r2.cloudflarestorage.com/bucket",
            ".certctl/state",
            "/srv/state",
            "./a:b",
            "C:state",
            "dir/a:b",
            "state",
        ] {
            assert_eq!(mistaken(text), None, "{text}");
        }
    }
}
