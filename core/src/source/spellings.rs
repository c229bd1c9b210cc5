//! Spellings of sources, good and bad.

use std::path::Path;

use proptest::prelude::*;

use super::error::SourceError;
use super::parse::{SourceOptions, parse};
use super::*;

/// Paths, which stay as they are.
#[rustfmt::skip]
const PATHS: &[&str] = &[
    ".",
    "..",
    "/",
    "repo",
    "./repo",
    "../repo",
    "/srv/git/repo.git",
    "a/b/c",
    "a b",
    " a",
    "a ",
    "./-x",
    "./a:b",
    "/a:b",
    "a/b:c",
    "repo.git/",
    "C:\\repo",
    "C:/repo",
    "c:\\",
    "\\\\server\\share",
    "github.com/vercel/next.js",
    "~/repo",
    "a\nb",
    "/a\x1bb",
    "@",
    "user@host",
    "é",
    "a/::b",
    "%41",
    "/[a]:b",
    "/https://a/b",
];

/// Text, canonical form, owner, repository.
#[rustfmt::skip]
const REMOTES: &[(&str, &str, &str, &str)] = &[
    ("https://github.com/vercel/next.js.git", "https://github.com/vercel/next.js.git", "vercel", "next.js"),
    ("https://github.com/vercel/next.js", "https://github.com/vercel/next.js", "vercel", "next.js"),
    ("https://github.com/vercel/next.js/", "https://github.com/vercel/next.js", "vercel", "next.js"),
    ("https://github.com/vercel/next.js.git/", "https://github.com/vercel/next.js.git", "vercel", "next.js"),
    ("https://github.com/vercel/next.js///", "https://github.com/vercel/next.js", "vercel", "next.js"),
    ("HTTPS://GitHub.COM/vercel/next.js", "https://github.com/vercel/next.js", "vercel", "next.js"),
    ("https://github.com:443/a/b", "https://github.com/a/b", "a", "b"),
    ("https://github.com:/a/b", "https://github.com/a/b", "a", "b"),
    ("https://github.com:8443/a/b", "https://github.com:8443/a/b", "a", "b"),
    ("https://github.com./a/b", "https://github.com/a/b", "a", "b"),
    ("http://example.org/a/b", "http://example.org/a/b", "a", "b"),
    ("http://example.org:80/a/b", "http://example.org/a/b", "a", "b"),
    ("http://example.org:00080/a/b", "http://example.org/a/b", "a", "b"),
    ("http://example.org:443/a/b", "http://example.org:443/a/b", "a", "b"),
    ("https://gitlab.com/group/sub/deep/repo.git", "https://gitlab.com/group/sub/deep/repo.git", "group/sub/deep", "repo"),
    ("https://host/repo", "https://host/repo", "", "repo"),
    ("https://host//a//b", "https://host//a//b", "a", "b"),
    ("https://user@bitbucket.org/ws/repo.git", "https://bitbucket.org/ws/repo.git", "ws", "repo"),
    ("https://@host/a/b", "https://host/a/b", "a", "b"),
    ("https://user:@host/a/b", "https://host/a/b", "a", "b"),
    ("https://org@dev.azure.com/org/project/_git/repo", "https://dev.azure.com/org/project/_git/repo", "org/project", "repo"),
    ("https://127.0.0.1:3000/a/b", "https://127.0.0.1:3000/a/b", "a", "b"),
    ("https://[::1]/a/b", "https://[::1]/a/b", "a", "b"),
    ("https://[::1]:8443/a/b", "https://[::1]:8443/a/b", "a", "b"),
    ("https://[2001:DB8:0:0::1]/a/b", "https://[2001:db8::1]/a/b", "a", "b"),
    ("https://[::ffff:127.0.0.1]/a/b", "https://[::ffff:127.0.0.1]/a/b", "a", "b"),
    ("https://bücher.example/a/b", "https://xn--bcher-kva.example/a/b", "a", "b"),
    ("https://BÜCHER.example/a/b", "https://xn--bcher-kva.example/a/b", "a", "b"),
    ("https://faß.example/a/b", "https://xn--fa-hia.example/a/b", "a", "b"),
    ("https://xn--bcher-kva.example/a/b", "https://xn--bcher-kva.example/a/b", "a", "b"),
    ("https://example。org/a/b", "https://example.org/a/b", "a", "b"),
    ("https://１２７.0.0.1/a/b", "https://127.0.0.1/a/b", "a", "b"),
    ("https://my_host/a/b", "https://my_host/a/b", "a", "b"),
    ("https://host/a/b%20c", "https://host/a/b%20c", "a", "b c"),
    ("https://host/%7euser/b", "https://host/~user/b", "~user", "b"),
    ("https://host/a/%62", "https://host/a/b", "a", "b"),
    ("https://host/a/b%2fc", "https://host/a/b%2Fc", "a", "b%2Fc"),
    ("https://host/a/ü", "https://host/a/%C3%BC", "a", "ü"),
    ("https://host/a/%ff", "https://host/a/%FF", "a", "%FF"),
    ("https://host/a/%E2%80%AEb", "https://host/a/%E2%80%AEb", "a", "%E2%80%AEb"),
    ("https://host/a/b%3Fc", "https://host/a/b%3Fc", "a", "b?c"),
    ("https://host/a/.git", "https://host/a/.git", "", "a"),
    ("https://host/.git", "https://host/.git", "", ".git"),
    ("https://host/a/...", "https://host/a/...", "a", "..."),
    ("https://host/a/--upload-pack=x", "https://host/a/--upload-pack=x", "a", "--upload-pack=x"),
    ("ssh://git@github.com/vercel/next.js.git", "ssh://git@github.com/vercel/next.js.git", "vercel", "next.js"),
    ("ssh://github.com/a/b", "ssh://github.com/a/b", "a", "b"),
    ("ssh://git@host:22/a/b", "ssh://git@host/a/b", "a", "b"),
    ("ssh://git@host:/a/b", "ssh://git@host/a/b", "a", "b"),
    ("ssh://git@host:2222/a/b", "ssh://git@host:2222/a/b", "a", "b"),
    ("SSH://git@host/a/b", "ssh://git@host/a/b", "a", "b"),
    ("git+ssh://git@host/a/b", "ssh://git@host/a/b", "a", "b"),
    ("ssh+git://git@host/a/b", "ssh://git@host/a/b", "a", "b"),
    ("ssh://[::1]/a/b", "ssh://[::1]/a/b", "a", "b"),
    ("ssh://git@[::1]:2222/a/b", "ssh://git@[::1]:2222/a/b", "a", "b"),
    ("ssh://host/~user/b", "ssh://host/~user/b", "~user", "b"),
    ("ssh://host/a/../b", "ssh://host/a/../b", "a/..", "b"),
    ("ssh://host/a?b", "ssh://host/a%3Fb", "", "a?b"),
    ("ssh://host/a/%20b", "ssh://host/a/%20b", "a", " b"),
    ("ssh://us%65r@host/a/b", "ssh://user@host/a/b", "a", "b"),
    ("ssh://me%40corp@host/a/b", "ssh://me%40corp@host/a/b", "a", "b"),
    ("git@github.com:vercel/next.js.git", "git@github.com:vercel/next.js.git", "vercel", "next.js"),
    ("git@github.com:vercel/next.js", "git@github.com:vercel/next.js", "vercel", "next.js"),
    ("git@github.com:vercel/next.js/", "git@github.com:vercel/next.js", "vercel", "next.js"),
    ("git@github.com:/vercel/next.js", "ssh://git@github.com/vercel/next.js", "vercel", "next.js"),
    ("github.com:vercel/next.js", "github.com:vercel/next.js", "vercel", "next.js"),
    ("host:repo", "host:repo", "", "repo"),
    ("c:repo", "c:repo", "", "repo"),
    ("git@gitlab.com:group/sub/repo.git", "git@gitlab.com:group/sub/repo.git", "group/sub", "repo"),
    ("git@HOST:a/b", "git@host:a/b", "a", "b"),
    ("git@[::1]:a/b", "git@[::1]:a/b", "a", "b"),
    ("[::1]:a/b", "[::1]:a/b", "a", "b"),
    ("[git@::1]:a/b", "git@[::1]:a/b", "a", "b"),
    ("[host:123]:a/b", "[host:123]:a/b", "a", "b"),
    ("[git@host:123]:a/b", "git@[host:123]:a/b", "a", "b"),
    ("git@[host:123]:a/b", "git@[host:123]:a/b", "a", "b"),
    ("[host]:a/b", "host:a/b", "a", "b"),
    ("git@host:~user/b", "git@host:~user/b", "~user", "b"),
    ("git@host:../b", "git@host:../b", "..", "b"),
    ("git@host:a%20b", "git@host:a%20b", "", "a%20b"),
    ("git@host:a:b", "git@host:a:b", "", "a:b"),
    ("git@host:a[b]:c", "git@host:a[b]:c", "", "a[b]:c"),
    ("git@ssh.dev.azure.com:v3/org/project/repo", "git@ssh.dev.azure.com:v3/org/project/repo", "org/project", "repo"),
    ("git://git.kernel.org/pub/scm/git/git.git", "git://git.kernel.org/pub/scm/git/git.git", "pub/scm/git", "git"),
    ("git://host:9418/a/b", "git://host/a/b", "a", "b"),
    ("git://host:9419/a/b", "git://host:9419/a/b", "a", "b"),
    ("git://[::1]:9419/a/b", "git://[::1]:9419/a/b", "a", "b"),
    ("git://host/~user/b", "git://host/~user/b", "~user", "b"),
];

