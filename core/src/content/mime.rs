//! MIME types of binary content, by its first bytes.

use super::facts::Mime;

/// All types that are told apart, in alphabetical order: those that the crate `infer` 0.22 knows.
const NAMES: [&str; 92] = [
    "application/dicom",
    "application/epub+zip",
    "application/font-sfnt",
    "application/font-woff",
    "application/gzip",
    "application/java",
    "application/msword",
    "application/octet-stream",
    "application/pdf",
    "application/postscript",
    "application/rtf",
    "application/vnd.android.dex",
    "application/vnd.android.dey",
    "application/vnd.bzip3",
    "application/vnd.debian.binary-package",
    "application/vnd.microsoft.portable-executable",
    "application/vnd.ms-cab-compressed",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.rar",
    "application/vnd.sqlite3",
    "application/wasm",
    "application/x-7z-compressed",
    "application/x-bzip2",
    "application/x-compress",
    "application/x-cpio",
    "application/x-executable",
    "application/x-google-chrome-extension",
    "application/x-llvm",
    "application/x-lz4",
    "application/x-lzip",
    "application/x-mach-binary",
    "application/x-mobipocket-ebook",
    "application/x-nintendo-nes-rom",
    "application/x-ole-storage",
    "application/x-par2",
    "application/x-qemu-disk",
    "application/x-rpm",
    "application/x-shockwave-flash",
    "application/x-tar",
    "application/x-unix-archive",
    "application/x-x509-ca-cert",
    "application/x-xz",
    "application/zip",
    "application/zstd",
    "audio/aac",
    "audio/amr",
    "audio/m4a",
    "audio/midi",
    "audio/mpeg",
    "audio/ogg",
    "audio/opus",
    "audio/x-aiff",
    "audio/x-ape",
    "audio/x-dsf",
    "audio/x-flac",
    "audio/x-wav",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/heif",
    "image/jp2",
    "image/jpeg",
    "image/jxl",
    "image/openraster",
    "image/png",
    "image/tiff",
    "image/vnd.adobe.photoshop",
    "image/vnd.djvu",
    "image/vnd.dwg",
    "image/vnd.microsoft.icon",
    "image/vnd.ms-photo",
    "image/webp",
    "image/x-canon-cr2",
    "text/html",
    "text/x-shellscript",
    "text/xml",
    "video/mp4",
    "video/mpeg",
    "video/quicktime",
    "video/webm",
    "video/x-flv",
    "video/x-m4v",
    "video/x-matroska",
    "video/x-ms-wmv",
    "video/x-msvideo",
];

impl Mime {
    /// Tells the type by the first bytes of a file; some 8 KiB are enough.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        Self::from_name(infer::get(head)?.mime_type())
    }

    /// The type with this number, which means the same within one version of the rules.
    pub(crate) fn from_number(number: u16) -> Option<Self> {
        (usize::from(number) < NAMES.len()).then_some(Mime(number))
    }

    /// The type with this name, if it is one of those that are told apart.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let index = NAMES.binary_search(&name).ok()?;
        Some(Mime(index as u16))
    }

    /// The name, such as `image/png`.
    pub(crate) fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_come_back() {
        assert!(NAMES.is_sorted_by(|a, b| a < b));
        for name in NAMES {
            assert_eq!(Mime::from_name(name).expect("known").name(), name);
        }
        assert_eq!(Mime::from_name("text/nothing"), None);
    }

    /// Signatures from the formats' own specifications.
    #[test]
    fn knows_common_signatures() {
        let tar = [&[b'a'; 257][..], b"ustar\x0000"].concat();
        let files: [(&[u8], &str); 10] = [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
            (b"\x1f\x8b\x08\0\0\0\0\0", "application/gzip"),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\0", "application/pdf"),
            (b"PK\x03\x04\x14\0\0\0", "application/zip"),
            (b"\0asm\x01\0\0\0", "application/wasm"),
            (b"wOF2\0\x01\0\0", "application/font-woff"),
            (b"SQLite format 3\0", "application/vnd.sqlite3"),
            (&tar, "application/x-tar"),
        ];
        for (head, name) in files {
            assert_eq!(Mime::of(head).map(Mime::name), Some(name));
        }
        assert_eq!(Mime::of(b"\0\x01\x02\x03"), None);
    }
}
