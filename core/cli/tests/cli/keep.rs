//! Checking, repairing, collecting and counting on the command line.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::fixture::{Fixture, Run, finish, program};

fn on(store: &Path, args: &[&str]) -> Run {
    finish(program().args(args).arg("--store").arg(store))
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("it is JSON")
}

/// The files of all blobs.
fn blobs(store: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for fan in std::fs::read_dir(store.join("blobs")).expect("it is there") {
        let fan = fan.expect("it can be read").path();
        if fan.ends_with("tmp") {
            continue;
        }
        let files = std::fs::read_dir(fan).expect("it is a folder");
        found.extend(files.map(|file| file.expect("it can be read").path()));
    }
    found.sort();
    found
}

#[test]
fn a_store_is_checked_repaired_collected_and_counted() {
    let fixture = Fixture::new();
    let folder = tempfile::tempdir().expect("there is room");
    let store = folder.path().join("store");
    let source = fixture.repository.display().to_string();
    on(&store, &["import", &source, "--tenant", "acme"]).good();
    let report = json(&on(&store, &["check", "--json"]).good());
    assert_eq!(report["problems"], 0);
    assert_eq!(report["imports"], 1);
    let shown = on(&store, &["check"]).good();
    assert!(String::from_utf8_lossy(&shown).contains("problems     0\n"));

    let damaged = &blobs(&store)[0];
    std::fs::write(damaged, "damaged").expect("there is room");
    let said = on(&store, &["check", "--json"]);
    assert_eq!(json(&said.stdout)["listed"][0]["kind"], "blob_damaged");
    assert_eq!(json(&said.stdout)["listed"][0]["places"][0]["import"], 1);
    assert_eq!(said.code, Some(34), "{}", said.stderr);
    let said = on(&store, &["repair", "--json"]);
    assert_eq!(json(&said.stdout)["listed"][0]["import"], 1);
    assert_eq!(said.code, Some(34), "{}", said.stderr);
    let report = json(&on(&store, &["repair", "--fetch", "--json"]).good());
    assert_eq!(
        (&report["fetched"], &report["losses"]),
        (&1.into(), &0.into())
    );
    on(&store, &["check"]).good();

    let stats = json(&on(&store, &["stats", "--json"]).good());
    assert_eq!(stats["tenants"][0]["tenant"], "acme");
    assert_eq!(stats["blobs"], blobs(&store).len());
    on(&store, &["stats"]).good();
    on(&store, &["rm", "1"]).good();
    let dry = json(&on(&store, &["gc", "--dry-run", "--json"]).good());
    let wet = json(&on(&store, &["gc", "--json"]).good());
    assert_eq!(
        (&dry["contents"], &wet["contents"]),
        (&stats["contents"], &stats["contents"])
    );
    assert!(blobs(&store).is_empty());
    on(&store, &["gc", "--vacuum"]).good();
    on(&folder.path().join("none"), &["gc"]).bad(26);
}
