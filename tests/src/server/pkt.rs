//! Pkt-lines, as servers write them.

/// One pkt-line.
pub(super) fn line(payload: &[u8]) -> Vec<u8> {
    let mut out = format!("{:04x}", payload.len() + 4).into_bytes();
    out.extend_from_slice(payload);
    out
}

/// A pkt-line of a side-band.
pub fn band(number: u8, payload: &[u8]) -> Vec<u8> {
    line(&[&[number], payload].concat())
}

/// A line of `shallow-info`.
pub(super) fn shallow_line() -> Vec<u8> {
    line(b"shallow 1234567890123456789012345678901234567890")
}

/// Splits an honest answer that holds a pack into what stands before it and the pack's own bytes.
pub fn split_pack(answer: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut before, mut pack) = (Vec::new(), Vec::new());
    let mut rest = answer;
    while rest.len() >= 4 {
        let text = std::str::from_utf8(&rest[..4]).expect("upload-pack is honest");
        let length = usize::from_str_radix(text, 16)
            .expect("upload-pack is honest")
            .max(4);
        let (frame, tail) = rest.split_at(length);
        match frame.get(4) {
            Some(1) => pack.extend_from_slice(&frame[5..]),
            Some(2 | 3) => {}
            None if !pack.is_empty() => break,
            _ => before.extend_from_slice(frame),
        }
        rest = tail;
    }
    (before, pack)
}

/// Puts an answer together again: the pack in bands of at most 8,000 bytes, and a flush.
pub fn join_pack(before: &[u8], pack: &[u8]) -> Vec<u8> {
    let mut out = before.to_vec();
    for part in pack.chunks(8_000) {
        out.extend(band(1, part));
    }
    out.extend_from_slice(b"0000");
    out
}