/// Text, and why it is refused.
#[rustfmt::skip]
fn bad() -> Vec<(&'static [u8], SourceError)> {
    use SourceError::*;
    let host = |reason| InvalidHost { reason };
    let option = |what| OptionLike { what };
    vec![
        (b"", Empty),
        (b"a\0b", ControlCharacter),
        (b"https://host/a\0", ControlCharacter),
        (b"https://host/a\r\nX: y", ControlCharacter),
        (b"https://host/a/b\n", ControlCharacter),
        (b"\thttps://host/a/b", ControlCharacter),
        (b"https://ho\x7fst/a", ControlCharacter),
        (b"https://host/\xc2\x85a", ControlCharacter),
        (b"https://host/a%00b", ControlCharacter),
        (b"https://host/a%0d%0aX", ControlCharacter),
        (b"https://host/a%7F", ControlCharacter),
        (b"ssh://host/a%0ab", ControlCharacter),
        (b"git://host/a%00host=evil", ControlCharacter),
        (b"git@host:a\nb", ControlCharacter),
        (b"https://us%0aer@host/a", ControlCharacter),
        ("git@host:a\u{202e}b".as_bytes(), ControlCharacter),
        (b" https://host/a/b", Space),
        (b"https://host/a/b ", Space),
        (b"https://host/a b", Space),
        (b"https://ho st/a", Space),
        (b" git@host:a/b", Space),
        (b"https://host/\xff", NotUtf8),
        (b"https://host\\@evil/a", Backslash),
        (b"https:\\\\host\\a", MissingSlashes("https")),
        (b"https://host/a\\b", Backslash),
        (b"ssh://host\\a/b", Backslash),
        (b"git@host:a\\b", Backslash),
        ("ü::x".as_bytes(), Helper),
        (b"-oProxyCommand=x", option("source")),
        (b"--upload-pack=x", option("source")),
        (b" --upload-pack=x", option("source")),
        (b"ssh://-oProxyCommand=x/a", option("host")),
        (b"ssh://user@-oProxyCommand=x/a", option("host")),
        (b"-oProxyCommand=x:a/b", option("host")),
        (b"user@-host:a", option("host")),
        (b"git://-x/a", option("host")),
        (b"https://-x/a", option("host")),
        (b"host:-oProxyCommand=x", option("path")),
        (b"git@host:--upload-pack=x", option("path")),
        (b"ssh://-oProxyCommand=x@host/a", option("user name")),
        (b"ssh://%2doProxyCommand=x@host/a", option("user name")),
        (b"-l@host:a", option("user name")),
        (b"ext::sh -c id", Helper),
        (b"EXT::x", Helper),
        (b"fd::17", Helper),
        (b"transport::https://host/a", Helper),
        (b"a::b", Helper),
        (b"user@host::b", Helper),
        (b"[host]::b", Helper),
        (b"git-remote-x::y", Helper),
        (b"file:///srv/repo", FileUrl),
        (b"FILE:///srv/repo", FileUrl),
        (b"ftp://host/a", UnknownScheme("ftp".into())),
        (b"rsync://host/a", UnknownScheme("rsync".into())),
        (b"s3://bucket/a", UnknownScheme("s3".into())),
        (b"svn://host/a", OtherSystem(crate::source::OtherSystem::Subversion)),
        (b"SVN+SSH://me@host/a", OtherSystem(crate::source::OtherSystem::Subversion)),
        (b"git+https://host/a", UnknownScheme("git+https".into())),
        (b"javascript://host/a", UnknownScheme("javascript".into())),
        (b"https:/host/a", MissingSlashes("https")),
        (b"http:host/a", MissingSlashes("http")),
        (b"ssh:host/a", MissingSlashes("ssh")),
        (b"file:/a", MissingSlashes("file")),
        (b"https:///a/b", NoHost),
        (b"https://", NoHost),
        (b"https://user@/a", NoHost),
        (b"https://:443/a", NoHost),
        (b":a", NoHost),
        (b"git@:a", NoHost),
        (b"https://::1/a", host("an IPv6 address stands in brackets")),
        (b"https://::1:80/a", host("an IPv6 address stands in brackets")),
        (b"https://[::1/a", host("a bracket is not closed")),
        (b"https://[::1]x/a", host("something stands between the bracket and the port")),
        (b"https://[127.0.0.1]/a", host("what stands in brackets is not an IPv6 address")),
        (b"https://[]/a", host("what stands in brackets is not an IPv6 address")),
        (b"https://[fe80::1%25eth0]/a", host("an IPv6 address with a zone means something on one machine only")),
        (b"https://%65xample.org/a", host("it holds a percent sign")),
        (b"https://a..b/c", host("a label is empty")),
        (b"https://.a/c", host("a label is empty")),
        (b"https://a../c", host("a label is empty")),
        (b"https://a-/c", host("a label begins or ends with a hyphen")),
        (b"https://a.-b/c", host("a label begins or ends with a hyphen")),
        (b"https://ho*st/c", host("it holds a character that no host has")),
        (b"https://$(id)/c", host("it holds a character that no host has")),
        (b"https://a,b/c", host("it holds a character that no host has")),
        ("https://a\u{ad}\u{200d}/c".as_bytes(), host("it is not a valid international name")),
        ("https://good\u{ff20}evil/c".as_bytes(), host("it is not a valid international name")),
        (b"https://0x7f.1/a", OddAddress),
        (b"https://0x7f000001/a", OddAddress),
        (b"https://0X7F000001/a", OddAddress),
        (b"https://017700000001/a", OddAddress),
        (b"https://0177.0.0.1/a", OddAddress),
        (b"https://2130706433/a", OddAddress),
        (b"https://127.1/a", OddAddress),
        (b"https://127.0.1/a", OddAddress),
        (b"https://127.0.0.01/a", OddAddress),
        (b"https://127.0.0.1.5/a", OddAddress),
        (b"https://256.0.0.1/a", OddAddress),
        (b"https://0x/a", OddAddress),
        (b"https://foo.0x7f/a", OddAddress),
        (b"https://0/a", OddAddress),
        (b"https://127.0.0.1%2e/a", host("it holds a percent sign")),
        ("https://①②⑦.1/a".as_bytes(), OddAddress),
        ("https://0ｘ7f.1/a".as_bytes(), OddAddress),
        (b"2130706433:a", OddAddress),
        (b"git://0x7f.1/a", OddAddress),
        (b"ssh://127.1/a", OddAddress),
        (b"https://host:0/a", InvalidPort),
        (b"https://host:65536/a", InvalidPort),
        (b"https://host:99999999999/a", InvalidPort),
        (b"https://host:http/a", InvalidPort),
        (b"https://host:+80/a", InvalidPort),
        (b"https://host:-1/a", InvalidPort),
        (b"https://host:8 0/a", Space),
        (b"https://host:80:80/a", host("an IPv6 address stands in brackets")),
        (b"[host:x]:a", InvalidPort),
        (b"https://host", NoPath),
        (b"https://host/", NoPath),
        (b"https://host///", NoPath),
        (b"ssh://host", NoPath),
        (b"://host/a", NoHost),
        (b"git://host?/a", host("it holds a character that no host has")),
        (b"git@host:", NoPath),
        (b"git@host:/", NoPath),
        (b"git://host/", NoPath),
        (b"https://host/a?b=c", QueryOrFragment),
        (b"https://host/a/b#readme", QueryOrFragment),
        (b"https://host?a", QueryOrFragment),
        (b"https://dev.azure.com/o/p/_versionControl?path=$/p", OtherSystem(crate::source::OtherSystem::Tfvc)),
        (b"https://host#a", QueryOrFragment),
        (b"https://host/../a", DotSegment),
        (b"https://host/a/./b", DotSegment),
        (b"https://host/a/..", DotSegment),
        (b"https://host/%2e%2e/a", DotSegment),
        (b"https://host/a/%2E./b", DotSegment),
        (b"git://host/../a", DotSegment),
        (b"https://host/a%", InvalidPercent),
        (b"https://host/a%4", InvalidPercent),
        (b"https://host/a%zz", InvalidPercent),
        (b"ssh://host/a%4g", InvalidPercent),
        (b"https://us%er:x@host/a", InvalidPercent),
        (b"ssh://git:secret@host/a", PasswordInSsh),
        (b"git://me@host/a", UserInGit),
        (b"https://a@b@host/a", InvalidUser),
        (b"ssh://a;b@host/a", InvalidUser),
        (b"ssh://a%20b@host/a", InvalidUser),
        (b"ssh://@host/a", InvalidUser),
        (b"$(id)@host:a", InvalidUser),
        (b"`id`@host:a", InvalidUser),
    ]
}

