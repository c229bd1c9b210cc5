//! The version of the rules by which verdicts are remembered.

use super::*;

/// What the rules of version 1 say of the contents of the corpus.
const VERDICTS: (u64, &str) = (
    1,
    "38a31e4c401ffcf536cc13d6778d686a944d8d47cf26eff57a5377b7bbc22324",
);

/// Facts that older rules found are believed as long as the version of the rules is the same.
#[test]
fn other_verdicts_need_another_version_of_the_rules() {
    let place = Place::new();
    let mut verdicts = BTreeSet::new();
    for sample in corpus::all() {
        if !sample.name.starts_with("contents/") {
            continue;
        }
        let dir = place.folder.path().join(sample.name);
        sample.make(&dir);
        let id = put_all(&place.store, &sample.opened(&dir)).id;
        let manifest = ndjson(&place.store.manifest(id).expect("because it is complete"));
        for line in manifest.split(|&byte| byte == b'\n') {
            let Ok(record) = serde_json::from_slice::<serde_json::Value>(line) else {
                continue;
            };
            if record["kind"] == "file" {
                let keys = [
                    "oid",
                    "content",
                    "encoding",
                    "bom",
                    "eol",
                    "lines",
                    "mime",
                    "basis",
                    "git_binary",
                    "lfs",
                ];
                let words: Vec<String> = keys.iter().map(|key| record[key].to_string()).collect();
                verdicts.insert(words.join(" "));
            }
        }
    }
    assert!(verdicts.len() > 100, "{}", verdicts.len());
    let all: Vec<String> = verdicts.into_iter().collect();
    let digest = blake3::hash(all.join("\n").as_bytes()).to_hex();
    let version = place.number("SELECT max(rules) FROM snapshots");
    assert_eq!(
        (version, digest.as_str()),
        VERDICTS,
        "if the corpus has new contents, only the digest here changes; if contents that were there \
         have other verdicts now, raise RULES_VERSION too"
    );
}
