//! The modes of tree entries.

/// The bits of a mode that say what an entry is, as `S_IFMT` in Git's `git-compat-util.h`.
const TYPE: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;
const SUBMODULE: u32 = 0o160_000;

pub(super) fn is_folder(mode: u32) -> bool {
    mode & TYPE == FOLDER
}

pub(super) fn is_file(mode: u32) -> bool {
    mode & TYPE == FILE
}

pub(super) fn is_symlink(mode: u32) -> bool {
    mode & TYPE == SYMLINK
}

pub(super) fn is_submodule(mode: u32) -> bool {
    mode & TYPE == SUBMODULE
}

/// Whether Git makes the file executable: it looks at the owner's bit alone.
pub(super) fn is_executable(mode: u32) -> bool {
    is_file(mode) && mode & 0o100 != 0
}

/// Writes a mode in octal, with zeros in front up to `width` digits.
pub(super) fn octal(mode: u32, width: usize, digits: &mut [u8; 11]) -> &str {
    *digits = [b'0'; 11];
    let mut rest = mode;
    let mut first = digits.len();
    while rest != 0 {
        first -= 1;
        digits[first] = b'0' + (rest & 7) as u8;
        rest >>= 3;
    }
    std::str::from_utf8(&digits[first.min(digits.len() - width)..])
        .expect("because octal digits are ASCII")
}

/// Reads six octal digits.
pub(super) fn parse(text: &str) -> Option<u32> {
    if text.len() != 6 || !text.bytes().all(|digit| matches!(digit, b'0'..=b'7')) {
        return None;
    }
    u32::from_str_radix(text, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_is_what_the_standard_library_writes() {
        for mode in [0, 7, 8, 0o40000, 0o100_644, 0o100_755, 0o160_000, u32::MAX] {
            let mut digits = [0; 11];
            assert_eq!(octal(mode, 6, &mut digits), format!("{mode:06o}"));
            assert_eq!(octal(mode, 1, &mut digits), format!("{mode:o}"));
        }
    }

    #[test]
    fn only_six_octal_digits_are_a_mode() {
        assert_eq!(parse("040000"), Some(0o40000));
        for text in [
            "40000", "0040000", "10064+", "+00644", "100648", "", "é0000",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
