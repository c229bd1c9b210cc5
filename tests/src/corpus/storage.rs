//! Samples of one project that differ in how a repository keeps it.

use std::path::Path;

use super::{Files, Sample};
use crate::git::Git;
use crate::repo::write_file;

/// The project, at one of its versions.
fn version(number: usize) -> Files {
    let mut files = Files::new()
        .file(".gitattributes", "*.bin binary\n")
        .file("README", format!("version {number}\n"))
        .executable("run", "#!/bin/sh\n")
        .symlink("link", "README")
        .file("data.bin", "text that is called binary\n");
    for n in 0..30 {
        let text = "a line that all of them have\n".repeat(50);
        files = files.file(
            format!("src/{}/{n}", n % 4),
            format!("{text}{n} {number}\n"),
        );
    }
    files
}

fn bare(dir: &Path) -> Git {
    with_history(Git::init(dir, &["--bare"]))
}

fn with_history(git: Git) -> Git {
    for number in 0..4 {
        version(number).commit(&git, "main");
    }
    git
}

fn path(dir: &Path) -> &str {
    dir.to_str()
        .expect("because temporary folders have plain names")
}

/// Runs commands of Git, one a line.
fn run(git: &Git, commands: &str) {
    for line in commands.lines() {
        git.run(&line.split_whitespace().collect::<Vec<_>>());
    }
}

/// A bare repository of the project, after these commands.
macro_rules! after {
    ($($name:literal: $what:literal, $commands:literal;)*) => {
        &[$(Sample::new(concat!("storage/", $name), $what, |dir| {
            run(&bare(dir), $commands);
        }),)*]
    };
}

pub(super) const AFTER: &[Sample] = after! {
    "loose": "Every object in a file of its own.", "";
    "packed": "One pack, with deltas.", "repack -q -a -d -f --depth=50 --window=50";
    "packed-by-id": "One pack whose deltas name their base by id.", "-c repack.useDeltaBaseOffset=false repack -q -a -d -f";
    "packed-whole": "One pack without deltas.", "repack -q -a -d -f --depth=0 --window=0";
    "packed-stored": "One pack that is not compressed.", "-c pack.compression=0 -c core.compression=0 repack -q -a -d -F";
    "index-version-1": "The index that Git wrote until 2007.", "-c pack.indexVersion=1 repack -q -a -d -f";
    "bitmaps": "A pack with bitmaps and a reverse index.", "repack -q -a -d -b\nrev-parse HEAD";
    "commit-graph": "A commit graph.", "repack -q -a -d\ncommit-graph write --reachable";
    "packed-refs": "Refs in one file.", "branch other\ntag v1\ntag -a -m message v2\npack-refs --all";
    "both": "Every object loose and packed.", "repack -q -a";
    "tags": "Tags of tags, of a tree and of a blob, and a branch called as a tag.", "tag light\ntag -a -m 1 one\ntag -a -m 2 two one\ntag -a -m 3 three two\ntag tree HEAD^{tree}\ntag blob HEAD:README\ntag -a -m t tagged-tree HEAD^{tree}\nbranch light HEAD~1";
    "detached": "A detached HEAD.", "update-ref --no-deref HEAD HEAD~1";
    "replaced": "A replacement for the commit, which an import does not look at.", "replace HEAD HEAD~1";
    "cruft": "A pack of what nothing needs.", "update-ref refs/heads/main HEAD~1\nreflog expire --expire=now --all\nrepack -q --cruft -d";
};

