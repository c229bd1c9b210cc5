//! Deltas as Git stores them, made of what they are to be made of.

use crate::shapes::Random;

/// A size as a delta's header has it: seven bits a byte, the lowest first.
fn push_size(delta: &mut Vec<u8>, mut size: usize) {
    while size >= 0x80 {
        delta.push(size as u8 | 0x80);
        size >>= 7;
    }
    delta.push(size as u8);
}

/// A copy with all bytes of offset and size; see `gitformat-pack`.
fn push_copy(delta: &mut Vec<u8>, offset: usize, size: usize) {
    delta.push(0xff);
    delta.extend_from_slice(&(offset as u32).to_le_bytes());
    delta.extend_from_slice(&(size as u32).to_le_bytes()[..3]);
}

/// A delta that copies `copied` bytes and inserts `inserted` ones by turns until there are `size`,
/// with its result. No more than 127 bytes can be inserted at once.
pub fn make(base: &[u8], size: usize, copied: usize, inserted: usize) -> (Vec<u8>, Vec<u8>) {
    let mut random = Random::new(7);
    let mut delta = Vec::new();
    push_size(&mut delta, base.len());
    push_size(&mut delta, size);
    let mut result = Vec::with_capacity(size);
    while result.len() < size {
        let copy = copied.min(size - result.len());
        if copy > 0 {
            let offset = random.below(base.len() - copy + 1);
            push_copy(&mut delta, offset, copy);
            result.extend_from_slice(&base[offset..offset + copy]);
        }
        let insert = inserted.min(size - result.len());
        if insert > 0 {
            let bytes = random.text(insert);
            delta.push(insert as u8);
            delta.extend_from_slice(&bytes);
            result.extend_from_slice(&bytes);
        }
    }
    (delta, result)
}