#[test]
fn paths_stay_paths() {
    for path in PATHS {
        let source = Source::parse(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        assert_eq!(source, Source::Local(PathBuf::from(path)));
        assert_eq!(source.owner(), None);
    }
}

#[test]
fn remotes_get_one_form() {
    for &(text, canonical, owner, repository) in REMOTES {
        let source = Source::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let Source::Remote(url) = &source else {
            panic!("{text:?} is taken for a path");
        };
        assert_eq!(url.to_string(), canonical, "{text:?}");
        assert_eq!(
            (url.owner(), url.repository()),
            (owner, repository),
            "{text:?}"
        );
        assert_eq!(
            Source::parse(canonical).expect("because it is canonical"),
            source,
            "{text:?}"
        );
    }
}

#[test]
fn what_is_neither_is_refused_with_advice() {
    let bad = bad();
    for (text, expected) in &bad {
        let shown = String::from_utf8_lossy(text);
        match parse(text, &SourceOptions::default()) {
            Ok(parsed) => panic!("{shown:?} is taken for {}", parsed.source),
            Err(error) => assert_eq!(error, *expected, "{shown:?}"),
        }
        let error = Source::parse(text).expect_err("because parse() refused it");
        let kind = match expected {
            SourceError::OtherSystem(_) => crate::ErrorKind::OtherSystem,
            _ => crate::ErrorKind::InvalidSource,
        };
        assert_eq!(error.kind(), kind);
        assert!(error.advice().is_some(), "{error}");
    }
    assert!(PATHS.len() + REMOTES.len() + bad.len() >= 150);
}

#[test]
fn long_texts_are_refused_in_no_time() {
    let long = format!("https://host/{}", "%41".repeat(3000));
    assert!(matches!(
        parse(long.as_bytes(), &SourceOptions::default()),
        Err(SourceError::TooLong(_))
    ));
}

#[test]
fn credentials_are_handed_over_or_refused_and_never_kept() {
    for (text, has_password) in [
        ("https://me:c4nary@host/a/b", true),
        ("https://:c4nary@host/a/b", true),
        ("https://c4nary:@host/a/b", false),
        ("https://c4nary@host/a/b", false),
        ("http://me:c4%6eary@host/a/b", true),
    ] {
        let parsed = SourceOptions::default()
            .parse(text)
            .expect("because it is a URL");
        assert!(parsed.credentials.is_some());
        let shown = format!("{:?} {} {:?}", parsed, parsed.source, Source::parse(text));
        assert!(!shown.contains("c4nary"), "{shown}");
        assert_eq!(Source::parse(text).is_err(), has_password, "{text}");
    }
    let parsed = SourceOptions::default()
        .parse("ssh://git@host/a")
        .expect("because it is a URL");
    assert!(parsed.credentials.is_none());
}

#[test]
fn file_urls_are_paths_where_they_are_allowed() {
    let options = SourceOptions::default().allow_file_urls(true);
    for (text, path) in [
        ("file:///srv/a%20b?c", "/srv/a b?c"),
        ("file://localhost/srv/a", "/srv/a"),
        ("file:///C:/repo", "C:/repo"),
    ] {
        let parsed = options.parse(text).expect("because it is allowed");
        assert_eq!(parsed.source, Source::Local(PathBuf::from(path)));
    }
    for (text, error) in [
        ("file://host/a", SourceError::FileHost),
        ("file:///a%00", SourceError::ControlCharacter),
        ("file://", SourceError::NoPath),
    ] {
        assert_eq!(
            parse(text.as_bytes(), &options).err(),
            Some(error),
            "{text}"
        );
    }
}

#[test]
fn the_same_repository_by_https() {
    for (text, https) in [
        (
            "git@github.com:vercel/next.js.git",
            Some("https://github.com/vercel/next.js.git"),
        ),
        (
            "ssh://git@github.com:22/vercel/next.js.git",
            Some("https://github.com/vercel/next.js.git"),
        ),
        (
            "ssh://git@ssh.github.com:443/a/b",
            Some("https://github.com/a/b"),
        ),
        (
            "git@ssh.dev.azure.com:v3/org/my%20project/repo",
            Some("https://dev.azure.com/org/my%2520project/_git/repo"),
        ),
        (
            "ssh://git@gitea.example:2222/a/b",
            Some("https://gitea.example/a/b"),
        ),
        ("http://host:8080/a/b", Some("https://host/a/b")),
        ("https://host:8443/a/b", Some("https://host:8443/a/b")),
        ("git@host:~user/b", None),
        ("git@host:../b", None),
    ] {
        let Ok(Source::Remote(url)) = Source::parse(text) else {
            panic!("{text} is a remote");
        };
        assert_eq!(
            url.to_https().map(|url| url.to_string()).as_deref(),
            https,
            "{text}"
        );
    }
}

#[test]
fn names_of_paths() {
    for (path, name) in [
        ("/srv/git/repo.git", Some("repo")),
        ("/home/me/repo/.git", Some("repo")),
        ("repo/", Some("repo")),
        (".", None),
        ("/", None),
    ] {
        let source = Source::Local(Path::new(path).to_owned());
        assert_eq!(source.repository().as_deref(), name);
    }
}

/// What Git itself takes each text for: `git fetch-pack --diag-url` prints it without connecting.
#[cfg(unix)]
#[test]
fn git_agrees() {
    // Git shows these with what we take apart or normalize: users that are encoded, capital
    // letters, an empty port, addresses in another spelling, slashes at the end.
    let differs = |text: &str| {
        text.contains('%') || text.ends_with('/') || text.contains(":/a") || text.contains("../")
    };
    let mut compared = 0;
    for &(text, ..) in REMOTES {
        let Ok(Source::Remote(url)) = Source::parse(text) else {
            panic!("{text} is a remote");
        };
        if url.scheme().is_http() || differs(text) || text != text.to_ascii_lowercase() {
            continue;
        }
        let output = std::process::Command::new("git")
            .args(["fetch-pack", "--diag-url", text])
            .output()
            .expect("because the tests need git");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let value = |key: &str| {
            let line = shown
                .lines()
                .find_map(|line| line.strip_prefix(&format!("Diag: {key}=")));
            line.unwrap_or_else(|| panic!("git says nothing of {key} for {text}: {shown}"))
        };
        let path = String::from_utf8(url.server_path()).expect("because the table's are");
        assert_eq!(value("path"), path, "{text}");
        if url.scheme() == Scheme::Ssh {
            let user_and_host = match url.user() {
                Some(user) => format!("{user}@{}", url.host().to_bare_string()),
                None => url.host().to_bare_string(),
            };
            assert_eq!(value("userandhost"), user_and_host, "{text}");
            let port = value("port");
            let default = if text.contains(":22/") { "22" } else { "NONE" };
            match url.port() {
                22 => assert_eq!(port, default, "{text}"),
                other => assert_eq!(port, other.to_string(), "{text}"),
            }
        } else {
            assert!(
                value("hostandport").contains(&url.host().to_bare_string()),
                "{text}"
            );
        }
        compared += 1;
    }
    assert!(compared >= 25, "only {compared} were compared");
}

proptest! {
    #[test]
    fn any_text_is_a_source_or_an_error(text in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = Source::parse(&text);
    }

    /// Texts made of the pieces that matter.
    #[test]
    fn forms_are_stable_and_plain(pieces in proptest::collection::vec(0..PIECES.len(), 1..12)) {
        let text: String = pieces.into_iter().map(|index| PIECES[index]).collect();
        if let Ok(source) = Source::parse(&text) {
            let shown = source.to_string();
            prop_assert!(!shown.chars().any(char::is_control), "{shown:?}");
            if let Source::Remote(url) = &source {
                prop_assert!(!url.repository().is_empty());
                let again = Source::parse(&shown);
                prop_assert_eq!(again.ok(), Some(source), "{} became {}", text, shown);
            }
        }
    }
}

const PIECES: &[&str] = &[
    "https",
    "ssh",
    "git",
    "file",
    "ext",
    "://",
    "::",
    ":",
    "/",
    "//",
    "@",
    "[",
    "]",
    "host",
    "a.b",
    "127.0.0.1",
    "0x7f",
    "::1",
    "user",
    "-",
    "--x",
    ".",
    "..",
    ".git",
    "~",
    "%41",
    "%2e",
    "%2F",
    "%0a",
    "%",
    "?",
    "#",
    "\\",
    " ",
    "22",
    "65536",
    "ü",
    "\u{202e}",
    "\n",
    "C",
];
