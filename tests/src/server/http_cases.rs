//! What HTTP servers answer in place of Git's protocol.

use gitlade::ErrorKind;

use super::liar::{Lie, Stage};
use super::misbehaviour::{Row, row};

/// An answer with a status line, headers and a body of known length.
fn answer(status: &str, headers: &str, body: &str) -> Lie {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
    Lie::Http(text.into_bytes())
}

pub(super) fn http_cases(stage: Stage) -> Vec<Row> {
    use ErrorKind::{
        AccessDenied, AuthenticationFailed, AuthenticationRequired, ConnectionFailed,
        LimitExceeded, NotAGitServer, Protocol, RateLimited, RepositoryNotFound, Server,
    };
    let html = "Content-Type: text/html\r\n";
    let text = "Content-Type: text/plain\r\n";
    let page = "<!DOCTYPE html><html><head><title>\x1b[2JOops</title></head></html>";
    let advertisement = "Content-Type: application/x-git-upload-pack-advertisement\r\n";
    let result = "Content-Type: application/x-git-upload-pack-result\r\n";
    let right = if stage == Stage::Advertisement {
        advertisement
    } else {
        result
    };
    let wrong = if stage == Stage::Advertisement {
        result
    } else {
        advertisement
    };
    let basic = "WWW-Authenticate: Basic realm=\"x\"\r\n";
    let rows: Vec<(&str, &'static [ErrorKind], Lie)> = vec![
        (
            "400",
            &[Server, NotAGitServer],
            answer("400 Bad Request", html, page),
        ),
        (
            "401",
            &[AuthenticationRequired, AuthenticationFailed],
            answer("401 Unauthorized", basic, "who?"),
        ),
        (
            "401 without a challenge",
            &[AuthenticationRequired, AuthenticationFailed],
            answer("401 Unauthorized", text, "who?"),
        ),
        (
            "403",
            &[AccessDenied],
            answer("403 Forbidden", text, "no\x1b[31m"),
        ),
        (
            "403 for the rate",
            &[RateLimited],
            answer(
                "403 Forbidden",
                "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1\r\n",
                "slow down",
            ),
        ),
        (
            "404",
            &[RepositoryNotFound],
            answer("404 Not Found", html, page),
        ),
        (
            "410",
            &[RepositoryNotFound, Server],
            answer("410 Gone", text, "gone"),
        ),
        (
            "429",
            &[RateLimited],
            answer("429 Too Many Requests", "Retry-After: 120\r\n", "later"),
        ),
        (
            "429 with a bad date",
            &[RateLimited],
            answer("429 Too Many", "Retry-After: x\r\n", ""),
        ),
        (
            "500",
            &[Server],
            answer("500 Internal Server Error", html, page),
        ),
        ("502", &[Server], answer("502 Bad Gateway", html, page)),
        (
            "503",
            &[Server],
            answer("503 Unavailable", "Retry-After: 1\r\n", "in a moment"),
        ),
        ("504", &[Server], answer("504 Gateway Timeout", html, page)),
        ("a web page", &[NotAGitServer], answer("200 OK", html, page)),
        (
            "a web page of the right type",
            &[NotAGitServer, Protocol],
            answer("200 OK", right, page),
        ),
        (
            "the other type",
            &[NotAGitServer],
            answer("200 OK", wrong, "0000"),
        ),
        ("no type", &[NotAGitServer], answer("200 OK", "", "0000")),
        (
            "no body",
            &[ConnectionFailed, NotAGitServer, Protocol],
            answer("200 OK", right, ""),
        ),
        (
            "204",
            &[Server, NotAGitServer, Protocol],
            answer("204 No Content", "", ""),
        ),
        (
            "a redirect to itself",
            &[Protocol],
            answer(
                "302 Found",
                "Location: /sample.git/info/refs?service=git-upload-pack\r\n",
                "",
            ),
        ),
        (
            "a redirect to a file",
            &[ErrorKind::NotAllowed, Protocol],
            answer("302 Found", "Location: file:///etc/passwd\r\n", ""),
        ),
        (
            "a redirect to nowhere",
            &[Protocol],
            answer("302 Found", "", ""),
        ),
        (
            "a body that is too short",
            &[ConnectionFailed],
            Lie::HttpAndClose(
                format!("HTTP/1.1 200 OK\r\n{right}Content-Length: 1000\r\n\r\n000a").into_bytes(),
            ),
        ),
        (
            "no HTTP",
            &[Protocol, NotAGitServer, ConnectionFailed],
            Lie::HttpAndClose(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()),
        ),
        (
            "no status",
            &[Protocol, NotAGitServer, ConnectionFailed],
            Lie::HttpAndClose(b"HTTP/1.1 \r\n\r\n".to_vec()),
        ),
        (
            "a broken chunk",
            &[Protocol, ConnectionFailed, NotAGitServer],
            Lie::HttpAndClose(
                format!("HTTP/1.1 200 OK\r\n{right}Transfer-Encoding: chunked\r\n\r\nzzzz\r\n")
                    .into_bytes(),
            ),
        ),
        (
            "endless headers",
            &[LimitExceeded, Protocol],
            Lie::EndlessHttp(
                b"HTTP/1.1 200 OK\r\n".to_vec(),
                b"X-Again: and again\r\n".repeat(100),
            ),
        ),
        (
            "an endless header",
            &[LimitExceeded, Protocol],
            Lie::EndlessHttp(b"HTTP/1.1 200 OK\r\nX-Long: ".to_vec(), vec![b'x'; 1_000]),
        ),
        (
            "an endless error page",
            &[Server],
            Lie::EndlessHttp(
                b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n\r\n".to_vec(),
                vec![b'x'; 1_000],
            ),
        ),
    ];
    rows.into_iter()
        .map(|(what, expected, lie)| row(what, expected, lie).http())
        .collect()
}