pub(super) const OTHERS: &[Sample] = &[
    Sample::new(
        "storage/many-packs",
        "A pack for each commit, and loose objects.",
        |dir| {
            let git = Git::init(dir, &["--bare"]);
            for number in 0..6 {
                version(number).commit(&git, "main");
                if number < 5 {
                    git.run(&["repack", "-q", "-d"]);
                }
            }
        },
    ),
    Sample::new(
        "storage/multi-pack-index",
        "Six packs under one index.",
        |dir| {
            let git = Git::init(dir, &["--bare"]);
            for number in 0..6 {
                version(number).commit(&git, "main");
                git.run(&["repack", "-q", "-d"]);
            }
            git.run(&["multi-pack-index", "write"]);
        },
    ),
    Sample::new(
        "storage/multi-pack-index-256",
        "The same with SHA-256 ids and bitmaps.",
        |dir| {
            let git = Git::init(dir, &["--bare", "--object-format=sha256"]);
            for number in 0..6 {
                version(number).commit(&git, "main");
                git.run(&["repack", "-q", "-d"]);
            }
            git.run(&["multi-pack-index", "write", "--bitmap"]);
        },
    ),
    Sample::new("storage/sha256", "SHA-256 ids, loose.", |dir| {
        with_history(Git::init(dir, &["--bare", "--object-format=sha256"]));
    }),
    Sample::new("storage/sha256-packed", "SHA-256 ids, packed.", |dir| {
        let git = with_history(Git::init(dir, &["--bare", "--object-format=sha256"]));
        git.run(&["repack", "-q", "-a", "-d", "-f"]);
    }),
    Sample::new(
        "storage/work-tree",
        "A work tree whose files, attributes and index are not those of the commit.",
        |dir| {
            version(0).checked_out(dir);
            write_file(&dir.join(".gitattributes"), "* binary\n");
            write_file(&dir.join("README"), "changed\n");
            write_file(&dir.join("untracked"), "new\n");
            Git::at(dir).run(&["rm", "-q", "--cached", "run"]);
        },
    ),
    Sample::new("storage/inside", "A folder inside a work tree.", |dir| {
        version(0).checked_out(dir);
    })
    .open("src/1"),
    Sample::new(
        "storage/linked",
        "A linked worktree at another commit.",
        |dir| {
            let git = with_history(Git::init(dir.join("main"), &[]));
            git.run(&["worktree", "add", "-q", "--detach", "../linked", "HEAD~2"]);
        },
    )
    .open("linked"),
    Sample::new(
        "storage/linked-of-bare",
        "A linked worktree of a bare repository, with refs of its own.",
        |dir| {
            let git = bare(&dir.join("bare"));
            git.run(&[
                "worktree",
                "add",
                "-q",
                "-b",
                "other",
                "../linked",
                "HEAD~1",
            ]);
            git.run(&["pack-refs", "--all"]);
        },
    )
    .open("linked"),
    Sample::new(
        "storage/separate",
        "A `.git` file that names a repository elsewhere.",
        |dir| {
            let real = dir.join("real");
            let git = Git::init(dir.join("work"), &["--separate-git-dir", path(&real)]);
            version(0).commit(&git, "main");
        },
    )
    .open("work"),
    Sample::new(
        "storage/submodule",
        "A submodule's work tree, whose repository is inside its superproject's.",
        |dir| {
            bare(&dir.join("inner"));
            let outer = Git::init(dir.join("outer"), &[]);
            outer.run(&["submodule", "--quiet", "add", "../inner", "inner"]);
            outer.commit_all("message");
        },
    )
    .open("outer/inner"),
    Sample::new(
        "storage/alternates",
        "A clone that shares its objects, and has some of its own.",
        |dir| {
            let origin = bare(&dir.join("origin"));
            origin.run(&["clone", "-q", "--bare", "--shared", ".", "../clone"]);
            version(9).commit(&Git::at(dir.join("clone")), "main");
        },
    )
    .open("clone"),
    Sample::new(
        "storage/alternates-of-alternates",
        "A clone of such a clone.",
        |dir| {
            let origin = bare(&dir.join("origin"));
            origin.run(&["repack", "-q", "-a", "-d"]);
            origin.run(&["clone", "-q", "--bare", "--shared", ".", "../one"]);
            let one = Git::at(dir.join("one"));
            version(8).commit(&one, "main");
            one.run(&["clone", "-q", "--bare", "--shared", ".", "../clone"]);
            version(9).commit(&Git::at(dir.join("clone")), "main");
        },
    )
    .open("clone"),
    Sample::new("storage/shallow", "A clone of depth 1.", |dir| {
        let origin = bare(&dir.join("origin"));
        origin.run(&[
            "clone",
            "-q",
            "--bare",
            "--depth=1",
            &url(&dir.join("origin")),
            "../clone",
        ]);
    })
    .open("clone"),
    Sample::new(
        "storage/partial",
        "A clone without blobs: all of them are missing.",
        |dir| partial(dir, "--filter=blob:none"),
    )
    .open("clone"),
    Sample::new(
        "storage/partial-large",
        "A clone without blobs of a KiB and more.",
        |dir| partial(dir, "--filter=blob:limit=1k"),
    )
    .open("clone"),
    Sample::new(
        "storage/merges",
        "Branches that were merged, and HEAD on another one.",
        |dir| {
            let git = Git::init(dir, &[]);
            version(0).commit(&git, "main");
            git.run(&["branch", "side"]);
            version(1).commit(&git, "main");
            Files::new().file("side", "1\n").commit(&git, "side");
            git.run(&["checkout", "-q", "-f", "main"]);
            git.run(&["merge", "-q", "-m", "merge", "-s", "ours", "side"]);
            git.run(&["checkout", "-q", "side"]);
        },
    ),
    Sample::new(
        "storage/headers",
        "A commit with a signature, an encoding and a header that nobody knows.",
        |dir| {
            let git = bare(dir);
            let tree = git.line(&["rev-parse", "HEAD^{tree}"]);
            let signature = crate::objects::SIGNATURE;
            let text = format!(
                "tree {tree}\nauthor {signature}\ncommitter {signature}\nencoding ISO-8859-1\n\
                 gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\nx-more y\n\nmessage"
            );
            let id = git.feed(
                &["hash-object", "-t", "commit", "-w", "--stdin"],
                text.as_bytes(),
            );
            let id = String::from_utf8_lossy(&id);
            git.run(&["update-ref", "refs/heads/main", id.trim_end()]);
        },
    ),
    Sample::new(
        "storage/objects-twice",
        "The same objects in two packs.",
        |dir| {
            let git = bare(dir);
            git.run(&["repack", "-q", "-a", "-d"]);
            let objects = git.run(&["rev-list", "--objects", "--no-object-names", "HEAD~1"]);
            git.feed(&["pack-objects", "-q", "objects/pack/pack"], &objects);
        },
    ),
];

fn url(dir: &Path) -> String {
    format!("file://{}", path(dir))
}

fn partial(dir: &Path, filter: &str) {
    let origin = bare(&dir.join("origin"));
    origin.run(&["config", "uploadpack.allowFilter", "true"]);
    let url = url(&dir.join("origin"));
    origin.run(&["clone", "-q", "--bare", filter, &url, "../clone"]);
}
