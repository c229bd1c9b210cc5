//! What each contender does, and what it does not do.

use crate::report::Report;
use crate::table::Table;

/// Name, what it does, what it does not do that the first of its table does, or does besides.
const WHO: [(&str, &str, &str); 23] = [
    (
        "gitlade import",
        "the whole, from the disk: every entry in order, BLAKE3, text or binary, encoding, line endings, folder digests; manifest written",
        "",
    ),
    (
        "gitlade import --verify ids",
        "the same, and every object is checked by its id",
        "",
    ),
    (
        "floor: inflate only",
        "inflates each needed entry once, on the same threads, with gitlade's own reader and its checksums",
        "is told which entries; no hash, no classification, no order, no manifest",
    ),
    (
        "limit: inflate + BLAKE3",
        "the same, with BLAKE3 of each object: the least that any import has to do",
        "is told which entries; no classification, no order, no manifest",
    ),
    (
        "git ls-tree | cat-file",
        "lists the tree, and reads each content by `cat-file --batch --buffer`",
        "contents are thrown away: no hash, no classification, no manifest; one thread",
    ),
    (
        "pygit2 + blake3",
        "walks the tree in Python over libgit2, BLAKE3 of each content",
        "no classification, no folder digests, no manifest; a content that is named twice is read twice; one thread",
    ),
    ("dulwich + blake3", "the same in Python alone", "as pygit2"),
    (
        "git archive | tar",
        "writes the files to the disk, which gitlade does not",
        "no hash, no classification; leaves out what `export-ignore` says; one thread",
    ),
    (
        "b3sum of a checkout",
        "BLAKE3 of each file of a checkout, on all threads",
        "the checkout is made before and not counted; no Git: no inflating, no classification, no folder digests, no order",
    ),
    (
        "gitingest of a checkout",
        "one text of all files, with a drawing of the tree; its limits are lifted",
        "the checkout is not counted; no hash; its text or binary is a guess by the first kilobyte; tokens are not counted, which would download a vocabulary",
    ),
    (
        "repomix of a checkout",
        "one text of all files, with a drawing of the tree, and counts of tokens, which is most of its time; its limits are lifted",
        "the checkout is not counted; no hash; binary files are left out",
    ),
    (
        "gitlade import URL",
        "the whole, from a server at depth 1: the pack is taken in while it arrives, all objects checked by their ids; manifest written",
        "",
    ),
    (
        "git clone --bare --depth 1",
        "takes in the pack, resolves it and writes it with an index to the disk, objects checked by their ids",
        "no hash of contents but SHA-1, no classification, no list",
    ),
    (
        "git clone --depth 1",
        "the same, and the files are written to the disk",
        "no hash of contents but SHA-1, no classification, no list",
    ),
    (
        "git clone --depth 1, b3sum",
        "the same, and BLAKE3 of each file",
        "no classification, no folder digests",
    ),
    (
        "ingest of the pack file",
        "gitlade's taking in of the pack, from a file",
        "no network, no order, no manifest",
    ),
    (
        "forge's API, blob by blob",
        "asks for the tree, then for each content by a request of its own, ten at once, and BLAKE3 of it",
        "no classification, no folder digests, ids are believed; no encryption, and no limit of 5,000 requests an hour as GitHub has",
    ),
    (
        "gitlade import --store",
        "the whole, and texts in a database, binary contents as files",
        "",
    ),
    ("gitlade import URL --store", "the same from a server", ""),
    (
        "the same commit again",
        "imports into a store what it has",
        "nothing is read but the commit",
    ),
    (
        "a commit that changes 1 %",
        "imports into a store the commit after the one that it has",
        "contents that have not changed are not read",
    ),
    (
        "git clone --depth 1 file://",
        "writes the files to the disk, from a repository on the disk",
        "no hash of contents but SHA-1, no classification, no list; the pack is made anew for it",
    ),
    (
        "git clone --depth 1 URL",
        "the same from a server whose answer is recorded",
        "no hash of contents but SHA-1, no classification, no list",
    ),
];

/// The table of those that took part.
pub(super) fn table(report: &Report) -> Table {
    let mut table = Table::new(["contender", "does", "does not"]);
    let took_part = |name: &str| {
        let all = report
            .contests
            .iter()
            .flat_map(|contest| &contest.contenders);
        all.into_iter().any(|one| one.name == name)
    };
    for (name, does, does_not) in WHO {
        if took_part(name) {
            table.row([name, does, does_not].map(str::to_owned));
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_named_twice() {
        for (number, one) in WHO.iter().enumerate() {
            assert!(
                WHO[..number].iter().all(|other| other.0 != one.0),
                "{}",
                one.0
            );
        }
    }
}
