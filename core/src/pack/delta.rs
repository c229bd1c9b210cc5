//! Deltas: an object told as copies from a base and inserted bytes.
//!
//! See "Deltified representation" in Git's `gitformat-pack` document.

use crate::pack::error::EntryProblem;

/// The two sizes that a delta begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeltaHeader {
    pub(crate) base_size: u64,
    pub(crate) result_size: u64,
    /// Bytes of the two sizes; the instructions follow.
    pub(crate) len: usize,
}

impl DeltaHeader {
    /// Reads the sizes at the beginning of `delta`.
    pub(crate) fn parse(delta: &[u8]) -> Result<Self, EntryProblem> {
        let (base_size, base_len) = read_size(delta)?;
        let (result_size, result_len) = read_size(&delta[base_len..])?;
        Ok(DeltaHeader {
            base_size,
            result_size,
            len: base_len + result_len,
        })
    }
}

/// Applies the `instructions` of a delta (what follows its header) to `base`, and fills `result`.
///
/// # Errors
///
/// [`EntryProblem::Delta`] if an instruction reaches outside of the base, or if the instructions do
/// not give exactly as many bytes as `result` has.
pub(crate) fn apply(
    base: &[u8],
    mut instructions: &[u8],
    result: &mut [u8],
) -> Result<(), EntryProblem> {
    let mut filled = 0;
    while let Some((&op, rest)) = instructions.split_first() {
        instructions = rest;
        let source = if op & 0x80 != 0 {
            let (offset, size) = read_copy(op, &mut instructions)?;
            base.get(offset..).and_then(|rest| rest.get(..size))
        } else if op != 0 {
            let (bytes, rest) = instructions
                .split_at_checked(usize::from(op))
                .ok_or(EntryProblem::Delta)?;
            instructions = rest;
            Some(bytes)
        } else {
            // Reserved for future use.
            None
        };
        let source = source.ok_or(EntryProblem::Delta)?;
        result
            .get_mut(filled..)
            .and_then(|rest| rest.get_mut(..source.len()))
            .ok_or(EntryProblem::Delta)?
            .copy_from_slice(source);
        filled += source.len();
    }
    if filled != result.len() {
        return Err(EntryProblem::Delta);
    }
    Ok(())
}

/// Reads what follows the opcode of a copy: only the bytes whose bit is set are there.
fn read_copy(op: u8, instructions: &mut &[u8]) -> Result<(usize, usize), EntryProblem> {
    let mut fields = [0u8; 7];
    for (bit, field) in fields.iter_mut().enumerate() {
        if op & 1 << bit != 0 {
            let (&byte, rest) = instructions.split_first().ok_or(EntryProblem::Delta)?;
            *field = byte;
            *instructions = rest;
        }
    }
    let [o0, o1, o2, o3, s0, s1, s2] = fields;
    let offset = u32::from_le_bytes([o0, o1, o2, o3]) as usize;
    let size = match u32::from_le_bytes([s0, s1, s2, 0]) as usize {
        0 => 0x10000,
        size => size,
    };
    Ok((offset, size))
}

fn read_size(bytes: &[u8]) -> Result<(u64, usize), EntryProblem> {
    let mut size = 0u64;
    for (index, &byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        let shift = 7 * index as u32;
        if bits << shift >> shift != bits {
            return Err(EntryProblem::Delta);
        }
        size |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok((size, index + 1));
        }
    }
    Err(EntryProblem::Delta)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_inserts_make_the_result() {
        // Copy 3 bytes from offset 1, insert "XY", copy 1 byte from offset 0.
        let delta = [5, 6, 0x91, 1, 3, 2, b'X', b'Y', 0x90, 1];
        let header = DeltaHeader::parse(&delta).expect("is valid");
        assert_eq!((header.base_size, header.result_size), (5, 6));
        let mut result = [0; 6];
        apply(b"abcde", &delta[header.len..], &mut result).expect("applies");
        assert_eq!(&result, b"bcdXYa");
    }

    #[test]
    fn a_copy_of_size_zero_means_64_kib() {
        let base = vec![7; 0x10000];
        let mut result = vec![0; 0x10000];
        apply(&base, &[0x80], &mut result).expect("applies");
        assert_eq!(result, base);
    }

    #[test]
    fn hostile_instructions_are_refused() {
        let cases: [(&[u8], usize); 7] = [
            (&[0x00], 0),          // reserved opcode
            (&[0x91, 9, 1], 1),    // copy from behind the base
            (&[0x90, 6], 6),       // copy past the end of the base
            (&[0x90], 1),          // size byte missing
            (&[3, b'a'], 3),       // insert cut off
            (&[2, b'a', b'b'], 1), // more than the result holds
            (&[1, b'a'], 2),       // less than the result holds
        ];
        for (instructions, len) in cases {
            let mut result = vec![0; len];
            assert_eq!(
                apply(b"abcde", instructions, &mut result),
                Err(EntryProblem::Delta),
                "{instructions:?}"
            );
        }
        assert_eq!(DeltaHeader::parse(&[0xff; 11]), Err(EntryProblem::Delta));
        assert_eq!(DeltaHeader::parse(&[1, 0x80]), Err(EntryProblem::Delta));
        assert_eq!(DeltaHeader::parse(&[]), Err(EntryProblem::Delta));
    }
}
