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

/// The largest insertion of one instruction.
const INSERT: usize = 127;

/// A delta that makes `result` of `base` by the bytes that both begin and end with.
pub(crate) fn between(base: &[u8], result: &[u8]) -> Vec<u8> {
    let forwards = base.iter().zip(result);
    let start = forwards.take_while(|(a, b)| a == b).count();
    let (base_rest, rest) = (&base[start..], &result[start..]);
    let backwards = base_rest.iter().rev().zip(rest.iter().rev());
    let end = backwards.take_while(|(a, b)| a == b).count();
    let mut delta = Vec::new();
    push_size(&mut delta, base.len());
    push_size(&mut delta, result.len());
    if start > 0 {
        push_copy(&mut delta, 0, start);
    }
    for piece in rest[..rest.len() - end].chunks(INSERT) {
        delta.push(piece.len() as u8);
        delta.extend_from_slice(piece);
    }
    if end > 0 {
        push_copy(&mut delta, base.len() - end, end);
    }
    delta
}

#[cfg(test)]
#[test]
fn a_delta_between_two_makes_the_one_of_the_other() {
    let base = Random::new(3).text(5_000);
    let mut changed = base.clone();
    changed.splice(2_000..2_010, [b'x'; 300]);
    for result in [&changed, &base, &Vec::new(), &base[1..].to_vec()] {
        let delta = between(&base, result);
        let made = gitlade::internals::apply_delta(&base, &delta);
        assert_eq!(made.as_ref(), Some(result));
    }
}
