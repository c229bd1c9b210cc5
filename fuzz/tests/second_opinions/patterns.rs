//! Patterns, held against `git check-ignore`.

use std::collections::HashSet;
use std::fs;

use gitlade::internals::opinion;
use gitlade_tests::git::Git;

/// Paths that the patterns of the seeds are about.
const PATHS: [&str; 12] = [
    "src/a.o",
    "src/b.c",
    "lib/c",
    "a/x/b",
    "a/b",
    "abc",
    "!x",
    "a/node_modules/b",
    "a",
    "b/a/b",
    "#x",
    "x y",
];

#[test]
fn patterns_match_what_git_check_ignore_matches() {
    let folder = gitlade_tests::scratch_in_memory();
    let git = Git::init(folder.path().join("repository"), &[]);
    // Each set of patterns in a folder of its own, so that one Git answers for all of them.
    let inputs = super::inputs("patterns", 150);
    let sets: Vec<Vec<&[u8]>> = inputs
        .iter()
        .map(|input| input.split(|&byte| byte == b'\n').take(2).collect())
        .collect();
    let mut asked = String::new();
    for (number, patterns) in sets.iter().enumerate() {
        let place = git.dir().join(number.to_string());
        fs::create_dir(&place).expect("because there is room");
        let file = patterns.join(&b'\n');
        fs::write(place.join(".gitignore"), file).expect("because there is room");
        for path in PATHS {
            asked += &format!("{number}/{path}\0");
        }
    }
    // Its exit status is 1 where nothing is ignored.
    let arguments = ["check-ignore", "-z", "--stdin", "--no-index"];
    let output = git.output(&arguments, asked.as_bytes());
    let ignored: HashSet<&[u8]> = output.stdout.split(|&byte| byte == 0).collect();
    let paths = PATHS.map(str::as_bytes);
    let mut judged = 0;
    for (number, patterns) in sets.iter().enumerate() {
        // What is refused here is of no effect there.
        let Some(ours) = opinion::ignored(patterns, &paths) else {
            continue;
        };
        judged += 1;
        for (path, ours) in PATHS.iter().zip(ours) {
            let theirs = ignored.contains(format!("{number}/{path}").as_bytes());
            let shown = patterns.join(&b'\n');
            assert_eq!(ours, theirs, "{path} by {}", shown.escape_ascii());
        }
    }
    assert!(
        judged > 200 && ignored.len() > 200,
        "{judged} {}",
        ignored.len()
    );
}
