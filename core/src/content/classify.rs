//! Text or binary, by the content alone.

use super::facts::{Basis, Bom, Encoding, Eol, Mime, Traits};
use super::guess::Guesser;
use super::scan::ByteScan;
use super::utf8::Utf8Check;
use super::wide::WideScan;

/// Git looks for a NUL in this many bytes (`FIRST_FEW_BYTES` of `xdiff-interface.c`).
const GIT_LOOKS_AT: usize = 8_000;

/// The first bytes, which are kept for Git's rule, the byte order mark, MIME type and Git LFS.
pub(super) const HEAD: usize = 8 << 10;

/// The common case: UTF-8 without byte order mark and control characters.
pub(super) fn plain_utf8(content: &[u8]) -> Option<Traits> {
    if content.is_empty() || Bom::of(content).is_some() {
        return None;
    }
    let mut scan = ByteScan::default();
    for piece in content.chunks(HEAD) {
        scan.update(piece);
        if scan.control {
            return None;
        }
    }
    if scan.non_ascii && simdutf8::basic::from_utf8(content).is_err() {
        return None;
    }
    Some(text(Encoding::UTF_8, Basis::Utf8, &scan))
}

fn text(encoding: Encoding, basis: Basis, scan: &ByteScan) -> Traits {
    Traits {
        lines: scan.lines(),
        encoding: Some(encoding),
        basis,
        bom: None,
        eol: scan.ends.eol(),
        nul_early: false,
        mime: None,
    }
}

/// Tells text from binary, by the content alone.
#[derive(Debug)]
pub(super) struct Classifier {
    head: Vec<u8>,
    mode: Mode,
}

#[derive(Debug)]
enum Mode {
    /// The head is not full yet.
    Begin,
    /// The verdict is binary, whatever follows.
    Binary(Basis),
    /// There is a byte order mark of UTF-16 or UTF-32.
    Wide(Bom, WideScan),
    /// An encoding that contains ASCII, with a byte order mark of UTF-8 or none.
    Narrow(Box<Narrow>),
}

#[derive(Debug)]
struct Narrow {
    bom: Option<Bom>,
    scan: ByteScan,
    utf8: Utf8Check,
    guesser: Guesser,
}

impl Classifier {
    pub(super) fn new() -> Self {
        Classifier {
            head: Vec::new(),
            mode: Mode::Begin,
        }
    }

    /// Takes the next piece of the content.
    pub(super) fn update(&mut self, mut piece: &[u8]) {
        if matches!(self.mode, Mode::Begin) {
            let room = HEAD - self.head.len();
            let (taken, rest) = piece.split_at(room.min(piece.len()));
            self.head.extend_from_slice(taken);
            piece = rest;
            if self.head.len() < HEAD {
                return;
            }
            self.begin();
        }
        self.advance(piece);
    }

    /// Decides by the head how to go on, and looks at the head.
    fn begin(&mut self) {
        let head = std::mem::take(&mut self.head);
        let bom = Bom::of(&head);
        let wide = bom.and_then(|bom| Some((bom, WideScan::new(bom.encoding())?)));
        self.mode = match wide {
            Some((bom, scan)) => Mode::Wide(bom, scan),
            None if nul_early(&head) => Mode::Binary(Basis::Nul),
            None => Mode::Narrow(Box::new(Narrow {
                bom,
                scan: ByteScan::default(),
                utf8: Utf8Check::default(),
                guesser: Guesser::new(false),
            })),
        };
        let skipped = match self.mode {
            Mode::Wide(bom, _) => bom.length(),
            _ => 0,
        };
        self.advance(&head[skipped..]);
        self.head = head;
    }

    fn advance(&mut self, piece: &[u8]) {
        match &mut self.mode {
            Mode::Begin | Mode::Binary(_) => {}
            Mode::Wide(_, scan) => scan.update(piece),
            Mode::Narrow(narrow) => {
                narrow.scan.update(piece);
                if narrow.scan.control {
                    self.mode = Mode::Binary(Basis::Control);
                } else {
                    if narrow.scan.non_ascii {
                        narrow.utf8.update(piece);
                    }
                    if narrow.bom.is_none() {
                        narrow.guesser.update(piece);
                    }
                }
            }
        }
    }

    /// The first bytes of the content.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Tells the traits of all that came.
    pub(super) fn finish(mut self) -> Traits {
        if self.head.is_empty() {
            return text(Encoding::UTF_8, Basis::Empty, &ByteScan::default());
        }
        if matches!(self.mode, Mode::Begin) {
            self.begin();
        }
        let nul_early = nul_early(&self.head);
        match self.mode.finish() {
            Ok(traits) => Traits {
                nul_early,
                ..traits
            },
            Err(basis) => Traits {
                lines: 0,
                encoding: None,
                basis,
                bom: None,
                eol: Eol::None,
                nul_early,
                mime: Mime::of(&self.head),
            },
        }
    }
}

impl Mode {
    /// The traits of a text, or why it is binary.
    fn finish(self) -> Result<Traits, Basis> {
        match self {
            Mode::Begin => Err(Basis::Malformed),
            Mode::Binary(basis) => Err(basis),
            Mode::Wide(_, scan) if !scan.is_valid() => Err(Basis::Malformed),
            Mode::Wide(_, scan) if scan.control => Err(Basis::Control),
            Mode::Wide(bom, scan) => Ok(Traits {
                lines: scan.lines(),
                encoding: Some(bom.encoding()),
                basis: Basis::Bom,
                bom: Some(bom),
                eol: scan.ends.eol(),
                nul_early: false,
                mime: None,
            }),
            Mode::Narrow(narrow) => {
                let Narrow {
                    bom,
                    scan,
                    utf8,
                    guesser,
                } = *narrow;
                match (utf8.is_valid(), bom) {
                    (true, None) => Ok(text(Encoding::UTF_8, Basis::Utf8, &scan)),
                    (true, bom) => Ok(Traits {
                        bom,
                        ..text(Encoding::UTF_8, Basis::Bom, &scan)
                    }),
                    (false, Some(_)) => Err(Basis::Malformed),
                    (false, None) => match guesser.finish() {
                        Some(encoding) => Ok(text(encoding, Basis::Guess, &scan)),
                        None => Err(Basis::Malformed),
                    },
                }
            }
        }
    }
}

/// Whether Git would find a NUL in content that begins with `head`.
pub(super) fn nul_early(head: &[u8]) -> bool {
    memchr::memchr(0, &head[..head.len().min(GIT_LOOKS_AT)]).is_some()
}
