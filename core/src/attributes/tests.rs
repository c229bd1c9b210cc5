//! Attributes compared with `git check-attr`.

use std::collections::BTreeMap;

use super::*;
use crate::limits::Limits;
use crate::oracle::{Random, Repository};

const ASKED: [&str; 9] = [
    "text",
    "crlf",
    "diff",
    "eol",
    "working-tree-encoding",
    "filter",
    "linguist-generated",
    "linguist-vendored",
    "export-ignore",
];

/// What an import sees of a path, with the encoding's name in place of its number.
#[derive(Debug, PartialEq)]
struct Seen(PathAttributes, Option<String>);

/// What Git says about paths; one that ends with `/` is a folder.
fn ask_git(repository: &Repository, paths: &[String]) -> BTreeMap<String, Seen> {
    let input = paths.join("\0");
    let arguments = [&["check-attr", "-z", "--stdin"], &ASKED[..]].concat();
    let output = repository.git(&arguments, input.as_bytes());
    let output = String::from_utf8(output).unwrap();
    let words: Vec<&str> = output.trim_end_matches('\0').split('\0').collect();
    let mut states: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for word in words.chunks(3) {
        states.entry(word[0]).or_default().insert(word[1], word[2]);
    }
    assert_eq!(states.len(), paths.len());
    states
        .into_iter()
        .map(|(path, states)| (path.to_owned(), interpret(&states)))
        .collect()
}

fn interpret(states: &BTreeMap<&str, &str>) -> Seen {
    let text = |state: &str| match state {
        "set" | "input" => TextAttribute::Set,
        "unset" => TextAttribute::Unset,
        "auto" => TextAttribute::Auto,
        _ => TextAttribute::Unspecified,
    };
    let flag = |name| !matches!(states[name], "unspecified" | "unset" | "false");
    let encoding = match states["working-tree-encoding"] {
        "set" | "unset" | "unspecified" | "" => None,
        name => Some(name.to_owned()),
    };
    let attributes = PathAttributes {
        text: match text(states["text"]) {
            TextAttribute::Unspecified => text(states["crlf"]),
            specified => specified,
        },
        diff: match states["diff"] {
            "set" => DiffAttribute::Set,
            "unset" => DiffAttribute::Unset,
            "unspecified" => DiffAttribute::Unspecified,
            _ => DiffAttribute::Driver,
        },
        eol: match states["eol"] {
            "lf" => Some(crate::attributes::path::EolAttribute::Lf),
            "crlf" => Some(crate::attributes::path::EolAttribute::Crlf),
            _ => None,
        },
        working_tree_encoding: None,
        lfs: states["filter"] == "lfs",
        generated: flag("linguist-generated"),
        vendored: flag("linguist-vendored"),
        export_ignore: states["export-ignore"] == "set",
    };
    Seen(attributes, encoding)
}

/// A tree of folders, with attributes files in some.
struct Tree {
    files: BTreeMap<String, Vec<u8>>,
    names: Vec<&'static str>,
    depth: usize,
}

