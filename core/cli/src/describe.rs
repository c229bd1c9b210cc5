//! Numbers as people read them.

use indicatif::{HumanBytes, HumanCount};

/// `86,691`.
pub(crate) fn count(number: u64) -> String {
    HumanCount(number).to_string()
}

/// `1 file`, `86,691 files`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

/// `12 B`, `1.39 GiB`.
pub(crate) fn bytes(number: u64) -> String {
    HumanBytes(number).to_string()
}

/// `37 %`, `<1 %`; nothing of nothing is nothing.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    match u128::from(part) * 100 / u128::from(whole) {
        0 => "<1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

/// The words of a documentation comment: without backticks, and of links the text alone.
pub(crate) fn plain(comment: &str) -> String {
    let mut text = String::with_capacity(comment.len());
    let mut rest = comment;
    while let Some((before, after)) = rest.split_once("](") {
        text += before;
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    text += rest;
    text.replace(['`', '[', ']'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(counted(0, "file"), "0 files");
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(86_691, "file"), "86,691 files");
        assert_eq!(bytes(12), "12 B");
        assert_eq!(bytes(u64::MAX), "16.00 EiB");
        assert_eq!(share(0, 10), "0 %");
        assert_eq!(share(0, 0), "0 %");
        assert_eq!(share(1, 1000), "<1 %");
        assert_eq!(share(u64::MAX, u64::MAX), "100 %");
    }

    #[test]
    fn comments_lose_their_marks() {
        assert_eq!(
            plain("as [`max_blob`](crate::Limits), or [x]."),
            "as max_blob, or x."
        );
        assert_eq!(plain("cut [off](here"), "cut off");
    }
}
