//! Which certctl this is.

use std::sync::LazyLock;

use certctl_model::Timestamp;

/// The version, as documents name it.
pub(crate) fn short() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The version, the commit that it was built from, and that commit's date, where they are known.
pub(crate) fn long() -> &'static str {
    static LONG: LazyLock<String> = LazyLock::new(|| {
        let date = option_env!("CERTCTL_BUILD_EPOCH")
            .and_then(|seconds| seconds.parse().ok())
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .map(|moment| moment.to_string().chars().take(10).collect::<String>());
        let commit = option_env!("CERTCTL_BUILD_COMMIT").map(str::to_owned);
        let known: Vec<String> = commit
            .into_iter()
            .chain(date)
            .filter(|part| !part.is_empty())
            .collect();
        match known.is_empty() {
            true => short().to_owned(),
            false => format!("{} ({})", short(), known.join(" ")),
        }
    });
    &LONG
}