impl Tree {
    fn new(names: &[&'static str], depth: usize) -> Self {
        Tree {
            files: BTreeMap::new(),
            names: names.to_vec(),
            depth,
        }
    }

    /// Sets the attributes file of `folder`, which is empty or ends with `/`.
    fn file(mut self, folder: &str, content: &[u8]) -> Self {
        self.files.insert(folder.to_owned(), content.to_vec());
        self
    }

    /// Walks all paths, depth first.
    fn ask_stack(&self) -> BTreeMap<String, Seen> {
        let top = self.files.get("").map(Vec::as_slice);
        let mut stack = AttributeStack::new(top, &Limits::default()).unwrap();
        let mut seen = BTreeMap::new();
        self.walk("", self.depth, &mut stack, &mut seen);
        seen
    }

    fn walk(
        &self,
        folder: &str,
        depth: usize,
        stack: &mut AttributeStack,
        seen: &mut BTreeMap<String, Seen>,
    ) {
        for name in &self.names {
            for (suffix, is_folder) in [("", false), ("/", true)] {
                let mut found = stack.attributes_of(name.as_bytes(), is_folder).unwrap();
                let encoding = found.working_tree_encoding.take().map(|encoding| {
                    String::from_utf8(stack.encoding_name(encoding).to_vec()).unwrap()
                });
                seen.insert(format!("{folder}{name}{suffix}"), Seen(found, encoding));
            }
            if depth > 0 {
                let inside = format!("{folder}{name}/");
                let file = self.files.get(&inside).map(Vec::as_slice);
                stack.enter(name.as_bytes(), file).unwrap();
                self.walk(&inside, depth - 1, stack, seen);
                stack.leave();
            }
        }
    }

    #[track_caller]
    fn compare(&self) {
        let repository = Repository::new();
        for (folder, content) in &self.files {
            repository.write(&format!("{folder}.gitattributes"), content);
        }
        let seen = self.ask_stack();
        let paths: Vec<String> = seen.keys().cloned().collect();
        let expected = ask_git(&repository, &paths);
        for (path, expected) in &expected {
            let files = || {
                let show = |(folder, content): (&String, &Vec<u8>)| {
                    format!("-- {folder}\n{}", String::from_utf8_lossy(content))
                };
                self.files.iter().map(show).collect::<String>()
            };
            assert_eq!(&seen[path], expected, "{path}\n{}", files());
        }
    }
}

#[test]
fn follows_the_rules_of_the_manual() {
    Tree::new(&["a", "b.c", "d.x"], 2)
        .file(
            "",
            b"\xef\xbb\xbf# comment\r\n*.c text eol=lf\r\n[attr]gen linguist-generated -diff\n\
              *.x binary\n/a gen\n/a/*.c !eol diff=cpp\na/a/** filter=lfs\n!b.c -text\n\
              \"b\\056c\" linguist-vendored=true\na/ export-ignore\n**/a/b.c text=auto\n\
              d.x working-tree-encoding=UTF-16LE-BOM\nb.c text=input no.such -bad=1 --worse\n",
        )
        .file(
            "a/",
            b"[attr]gen text\n[attr]later -text\nd.x -binary\nb.c gen later\n/a/d.x !text diff\n",
        )
        .file(
            "a/a/",
            b"* crlf=input linguist-generated=false\nb.c text\0eol=crlf\na diff",
        )
        .compare();
}

#[test]
fn macros_nest_and_may_be_redefined() {
    Tree::new(&["a", "b", "c"], 0)
        .file(
            "",
            b"[attr]one two -diff\n[attr]two three text\n[attr]three one eol=lf\n\
              [attr]binary diff=x\n[attr]late text\na one\nb binary\nb -three\nc -two one\nc late\n\
              [attr]late -text eol=crlf\n",
        )
        .compare();
}

#[test]
fn random_files_mean_what_git_says() {
    const NAMES: [&str; 5] = ["a", "ab", "b.c", "c.d.c", "x-y"];
    const PIECES: [&str; 28] = [
        "a",
        "ab",
        "b.c",
        "c.d.c",
        "*",
        "**",
        "?",
        "*.c",
        "a*",
        "*b",
        "/",
        "/",
        "/",
        "**/",
        "/**",
        "/**/",
        "**\\/",
        "[ab]",
        "[!a]*",
        "[[:alpha:]]",
        "\\a",
        "*.*",
        "a*b",
        ".",
        "c",
        "b",
        "x-y",
        "[a-",
    ];
    const STATES: [&str; 26] = [
        "text",
        "-text",
        "!text",
        "text=auto",
        "text=x",
        "diff",
        "-diff",
        "!diff",
        "diff=cpp",
        "eol=lf",
        "eol=crlf",
        "-eol",
        "crlf",
        "-crlf",
        "filter=lfs",
        "filter=x",
        "binary",
        "-binary",
        "!binary",
        "m",
        "-m",
        "n",
        "linguist-generated",
        "-linguist-vendored",
        "working-tree-encoding=UTF-16",
        "export-ignore",
    ];
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let mut tree = Tree::new(&NAMES, 2);
        for folder in ["", "", "a/", "ab/", "a/ab/", "a/a/", "b.c/x-y/"] {
            if folder.is_empty() || random.below(2) == 0 {
                let mut file = String::new();
                if random.below(3) == 0 {
                    let (first, second) = (random.pick(&STATES), random.pick(&STATES));
                    file.push_str(&format!("[attr]m {first} n\n[attr]n {second} m -text\n"));
                }
                for _ in 0..random.below(14) {
                    for _ in 0..1 + random.below(4) {
                        file.push_str(random.pick(&PIECES));
                    }
                    for _ in 0..random.below(4) {
                        file.push_str(random.pick(&[" ", "\t", "  "]));
                        file.push_str(random.pick(&STATES));
                    }
                    file.push_str(random.pick(&["\n", "\n", "\r\n", " \n"]));
                }
                tree = tree.file(folder, file.as_bytes());
            }
        }
        tree.compare();
    }
}

#[test]
fn many_anchored_rules_keep_their_order() {
    let mut top = String::new();
    for index in 0..40 {
        top.push_str(&format!(
            "/a/b{index}/c text\n/b/c diff={index}\n*.c eol=lf\n"
        ));
    }
    top.push_str("/a/ab/b.c -text\n/a/**/ab filter=lfs\n/a/a* -diff\n");
    Tree::new(&["a", "ab", "b.c"], 3)
        .file("", top.as_bytes())
        .file("a/", b"*.c eol=crlf\nab/b.c diff\n")
        .file("a/ab/", top.as_bytes())
        .compare();
}

#[test]
fn comparisons_are_capped() {
    let limits = Limits::default().max_pattern_matches(100);
    let mut stack = AttributeStack::new(Some(b"*.c text\n*.h text\n"), &limits).unwrap();
    let walked = (0..).find_map(|_| stack.attributes_of(b"x", false).err());
    let error = crate::Error::from(walked.expect("because the cap is finite"));
    assert_eq!(error.limit(), Some("max_pattern_matches"));
}

#[test]
fn a_folder_without_rules_costs_nothing() {
    let limits = Limits::default().max_pattern_matches(0);
    let mut stack = AttributeStack::new(None, &limits).unwrap();
    stack.enter(b"a", None).unwrap();
    let attributes = stack.attributes_of(b"b", false).unwrap();
    assert_eq!(attributes, PathAttributes::default());
}

#[test]
fn files_on_the_way_are_capped_together() {
    let limits = Limits::default().max_attributes(20);
    let file: &[u8] = b"* text\n* te";
    assert_eq!(file.len(), 11);
    let mut stack = AttributeStack::new(Some(file), &limits).unwrap();
    stack.enter(b"a", Some(&file[..9])).unwrap();
    stack.leave();
    let error = stack.enter(b"b", Some(&file[..10])).unwrap_err();
    assert_eq!(crate::Error::from(error).limit(), Some("max_attributes"));
}

#[test]
fn macro_bombs_stay_small() {
    let mut file = String::new();
    for index in 0..2_000 {
        file.push_str(&format!("[attr]m{index} m{} m{}\n", index + 1, index + 1));
    }
    file.push_str("* m0\n");
    let mut stack = AttributeStack::new(Some(file.as_bytes()), &Limits::default()).unwrap();
    for _ in 0..100 {
        stack.attributes_of(b"x", false).unwrap();
    }
}
