//! Pages of each forge.

use super::{page, shown};

const ID: &str = "8843d7f92416211de9ebb963ff4ce28125932878";

/// URL, repository, candidates, and whether the URL alone makes the first one certain. `ID` in a
/// candidate is the id of a commit.
#[rustfmt::skip]
const KNOWN: &[(&str, &str, &[&str], bool)] = &[
    // GitHub: the repository.
    ("https://github.com/o/r", "https://github.com/o/r", &["HEAD: *"], true),
    ("https://github.com/o/r/", "https://github.com/o/r", &["HEAD: *"], true),
    ("https://github.com/o/r.git", "https://github.com/o/r.git", &["HEAD: *"], true),
    ("https://GitHub.COM/O/R", "https://github.com/O/R", &["HEAD: *"], true),
    ("HTTPS://github.com/o/r", "https://github.com/o/r", &["HEAD: *"], true),
    ("https://www.github.com/o/r", "https://github.com/o/r", &["HEAD: *"], true),
    ("https://github.com./o/r", "https://github.com/o/r", &["HEAD: *"], true),
    ("https://github.com:443/o/r", "https://github.com/o/r", &["HEAD: *"], true),
    ("https://github.com/o/r#readme", "https://github.com/o/r", &["HEAD: *"], true),
    ("https://github.com/o/r?tab=readme-ov-file#x?y", "https://github.com/o/r", &["HEAD: *"], true),
    ("https://me@github.com/o/r", "https://github.com/o/r", &["HEAD: *"], true),
    ("http://github.com/o/r", "http://github.com/o/r", &["HEAD: *"], true),
    ("https://github.com/vercel/next.js", "https://github.com/vercel/next.js", &["HEAD: *"], true),
    // GitHub: trees and files.
    ("https://github.com/o/r/tree/main", "https://github.com/o/r", &["main: *"], false),
    ("https://github.com/o/r/tree/main/", "https://github.com/o/r", &["main: *"], false),
    ("https://github.com/o/r/tree/main/docs", "https://github.com/o/r", &["main:docs /", "main/docs: *"], false),
    ("https://github.com/o/r/tree/feature/x/docs", "https://github.com/o/r", &["feature:x/docs /", "feature/x:docs /", "feature/x/docs: *"], false),
    ("https://github.com/o/r/tree/feature%2Fx/docs", "https://github.com/o/r", &["feature:x/docs /", "feature/x:docs /", "feature/x/docs: *"], false),
    ("https://github.com/o/r/tree/ID", "https://github.com/o/r", &["ID: *"], true),
    ("https://github.com/o/r/tree/ID/a/b", "https://github.com/o/r", &["ID:a/b /"], true),
    ("https://github.com/o/r/tree/HEAD/docs", "https://github.com/o/r", &["HEAD:docs /"], true),
    ("https://github.com/o/r/tree/refs/heads/main", "https://github.com/o/r", &["refs/heads/main: *"], true),
    ("https://github.com/o/r/tree/refs/tags/v1/a", "https://github.com/o/r", &["refs/tags/v1:a /", "refs/tags/v1/a: *"], false),
    ("https://github.com/o/r/tree/v1.0/a%20b/c%23d", "https://github.com/o/r", &["v1.0:a b/c#d /"], false),
    ("https://github.com/o/r/tree/main/%C3%BC", "https://github.com/o/r", &["main:ü /", "main/ü: *"], false),
    ("https://github.com/o/r/tree/main/ü", "https://github.com/o/r", &["main:ü /", "main/ü: *"], false),
    ("https://github.com/o/r/tree/a+b/c", "https://github.com/o/r", &["a+b:c /", "a+b/c: *"], false),
    ("https://github.com/o/r/tree/-x/a", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/tree/main~1", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/tree", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/blob/main/README.md", "https://github.com/o/r", &["main:README.md .", "main/README.md: *"], false),
    ("https://github.com/o/r/blob/ID/src/a.rs#L10-L20", "https://github.com/o/r", &["ID:src/a.rs ."], true),
    ("https://github.com/o/r/blob/ID/src/a.md?plain=1#L1", "https://github.com/o/r", &["ID:src/a.md ."], true),
    ("https://github.com/o/r/raw/refs/heads/main/a", "https://github.com/o/r", &["refs/heads/main:a .", "refs/heads/main/a: *"], false),
    ("https://github.com/o/r/blame/ID/a", "https://github.com/o/r", &["ID:a ."], true),
    ("https://github.com/o/r/edit/main/a", "https://github.com/o/r", &["main:a .", "main/a: *"], false),
    ("https://github.com/o/r/commits/main", "https://github.com/o/r", &["main: *"], false),
    ("https://github.com/o/r/commits/ID/src", "https://github.com/o/r", &["ID:src ?"], true),
    ("https://raw.githubusercontent.com/o/r/main/a/b.txt", "https://github.com/o/r", &["main:a/b.txt .", "main/a:b.txt .", "main/a/b.txt: *"], false),
    ("https://raw.githubusercontent.com/o/r/refs/tags/v1/a", "https://github.com/o/r", &["refs/tags/v1:a .", "refs/tags/v1/a: *"], false),
    ("https://raw.githubusercontent.com/o/r/ID/a?token=x", "https://github.com/o/r", &["ID:a ."], true),
    ("https://github.dev/o/r/blob/ID/a", "https://github.com/o/r", &["ID:a ."], true),
    // GitHub: commits, tags, archives, requests, the rest.
    ("https://github.com/o/r/commit/ID", "https://github.com/o/r", &["ID: *"], true),
    ("https://github.com/o/r/commit/ID.patch", "https://github.com/o/r", &["ID: *"], true),
    ("https://github.com/o/r/commit/8843d7f", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/releases/tag/v1.0", "https://github.com/o/r", &["refs/tags/v1.0: *"], true),
    ("https://github.com/o/r/releases/tag/%40scope%2Fpkg%401.0.0", "https://github.com/o/r", &["refs/tags/@scope/pkg@1.0.0: *"], true),
    ("https://github.com/o/r/releases/tag/a/b", "https://github.com/o/r", &["refs/tags/a/b: *"], true),
    ("https://github.com/o/r/releases", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/releases/latest", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/archive/refs/heads/a/b.zip", "https://github.com/o/r", &["refs/heads/a/b: *"], true),
    ("https://github.com/o/r/archive/refs/tags/v1.tar.gz", "https://github.com/o/r", &["refs/tags/v1: *"], true),
    ("https://github.com/o/r/archive/ID.zip", "https://github.com/o/r", &["ID: *"], true),
    ("https://github.com/o/r/archive/main.zip", "https://github.com/o/r", &["main: *"], false),
    ("https://codeload.github.com/o/r/zip/refs/heads/main", "https://github.com/o/r", &["refs/heads/main: *"], true),
    ("https://codeload.github.com/o/r/tar.gz/v1", "https://github.com/o/r", &["v1: *"], false),
    ("https://github.com/o/r/pull/12", "https://github.com/o/r", &["refs/pull/12/head: *", "HEAD: *"], false),
    ("https://github.com/o/r/pull/12/files", "https://github.com/o/r", &["refs/pull/12/head: *", "HEAD: *"], false),
    ("https://github.com/o/r/pull/12/commits/ID", "https://github.com/o/r", &["ID: *"], true),
    ("https://github.com/o/r/pull/x", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/pull/9999999999999999999999", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/issues", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/issues/5#issuecomment-1", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/wiki/Home", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://github.com/o/r/compare/a...b", "https://github.com/o/r", &["HEAD: *"], false),
    ("https://gist.github.com/u/0123456789abcdef0123456789abcdef", "https://gist.github.com/0123456789abcdef0123456789abcdef", &["HEAD: *"], true),
    ("https://gist.github.com/0123456789abcdef0123456789abcdef/ID", "https://gist.github.com/0123456789abcdef0123456789abcdef", &["ID: *"], true),
    ("https://gist.githubusercontent.com/u/0123456789abcdef0123456789abcdef/raw/ID/f.py", "https://gist.github.com/0123456789abcdef0123456789abcdef", &["ID:f.py ."], true),
    ("https://gist.githubusercontent.com/u/0123456789abcdef0123456789abcdef/raw/f.py", "https://gist.github.com/0123456789abcdef0123456789abcdef", &["HEAD:f.py ."], true),
    // GitLab.
    ("https://gitlab.com/g/r", "https://gitlab.com/g/r", &["HEAD: *"], true),
    ("https://gitlab.com/g/sub/deep/r", "https://gitlab.com/g/sub/deep/r", &["HEAD: *"], true),
    ("https://gitlab.com/g/sub/r/-/tree/main/docs", "https://gitlab.com/g/sub/r", &["main:docs /", "main/docs: *"], false),
    ("https://gitlab.com/g/r/-/tree/main/docs?ref_type=heads", "https://gitlab.com/g/r", &["refs/heads/main:docs /", "refs/heads/main/docs: *"], false),
    ("https://gitlab.com/g/r/-/tree/main?ref_type=heads", "https://gitlab.com/g/r", &["refs/heads/main: *"], true),
    ("https://gitlab.com/g/r/-/tree/v1?ref_type=tags", "https://gitlab.com/g/r", &["refs/tags/v1: *"], true),
    ("https://gitlab.com/g/r/-/blob/ID/a/b.c#L5", "https://gitlab.com/g/r", &["ID:a/b.c ."], true),
    ("https://gitlab.com/g/r/-/raw/ID/a?inline=false", "https://gitlab.com/g/r", &["ID:a ."], true),
    ("https://gitlab.com/g/r/-/commit/ID", "https://gitlab.com/g/r", &["ID: *"], true),
    ("https://gitlab.com/g/r/-/commits/main", "https://gitlab.com/g/r", &["main: *"], false),
    ("https://gitlab.com/g/r/-/tags/v1.0", "https://gitlab.com/g/r", &["refs/tags/v1.0: *"], true),
    ("https://gitlab.com/g/r/-/releases/v1.0", "https://gitlab.com/g/r", &["refs/tags/v1.0: *"], true),
    ("https://gitlab.com/g/r/-/archive/v1/r-v1.zip", "https://gitlab.com/g/r", &["v1: *"], false),
    ("https://gitlab.com/g/r/-/archive/ID/r.zip?path=docs", "https://gitlab.com/g/r", &["ID:docs /"], true),
    ("https://gitlab.com/g/r/-/merge_requests/7/diffs", "https://gitlab.com/g/r", &["refs/merge-requests/7/head: *", "HEAD: *"], false),
    ("https://gitlab.com/g/r/-/issues", "https://gitlab.com/g/r", &["HEAD: *"], false),
    ("https://gitlab.com/g/r/-/", "https://gitlab.com/g/r", &["HEAD: *"], false),
    ("https://gitlab.com/g/r/tree/main/docs", "https://gitlab.com/g/r", &["main:docs /", "main/docs: *"], false),
    ("https://salsa.debian.org/g/r/-/tree/ID", "https://salsa.debian.org/g/r", &["ID: *"], true),
    // Bitbucket.
    ("https://bitbucket.org/w/r", "https://bitbucket.org/w/r", &["HEAD: *"], true),
    ("https://bitbucket.org/w/r/src/master/", "https://bitbucket.org/w/r", &["master: *"], false),
    ("https://bitbucket.org/w/r/src/master/docs/", "https://bitbucket.org/w/r", &["master:docs /", "master/docs: *"], false),
    ("https://bitbucket.org/w/r/src/ID/a/b.py#lines-3", "https://bitbucket.org/w/r", &["ID:a/b.py ?"], true),
    ("https://bitbucket.org/w/r/src/ID/a/?at=feature%2Fx", "https://bitbucket.org/w/r", &["ID:a /"], true),
    ("https://bitbucket.org/w/r/src/8843d7f92416/a/?at=feature%2Fx", "https://bitbucket.org/w/r", &["feature/x:a /"], false),
    ("https://bitbucket.org/w/r/raw/ID/a", "https://bitbucket.org/w/r", &["ID:a ."], true),
    ("https://bitbucket.org/w/r/commits/ID", "https://bitbucket.org/w/r", &["ID: *"], true),
    ("https://bitbucket.org/w/r/branch/feature/x", "https://bitbucket.org/w/r", &["refs/heads/feature/x: *"], true),
    ("https://bitbucket.org/w/r/commits/tag/v1", "https://bitbucket.org/w/r", &["refs/tags/v1: *"], true),
    ("https://bitbucket.org/w/r/get/ID.zip", "https://bitbucket.org/w/r", &["ID: *"], true),
    ("https://bitbucket.org/w/r/pull-requests/3", "https://bitbucket.org/w/r", &["HEAD: *"], false),
    // Forgejo and Gitea.
    ("https://codeberg.org/o/r", "https://codeberg.org/o/r", &["HEAD: *"], true),
    ("https://codeberg.org/o/r/src/branch/main", "https://codeberg.org/o/r", &["refs/heads/main: *"], true),
    ("https://codeberg.org/o/r/src/branch/main/docs", "https://codeberg.org/o/r", &["refs/heads/main:docs ?", "refs/heads/main/docs: *"], false),
    ("https://codeberg.org/o/r/src/tag/v1/a/b", "https://codeberg.org/o/r", &["refs/tags/v1:a/b ?", "refs/tags/v1/a:b ?", "refs/tags/v1/a/b: *"], false),
    ("https://codeberg.org/o/r/src/commit/ID/a/b", "https://codeberg.org/o/r", &["ID:a/b ?"], true),
    ("https://codeberg.org/o/r/src/commit/8843d7f9/a", "https://codeberg.org/o/r", &["HEAD: *"], false),
    ("https://codeberg.org/o/r/raw/commit/ID/a", "https://codeberg.org/o/r", &["ID:a ."], true),
    ("https://codeberg.org/o/r/commits/branch/main", "https://codeberg.org/o/r", &["refs/heads/main: *"], true),
    ("https://codeberg.org/o/r/commit/ID", "https://codeberg.org/o/r", &["ID: *"], true),
    ("https://codeberg.org/o/r/releases/tag/v1", "https://codeberg.org/o/r", &["refs/tags/v1: *"], true),
    ("https://gitea.com/o/r/archive/v1.tar.gz", "https://gitea.com/o/r", &["v1: *"], false),
    ("https://codeberg.org/o/r/pulls/4", "https://codeberg.org/o/r", &["refs/pull/4/head: *", "HEAD: *"], false),
    ("https://codeberg.org/o/r/src/main/a", "https://codeberg.org/o/r", &["main:a ?", "main/a: *"], false),
    // SourceHut.
    ("https://git.sr.ht/~u/r", "https://git.sr.ht/~u/r", &["HEAD: *"], true),
    ("https://git.sr.ht/%7Eu/r", "https://git.sr.ht/~u/r", &["HEAD: *"], true),
    ("https://git.sr.ht/~u/r/tree/master", "https://git.sr.ht/~u/r", &["master: *"], false),
    ("https://git.sr.ht/~u/r/tree/a/b/item/c/d", "https://git.sr.ht/~u/r", &["a/b:c/d ?"], false),
    ("https://git.sr.ht/~u/r/tree/a/item/b/item/c", "https://git.sr.ht/~u/r", &["a:b/item/c ?", "a/item/b:c ?"], false),
    ("https://git.sr.ht/~u/r/tree/ID/item/c", "https://git.sr.ht/~u/r", &["ID:c ?"], true),
    ("https://git.sr.ht/~u/r/commit/ID", "https://git.sr.ht/~u/r", &["ID: *"], true),
    ("https://git.sr.ht/~u/r/refs/1.0", "https://git.sr.ht/~u/r", &["refs/tags/1.0: *"], true),
    ("https://git.sr.ht/~u/r/archive/ID.tar.gz", "https://git.sr.ht/~u/r", &["ID: *"], true),
    // Azure DevOps.
    ("https://dev.azure.com/o/p/_git/r", "https://dev.azure.com/o/p/_git/r", &["HEAD: *"], true),
    ("https://o@dev.azure.com/o/p/_git/r", "https://dev.azure.com/o/p/_git/r", &["HEAD: *"], true),
    ("https://dev.azure.com/o/my%20project/_git/my%20repo?path=/docs", "https://dev.azure.com/o/my%20project/_git/my%20repo", &["HEAD:docs ?"], true),
    ("https://dev.azure.com/o/p/_git/r?path=%2Fa%2Fb.cs&version=GBfeature%2Fx&_a=contents", "https://dev.azure.com/o/p/_git/r", &["refs/heads/feature/x:a/b.cs ?"], true),
    ("https://dev.azure.com/o/p/_git/r?version=GTv1", "https://dev.azure.com/o/p/_git/r", &["refs/tags/v1: *"], true),
    ("https://dev.azure.com/o/p/_git/r?version=GCID&path=/a&line=3", "https://dev.azure.com/o/p/_git/r", &["ID:a ."], true),
    ("https://dev.azure.com/o/p/_git/r?path=/", "https://dev.azure.com/o/p/_git/r", &["HEAD: *"], true),
    ("https://dev.azure.com/o/p/_git/r?version=XX1", "https://dev.azure.com/o/p/_git/r", &["HEAD: *"], false),
    ("https://dev.azure.com/o/p/_git/r/commit/ID?refName=refs%2Fheads%2Fmain", "https://dev.azure.com/o/p/_git/r", &["ID: *"], true),
    ("https://dev.azure.com/o/p/_git/r/pullrequest/9", "https://dev.azure.com/o/p/_git/r", &["refs/pull/9/merge: *", "HEAD: *"], false),
    ("https://o.visualstudio.com/DefaultCollection/p/_git/r?version=GBmain", "https://o.visualstudio.com/DefaultCollection/p/_git/r", &["refs/heads/main: *"], true),
    ("https://o.visualstudio.com/_git/r", "https://o.visualstudio.com/_git/r", &["HEAD: *"], true),
    // Gitiles.
    ("https://android.googlesource.com/platform/build", "https://android.googlesource.com/platform/build", &["HEAD: *"], true),
    ("https://android.googlesource.com/platform/build/+/refs/heads/main", "https://android.googlesource.com/platform/build", &["refs/heads/main: *"], true),
    ("https://chromium.googlesource.com/chromium/src/+/refs/heads/main/docs/a.md", "https://chromium.googlesource.com/chromium/src", &["refs/heads/main:docs/a.md ?", "refs/heads/main/docs:a.md ?", "refs/heads/main/docs/a.md: *"], false),
    ("https://chromium.googlesource.com/chromium/src/+/ID/docs/", "https://chromium.googlesource.com/chromium/src", &["ID:docs /"], true),
    ("https://chromium.googlesource.com/chromium/src/+/HEAD/docs/", "https://chromium.googlesource.com/chromium/src", &["HEAD:docs /"], true),
    ("https://chromium.googlesource.com/chromium/src/+log/main", "https://chromium.googlesource.com/chromium/src", &["main: *"], false),
    ("https://chromium.googlesource.com/chromium/src/+archive/refs/tags/1.tar.gz", "https://chromium.googlesource.com/chromium/src", &["refs/tags/1: *"], true),
    ("https://chromium.googlesource.com/chromium/src/+/main%5E%21/", "https://chromium.googlesource.com/chromium/src", &["HEAD: *"], false),
    ("https://chromium.googlesource.com/chromium/src/+refs", "https://chromium.googlesource.com/chromium/src", &["HEAD: *"], false),
    // cgit.
    ("https://git.kernel.org/pub/scm/git/git.git", "https://git.kernel.org/pub/scm/git/git.git", &["HEAD: *"], true),
    ("https://git.kernel.org/pub/scm/git/git.git/tree/Documentation?h=maint", "https://git.kernel.org/pub/scm/git/git.git", &["maint:Documentation ?"], false),
    ("https://git.kernel.org/pub/scm/git/git.git/tree/a/b.c?h=next&id=ID#n5", "https://git.kernel.org/pub/scm/git/git.git", &["ID:a/b.c ?"], true),
    ("https://git.kernel.org/pub/scm/git/git.git/plain/Makefile", "https://git.kernel.org/pub/scm/git/git.git", &["HEAD:Makefile ."], true),
    ("https://git.kernel.org/pub/scm/git/git.git/commit/?id=ID", "https://git.kernel.org/pub/scm/git/git.git", &["ID: *"], true),
    ("https://git.kernel.org/pub/scm/git/git.git/commit/", "https://git.kernel.org/pub/scm/git/git.git", &["HEAD: *"], false),
    ("https://git.kernel.org/pub/scm/git/git.git/tag/?h=v2.40.0", "https://git.kernel.org/pub/scm/git/git.git", &["refs/tags/v2.40.0: *"], true),
    // CodeCommit.
    ("https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/r/browse?region=eu-west-1", "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/r", &["HEAD: *"], true),
    ("https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/r/browse/refs/heads/a/b/--/docs", "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/r", &["refs/heads/a/b:docs ?"], true),
];

/// The same of hosts that only look like forges: nothing is certain.
#[rustfmt::skip]
const GUESSED: &[(&str, &str, &str, &[&str])] = &[
    ("https://git.example.org/g/r/-/tree/main/docs", "GitLab", "https://git.example.org/g/r", &["main:docs /", "main/docs: *"]),
    ("https://git.example.org:8443/g/r/-/blob/ID/a", "GitLab", "https://git.example.org:8443/g/r", &["ID:a ."]),
    ("https://192.0.2.1/g/r/-/issues", "GitLab", "https://192.0.2.1/g/r", &["HEAD: *"]),
    ("https://git.example.org/o/r/src/branch/main/docs", "Forgejo", "https://git.example.org/o/r", &["refs/heads/main:docs ?", "refs/heads/main/docs: *"]),
    ("https://example.org/gitea/o/r/src/commit/ID/a", "Forgejo", "https://example.org/gitea/o/r", &["ID:a ?"]),
    ("https://tfs.example.org/tfs/Coll/p/_git/r?version=GBmain", "Azure DevOps", "https://tfs.example.org/tfs/Coll/p/_git/r", &["refs/heads/main: *"]),
    ("https://stash.example.org/projects/KEY/repos/r/browse/docs?at=refs%2Fheads%2Fa%2Fb", "Bitbucket Server", "https://stash.example.org/scm/KEY/r.git", &["refs/heads/a/b:docs ?"]),
    ("https://example.org/bitbucket/users/me/repos/r/browse", "Bitbucket Server", "https://example.org/bitbucket/scm/~me/r.git", &["HEAD: *"]),
    ("https://stash.example.org/projects/KEY/repos/r/pull-requests/3/overview", "Bitbucket Server", "https://stash.example.org/scm/KEY/r.git", &["refs/pull-requests/3/from: *", "HEAD: *"]),
    ("https://gerrit.example.org/plugins/gitiles/p/+/ID/a", "Gitiles", "https://gerrit.example.org/plugins/gitiles/p", &["ID:a ?"]),
    ("https://example.org/cgit/r.git/tree/a?h=main", "cgit", "https://example.org/cgit/r.git", &["main:a ?"]),
    ("https://ghe.example.org/o/r/tree/main/docs", "GitHub", "https://ghe.example.org/o/r", &["main:docs /", "main/docs: *"]),
    ("https://ghe.example.org/o/r/releases/tag/v1", "GitHub", "https://ghe.example.org/o/r", &["refs/tags/v1: *"]),
    // The port makes another host of it.
    ("https://gitlab.com:8443/g/r/-/tree/ID", "GitLab", "https://gitlab.com:8443/g/r", &["ID: *"]),
    ("https://github.com.example.org/g/r/-/tree/ID", "GitLab", "https://github.com.example.org/g/r", &["ID: *"]),
    ("https://googlesource.com/p/+/ID/a", "Gitiles", "https://googlesource.com/p", &["ID:a ?"]),
    ("https://evilgooglesource.com/p/+/ID/a", "Gitiles", "https://evilgooglesource.com/p", &["ID:a ?"]),
];

fn expected(candidates: &[&str]) -> Vec<String> {
    candidates.iter().map(|it| it.replace("ID", ID)).collect()
}

#[test]
fn pages_of_forges_are_read() {
    for (url, repository, candidates, is_certain) in KNOWN {
        let page = page(&url.replace("ID", ID));
        assert!(page.is_known(), "{url}");
        assert_eq!(page.repository().to_string(), *repository, "{url}");
        let found: Vec<String> = page.candidates().iter().map(shown).collect();
        assert_eq!(found, expected(candidates), "{url}");
        assert_eq!(page.certain().is_some(), *is_certain, "{url}");
    }
    assert!(KNOWN.len() > 120, "{}", KNOWN.len());
}

#[test]
fn what_only_looks_like_a_forge_is_never_certain() {
    for (url, forge, repository, candidates) in GUESSED {
        let page = page(&url.replace("ID", ID));
        assert!(!page.is_known(), "{url}");
        assert_eq!(page.forge().name(), *forge, "{url}");
        assert_eq!(page.repository().to_string(), *repository, "{url}");
        let found: Vec<String> = page.candidates().iter().map(shown).collect();
        assert_eq!(found, expected(candidates), "{url}");
        assert_eq!(page.certain(), None, "{url}");
    }
}

#[test]
fn a_clone_url_is_no_page() {
    for (url, is_repository) in [
        ("https://github.com/o/r", true),
        ("https://github.com/o/r.git/", true),
        ("https://github.com/o/r#readme", false),
        ("https://github.com/o/r/tree/main", false),
        ("https://www.github.com/o/r", false),
        ("https://gitlab.com/g/sub/r.git", true),
        ("https://dev.azure.com/o/p/_git/r", true),
    ] {
        assert_eq!(page(url).is_repository(), is_repository, "{url}");
    }
}
