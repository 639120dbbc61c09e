//! How certctl is got: the binary that the action downloads, and the commands of the container.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Place, repository};

/// Writes a program.
fn program(place: &Place, name: &str, text: &str) {
    let path = place.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&path, mode).unwrap();
}

/// A place with stand-ins for what needs a network: `gh` says what `attestation` holds, and `cargo` leaves a
/// program that says that it was built.
fn place() -> Place {
    let mut place = Place::new();
    program(
        &place,
        "bin/gh",
        "#!/bin/sh\nprintf '%s ' \"$@\" >>\"$PLACE/gh.log\"\n[ \"$(cat \"$PLACE/attestation\")\" = good ]\n",
    );
    program(
        &place,
        "bin/cargo",
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do\n  case $1 in\n    --root) to=$2/bin ;;\n    --target) to=target/$2/dist ;;\n  \
         esac\n  shift\ndone\nmkdir -p \"$to\"\nprintf '#!/bin/sh\\necho built\\n' >\"$to/certctl\"\nchmod +x \"$to/certctl\"\n",
    );
    for name in ["apt-get", "rustup"] {
        program(&place, &format!("bin/{name}"), "#!/bin/sh\n");
    }
    place.write("attestation", "good");
    let path = format!(
        "{}:{}",
        place.path("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let root = place.path("").display().to_string();
    place.set("PATH", &path);
    place.set("PLACE", &root);
    place.set("CERTCTL_REPOSITORY", "OWNER/certctl");
    place.set("CERTCTL_RELEASES", &format!("file://{root}releases"));
    place
}

fn version() -> String {
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let line = manifest.lines().find(|line| line.starts_with("version = "));
    line.unwrap().split('"').nth(1).unwrap().to_owned()
}

fn sh(place: &Place, script: &str) -> Output {
    place
        .command("bash")
        .args(["-euc", script])
        .output()
        .unwrap()
}

/// A release as the workflow makes it, for this machine.
fn release(place: &Place) {
    let version = version();
    let script = format!(
        "name=certctl-{version}-$(uname -m)-unknown-linux-musl
         mkdir -p releases/v{version} \"$name\"
         printf '#!/bin/sh\\necho downloaded\\n' >\"$name/certctl\"
         chmod +x \"$name/certctl\"
         tar -czf \"releases/v{version}/$name.tar.gz\" \"$name\"
         cd releases/v{version} && sha256sum -- * >SHA256SUMS"
    );
    let made = sh(place, &script);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}

/// Runs `install.sh`; what the installed program says, or why there is none.
fn install(place: &Place) -> Result<String, String> {
    let script = repository().join("packaging/install.sh");
    let ended = sh(place, &format!("{} installed", script.display()));
    if !ended.status.success() {
        assert!(!place.path("installed/certctl").exists());
        return Err(String::from_utf8(ended.stderr).unwrap());
    }
    let said = Command::new(place.path("installed/certctl"))
        .output()
        .unwrap();
    Ok(String::from_utf8(said.stdout).unwrap())
}

#[test]
fn a_release_is_verified_before_it_is_installed() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let good = place();
    release(&good);
    assert_eq!(install(&good).unwrap(), "downloaded\n");
    let asked = good.read("gh.log");
    let tag = format!("--source-ref refs/tags/v{} ", version());
    assert!(
        asked.contains("--repo OWNER/certctl ") && asked.contains(&tag),
        "{asked}"
    );

    // Without an attestation nothing is installed, and nothing is built in its place.
    let forged = place();
    release(&forged);
    forged.write("attestation", "none");
    let why = install(&forged).unwrap_err();
    assert!(why.contains("has no attestation of OWNER/certctl"), "{why}");

    let changed = place();
    release(&changed);
    let done = sh(
        &changed,
        "for file in releases/*/*.tar.gz; do echo x >>\"$file\"; done",
    );
    assert!(done.status.success());
    let why = install(&changed).unwrap_err();
    assert!(why.contains("is not what SHA256SUMS says"), "{why}");
}

#[test]
fn where_there_is_no_release_it_is_built() {
    assert_eq!(install(&place()).unwrap(), "built\n");
}

/// The commands of the stage that builds run as they are written, up to what they leave for the image.
#[test]
fn the_commands_of_the_container_leave_what_the_image_needs() {
    let file = repository().join("packaging/container/Containerfile");
    let text = std::fs::read_to_string(file).unwrap().replace("\\\n", " ");
    let commands: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("RUN "))
        .collect();
    assert_eq!(commands.len(), 2, "{text}");
    let place = place();
    for command in commands {
        // The lists of packages of this machine stay.
        let command = command.replace("rm -rf /var/lib/apt/lists/*", "true");
        let ran = sh(&place, &command);
        assert!(
            ran.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }
    let copied = text
        .lines()
        .find_map(|line| line.strip_prefix("COPY --from=build /src/"));
    assert_eq!(copied, Some("image/ /"));
    let entry = text
        .lines()
        .find_map(|line| line.strip_prefix("ENTRYPOINT "));
    let entry: Vec<String> = serde_json::from_str(entry.unwrap()).unwrap();
    let inside = |path: &str| {
        place
            .path("image")
            .join(Path::new(path).strip_prefix("/").unwrap())
    };
    let said = Command::new(inside(&entry[0])).output().unwrap();
    assert_eq!(said.stdout, b"built\n");
    let roots = std::fs::read_to_string(inside("/etc/ssl/certs/ca-certificates.crt")).unwrap();
    assert!(roots.contains("BEGIN CERTIFICATE"));
}

/// The archive of a release holds what `install.sh` looks for, and the pages beside it.
#[test]
fn the_archive_of_a_release_is_complete() {
    let mut place = place();
    for name in [
        "Cargo.toml",
        "CHANGELOG.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
    ] {
        std::fs::copy(repository().join(name), place.path(name)).unwrap();
    }
    std::fs::create_dir(place.path("packaging")).unwrap();
    let script = repository().join("packaging/build.sh");
    std::fs::copy(script, place.path("packaging/build.sh")).unwrap();
    place.set("SOURCE_DATE_EPOCH", "1795651200");
    place.set("CERTCTL_BUILD_COMMIT", "0123456789ab");
    let built = sh(
        &place,
        "packaging/build.sh x86_64-unknown-linux-musl dist && tar -tzf dist/*.tar.gz",
    );
    let said = String::from_utf8(built.stdout).unwrap();
    assert!(
        built.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let name = format!("certctl-{}-x86_64-unknown-linux-musl", version());
    for part in ["certctl", "LICENSE-MIT", "man/", "completions/certctl.zsh"] {
        let path = format!("{name}/{part}");
        assert!(
            said.lines().any(|line| line == path),
            "{path} is not in {said}"
        );
    }
}
