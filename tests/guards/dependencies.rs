//! What must not be linked, because it costs more than everything else together.

use std::fs;

use tests::cargo;
use tests::files::root;

use crate::built::{FUNCTIONS, program};

/// Crates that gather CPU jitter as entropy at the first handshake, a hundred times the work of
/// the handshake; or that load a library of the system.
const TLS_NOT_OURS: [&str; 5] =
    ["aws-lc-rs", "aws-lc-sys", "aws-lc-fips-sys", "native-tls", "openssl-sys"];
/// An older HTTP stack, that the defaults of the SDK link beside the current one.
const OLDER: [(&str, &str); 2] = [("hyper", "0.14."), ("rustls", "0.21.")];
/// What programs with the first of these contain. Symbols such as `jent_entropy_init` would say
/// more, but deployed programs have none.
const TRACES: [&str; 2] = ["aws-lc", "AWS-LC"];

/// The crates that a function is built of, on any system.
fn crates(package: &str) -> Vec<String> {
    let arguments = ["tree", "--locked", "--edges", "normal,build", "--target", "all"];
    let mut tree = cargo::command();
    tree.args(arguments).args(["--prefix", "none", "--format", "{p}", "--package", package]);
    let output = tree.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn functions_use_one_tls_library_and_it_is_ring() {
    for function in FUNCTIONS {
        let crates = crates(function);
        assert!(crates.iter().any(|name| name == "ring"), "{function} has TLS from ring");
        let found: Vec<_> = crates.iter().filter(|c| TLS_NOT_OURS.contains(&c.as_str())).collect();
        assert!(found.is_empty(), "{function} links {found:?}: see default-features in Cargo.toml");
    }
}

#[test]
fn programs_contain_no_jitter_entropy() {
    for function in FUNCTIONS {
        let program = fs::read(program(function)).unwrap();
        for trace in TRACES {
            let is_there = program.windows(trace.len()).any(|bytes| bytes == trace.as_bytes());
            assert!(!is_there, "{function} contains `{trace}`");
        }
    }
}

#[test]
fn no_older_http_stack_is_locked() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let packages = lock.split("[[package]]").filter_map(|package| {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_start_matches(" = ").trim_matches('"'))
        };
        field("name").zip(field("version"))
    });
    let mut seen = 0;
    for (name, version) in packages {
        seen += usize::from(OLDER.iter().any(|(older, _)| *older == name));
        let is_older = OLDER.iter().any(|(old, start)| *old == name && version.starts_with(start));
        assert!(!is_older, "{name} {version} is locked: `cargo tree -i {name}@{version}` says why");
    }
    assert!(seen >= OLDER.len(), "Cargo.lock names the current stack");
}
