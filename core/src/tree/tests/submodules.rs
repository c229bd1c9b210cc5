//! Our reader of `.gitmodules` and Git's must agree.

use proptest::prelude::*;

use super::generated;
use super::git::Git;
use crate::tree::config::{Malformed, Variables};

/// What `git config --list -z` prints for a file; `None` if Git cannot read it.
fn git_lists(git: &Git, text: &[u8]) -> Option<Vec<u8>> {
    std::fs::write(git.path().join("file"), text).unwrap();
    let (success, stdout, _) = git.output(&["config", "--file", "file", "--list", "-z"], b"");
    success.then_some(stdout)
}

fn we_list(text: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut list = Vec::new();
    let mut variables = Variables::new(text);
    while let Some(variable) = variables.next()? {
        if !variable.section.is_empty() {
            list.extend_from_slice(variable.section);
            list.push(b'.');
        }
        list.extend_from_slice(variable.key);
        if let Some(value) = variable.value {
            list.push(b'\n');
            list.extend_from_slice(value);
        }
        list.push(0);
    }
    Ok(list)
}

fn assert_agreement(git: &Git, text: &[u8]) {
    let shown = String::from_utf8_lossy(text);
    assert_eq!(we_list(text).ok(), git_lists(git, text), "{shown:?}");
}

#[test]
fn syntax_by_table() {
    let git = Git::init("sha1");
    for text in [
        "",
        "\u{feff}[a]\nb = c\n",
        "[a \"b\"]\n\tc = d\n\te=f\r\n[a]g=h",
        "[A.B \"C\"]\nD = E\n",
        "[submodule.Legacy]\npath = x\n",
        "[a]\nb = \"quoted ; # \" tail  # comment\n",
        "[a]\nb = one \\\n  two\\\n\n",
        "[a]\nb = \\t\\n\\b\\\\\\\"\n",
        "[a]\nb = \\x\n",
        "[a]\nb = \"open\n",
        "[a]\nb = spaces   inside  \t \n",
        "[a]\nb =   \"  \" x \n",
        "[a]\nb\n",
        "[a]\nb c\n",
        "[a]\n; comment\n# comment\n  b = c",
        "[a \"x\\\"y\\\\z\"]\nb = c\n",
        "[a \"x\ny\"]\n",
        "[a \"x\" ]\n",
        "[a\t\"x\"]\nb=c\n",
        "[a x]\n",
        "[]\n",
        "[a",
        "[a \"b",
        "[a]\n1 = 2\n",
        "[a]\nb-c1 = d\n",
        "[a]\nb_c = d\n",
        "[a]\rb = c\r\n",
        "[a]\nb = c\rd\n",
        "key = before any section\n",
        "[a] b = c\n[d]e=f\n",
        "[a]\nb = c\\",
        "[a]\nb = \"c\\\n d\" e\n",
    ] {
        assert_agreement(&git, text.as_bytes());
    }
}

#[test]
fn random_files() {
    let git = Git::init("sha1");
    let piece = proptest::sample::select(vec![
        "[",
        "]",
        "\"",
        "\\",
        "\n",
        "\r",
        "\r\n",
        " ",
        "\t",
        "=",
        "#",
        ";",
        "a",
        "B",
        "-",
        ".",
        "[s \"x\"]\n",
        "[s]\n",
        "k = v\n",
        "\\\n",
        "\\t",
        "é",
    ]);
    let files = proptest::collection::vec(piece, 1..14);
    for pieces in generated(files, 300) {
        assert_agreement(&git, format!("[s]\nk = {}", pieces.concat()).as_bytes());
        assert_agreement(&git, pieces.concat().as_bytes());
    }
}

proptest! {
    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = we_list(&bytes);
    }
}
