//! Texts that are no pages, and what a page may not lead to.

use proptest::prelude::*;

use super::shown;
use crate::detect::{ForgePage, Target};
use crate::source::Source;

/// URLs that are read as no page of a repository.
#[rustfmt::skip]
const NONE: &[&str] = &[
    "",
    "github.com/o/r/tree/main",
    "git@github.com:o/r.git",
    "ssh://git@github.com/o/r/tree/main",
    "git://github.com/o/r",
    "file:///o/r/-/tree/main",
    "ext::https://github.com/o/r",
    "https://github.com",
    "https://github.com/",
    "https://github.com/o",
    "https://github.com/o/",
    "https://github.com/settings/tokens",
    "https://github.com/orgs/o/repositories",
    "https://github.com/Topics/git/tree/main",
    "https://github.com/o/../r/tree/main",
    "https://github.com/o/r/tree/main/..",
    "https://github.com/o/r/tree/main/%2e%2e/%2E%2E/etc",
    "https://github.com/o/r/tree/./main",
    "https://github.com/o//r/tree/main",
    "https://github.com//o/r",
    "https://github.com/o/r/tree//main",
    "https://github.com/o/r/tree/ma\nin",
    "https://github.com/o/r/tree/ma%0ain",
    "https://github.com/o/r/tree/ma%00in",
    "https://github.com/o/r/tree/main/a%1b[2J",
    "https://github.com/o/r/tree/main/%C2%85",
    "https://github.com/o/r/tree/main/%ff",
    "https://github.com/o/r/tree/main/%E2%80%AEtxt.exe",
    "https://github.com/o/r/tree/main/\u{202e}txt.exe",
    "https://github.com/o/r/tree/main/%",
    "https://github.com/o/r/tree/main/%zz",
    "https://github.com/o/r/tree/main docs",
    "https://github.com/o/r\\tree/main",
    " https://github.com/o/r/tree/main",
    "https://github.com/o/r/tree/main\t",
    "https://me:secret@github.com/o/r/tree/main",
    "https://good@evil@github.com/o/r",
    "https://0x7f.1/g/r/-/tree/main",
    "https://127.1/g/r/-/tree/main",
    "https://-x/g/r/-/tree/main",
    "https:///g/r/-/tree/main",
    "https://github.com:0/o/r",
    "https://gitlab.com/explore/projects",
    "https://gitlab.com/-/snippets/1",
    "https://gitlab.com/g",
    "https://bitbucket.org/w",
    "https://codeberg.org/explore/repos",
    "https://git.sr.ht/o/r",
    "https://dev.azure.com/o/p",
    "https://dev.azure.com/o/p/_versionControl?path=$/p",
    "https://gist.github.com/discover",
    "https://git.kernel.org/pub/scm/",
    "https://git.example.org/o/r",
    "https://git.example.org/o/r.git",
    "https://git.example.org/o/r/treee/main/docs",
    "https://git.example.org/o/tree/main",
    "https://git.example.org/g/-/tree/main",
    "https://git.example.org/src/branch/main",
    "https://a.console.aws.amazon.com.example.org/codesuite/codecommit/repositories/r/browse",
    "https://x.y.console.aws.amazon.com/codesuite/codecommit/repositories/r/browse",
];

#[test]
fn what_is_no_page_is_not_read() {
    for url in NONE {
        assert_eq!(ForgePage::parse(url), None, "{url:?}");
    }
    let long = format!("https://github.com/o/r/tree/{}", "a/".repeat(5_000));
    assert_eq!(ForgePage::parse(long), None);
    assert_eq!(ForgePage::parse(b"https://github.com/o/r/tree/\xff"), None);
}

/// A slash that is encoded may bring parts that no path has.
#[test]
fn encoded_parts_lead_nowhere_else() {
    for url in [
        "https://github.com/o/r/tree/main/..%2f..%2fetc",
        "https://github.com/o/r/blob/main/a%2F%2Fb",
        "https://dev.azure.com/o/p/_git/r?path=/a/../../b&version=GBmain",
        "https://dev.azure.com/o/p/_git/r?path=../b",
        "https://git.kernel.org/a.git/tree/b%2f..%2fc?h=main",
        "https://gitlab.com/g/r/-/archive/v1/r.zip?path=../x",
        "https://bitbucket.org/w/r/src/8843d7f92416/a?at=../../x",
    ] {
        let page = ForgePage::parse(url).unwrap_or_else(|| panic!("{url}"));
        for candidate in page.candidates() {
            let text = shown(&candidate);
            assert!(
                !text.contains("..") && !text.contains("//"),
                "{url}: {text}"
            );
        }
        assert_eq!(page.certain(), None, "{url}");
    }
}

#[test]
fn many_slashes_offer_few_choices() {
    let url = format!("https://github.com/o/r/tree/{}", "a/".repeat(4_000));
    let page = ForgePage::parse(&url[..8_000]).expect("it is a page");
    assert_eq!(page.candidates().len(), 8);
    let url = format!("https://git.sr.ht/~u/r/tree/{}x", "item/".repeat(1_500));
    let page = ForgePage::parse(url).expect("it is a page");
    assert_eq!(page.candidates().len(), 8);
    assert_eq!(page.prefixes().len(), 16);
}

#[test]
fn a_file_is_named_by_a_pattern_of_its_own() {
    let url = "https://raw.githubusercontent.com/o/r/8843d7f92416211de9ebb963ff4ce28125932878/a/%5Bb%5D%20%2A.txt";
    let candidate = ForgePage::parse(url).expect("it is a page").certain();
    let candidate = candidate.expect("a commit is certain");
    assert_eq!(candidate.target, Target::File);
    assert_eq!(candidate.subdir(), Some("a"));
    assert_eq!(candidate.include().as_deref(), Some(r"/\[b\]\ \*.txt"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn any_text_is_read_safely(
        host in prop::sample::select(vec![
            "github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht", "dev.azure.com",
            "x.googlesource.com", "git.kernel.org", "gist.github.com", "git.example.org",
            "raw.githubusercontent.com", "codeload.github.com", "a.console.aws.amazon.com",
        ]),
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "a", "b.git", "tree", "blob", "-", "src", "branch", "commit", "~u", "_git", "+", "item",
                "HEAD", "refs", "heads", "8843d7f92416211de9ebb963ff4ce28125932878", "%2e%2e", "..",
                "%2f", "%0a", "%e2%80%ae", "*", "raw", "archive", "releases", "tag", "--", "browse",
                "codesuite", "codecommit", "repositories", "projects", "repos", "0123456789", "",
            ]),
            0..12,
        ),
        tail in "[a-z?#&=%/.]{0,12}",
    ) {
        let url = format!("https://{host}/{}{tail}", parts.join("/"));
        if let Some(page) = ForgePage::parse(&url) {
            // What is offered can be imported as far as the options go.
            prop_assert!(Source::parse(page.repository().to_string()).is_ok(), "{url}");
            let candidates = page.candidates();
            prop_assert!(!candidates.is_empty() && candidates.len() <= 9, "{url}");
            for candidate in candidates {
                let text = shown(&candidate);
                prop_assert_eq!(crate::Printable(text.as_bytes()).to_string(), text, "{}", url);
                let path = candidate.path.unwrap_or_default();
                prop_assert!(!path.split('/').any(|part| part == ".."), "{url}");
            }
        }
    }
}
