//! Attributes, held against `git check-attr`.

use std::collections::HashMap;
use std::fs;

use gitlade::internals::opinion;
use gitlade_tests::git::Git;

const ASKED: [&str; 5] = ["text", "crlf", "diff", "eol", "filter"];

/// Paths that the patterns of the seeds are about.
const PATHS: [&str; 12] = [
    "a.png",
    "b/c.txt",
    "a.x",
    "only/a.y",
    "x/deep/y/z",
    "a/x/b",
    "abc",
    "a b",
    "a/b",
    "a",
    "b.c",
    "deep/x.txt",
];

/// The states of the attributes of one path, in our words.
fn interpret(states: &HashMap<String, String>) -> [&'static str; 4] {
    let text = |state: &str| match state {
        "set" | "input" => "set",
        "unset" => "unset",
        "auto" => "auto",
        _ => "unspecified",
    };
    [
        match text(&states["text"]) {
            "unspecified" => text(&states["crlf"]),
            specified => specified,
        },
        match states["diff"].as_str() {
            "set" => "set",
            "unset" => "unset",
            "unspecified" => "unspecified",
            _ => "value",
        },
        match states["eol"].as_str() {
            "lf" => "lf",
            "crlf" => "crlf",
            _ => "unspecified",
        },
        match states["filter"].as_str() {
            "lfs" => "lfs",
            _ => "unspecified",
        },
    ]
}

#[test]
fn attributes_are_those_of_git_check_attr() {
    let folder = gitlade_tests::scratch_in_memory();
    let git = Git::init(folder.path().join("repository"), &[]);
    // Each file in a folder of its own, so that one Git answers for all of them.
    let files: Vec<Vec<u8>> = super::inputs("attributes", 150)
        .into_iter()
        .map(|input| {
            input
                .split(|&byte| byte == 0)
                .next()
                .unwrap_or_default()
                .to_vec()
        })
        .collect();
    let mut asked = String::new();
    for (number, file) in files.iter().enumerate() {
        let place = git.dir().join(number.to_string());
        fs::create_dir(&place).expect("because there is room");
        fs::write(place.join(".gitattributes"), file).expect("because there is room");
        for path in PATHS {
            asked += &format!("{number}/{path}\0");
        }
    }
    let arguments = [&["check-attr", "-z", "--stdin"], &ASKED[..]].concat();
    let output = git.feed(&arguments, asked.as_bytes());
    let words: Vec<String> = output
        .split(|&byte| byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    let mut answers = words.chunks(3);
    let mut mentioned = 0;
    for (number, file) in files.iter().enumerate() {
        for path in PATHS {
            let states = ASKED.map(|attribute| {
                let answer = answers.next().expect("because each question is answered");
                assert_eq!(
                    answer[..2],
                    [format!("{number}/{path}"), attribute.to_owned()]
                );
                (attribute.to_owned(), answer[2].clone())
            });
            let theirs = interpret(&HashMap::from(states));
            mentioned += usize::from(theirs != ["unspecified"; 4]);
            let Some(ours) = opinion::attributes(file, path.as_bytes()) else {
                continue;
            };
            assert_eq!(ours, theirs, "{path} by {}", file.escape_ascii());
        }
    }
    assert!(mentioned > 200, "{mentioned} paths are mentioned");
}
