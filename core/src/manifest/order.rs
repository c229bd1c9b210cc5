//! The order of entries.

use std::cmp::Ordering;

/// Compares two paths, or two names of one folder, in Git's tree order.
///
/// A folder sorts as if it had a slash at the end (`base_name_compare` in Git's `tree.c`). On whole
/// paths the same comparison gives the order of `git ls-tree -r -t`, since what is below a folder
/// begins with that slash too.
pub(super) fn compare(
    one: &[u8],
    one_is_folder: bool,
    other: &[u8],
    other_is_folder: bool,
) -> Ordering {
    let common = one.len().min(other.len());
    let next = |bytes: &[u8], is_folder: bool| match bytes.get(common) {
        Some(&byte) => Some(byte),
        None => is_folder.then_some(b'/'),
    };
    one[..common]
        .cmp(&other[..common])
        .then_with(|| next(one, one_is_folder).cmp(&next(other, other_is_folder)))
        .then_with(|| {
            (one.len() + usize::from(one_is_folder))
                .cmp(&(other.len() + usize::from(other_is_folder)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_the_order_of_bytes_with_a_slash_after_folders(
            one in "[a/.0\u{1}é-]{1,6}", other in "[a/.0\u{1}é-]{1,6}",
            one_is_folder: bool, other_is_folder: bool,
        ) {
            let key = |name: &str, is_folder| format!("{name}{}", if is_folder { "/" } else { "" });
            prop_assert_eq!(
                compare(one.as_bytes(), one_is_folder, other.as_bytes(), other_is_folder),
                key(&one, one_is_folder).into_bytes().cmp(&key(&other, other_is_folder).into_bytes())
            );
        }
    }
}
