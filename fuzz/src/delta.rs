//! Deltas, held against a plain reading of their definition.

/// The largest result that is tried.
const MAX_RESULT: u64 = 1 << 20;

/// Applies a delta to a base, whose length stands in the first two bytes, low one first, and compares
/// with what the definition says (gitformat-pack, "Deltified representation").
pub fn delta(input: &[u8]) {
    let Some((&[low, high], rest)) = input.split_first_chunk() else {
        return;
    };
    let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
    let (base, delta) = rest.split_at(length);
    let expected = by_definition(base, delta);
    if let Some(result) = &expected
        && result.len() as u64 > MAX_RESULT
    {
        return;
    }
    assert_eq!(gitlade::internals::apply_delta(base, delta), expected);
}

/// The result, or nothing if the delta breaks a rule.
fn by_definition(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = delta.iter().copied();
    let base_size = size(&mut bytes)?;
    let result_size = size(&mut bytes)?;
    if base_size != base.len() as u64 || result_size > MAX_RESULT {
        return None;
    }
    let mut result = Vec::new();
    while let Some(command) = bytes.next() {
        if command & 0x80 != 0 {
            let mut numbers = [0u8; 7];
            for (bit, number) in numbers.iter_mut().enumerate() {
                if command & (1 << bit) != 0 {
                    *number = bytes.next()?;
                }
            }
            let [a, b, c, d, x, y, z] = numbers.map(usize::from);
            let offset = a | b << 8 | c << 16 | d << 24;
            let size = match x | y << 8 | z << 16 {
                0 => 0x10000,
                size => size,
            };
            result.extend_from_slice(base.get(offset..offset.checked_add(size)?)?);
        } else if command != 0 {
            for _ in 0..command {
                result.push(bytes.next()?);
            }
        } else {
            return None;
        }
        if result.len() as u64 > result_size {
            return None;
        }
    }
    (result.len() as u64 == result_size).then_some(result)
}

/// A number in groups of seven bits, the low ones first.
fn size(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut size = 0u64;
    for group in 0..10 {
        let byte = bytes.next()?;
        let bits = u64::from(byte & 0x7f);
        // Bits beyond the 64th.
        if group == 9 && bits > 1 {
            return None;
        }
        size |= bits << (7 * group);
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
    None
}
