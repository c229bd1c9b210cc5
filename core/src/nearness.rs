//! How alike two names are, for errors that say what else there is.

/// Bytes of a name that are compared at most: the cost grows with their square.
const MAX_COMPARED: usize = 80;

/// The edits after which a name still looks like `wanted`.
pub(crate) fn allowed_for(wanted: &[u8]) -> usize {
    (wanted.len() / 3).clamp(1, 5)
}

/// Insertions, deletions, changes and swaps of neighbours that lead from `a` to `b`, regardless of
/// case; `None` if they are more than `allowed`.
pub(crate) fn distance(a: &[u8], b: &[u8], allowed: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > allowed || a.len().max(b.len()) > MAX_COMPARED {
        return None;
    }
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for (i, x) in a.iter().enumerate() {
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = last[j] + usize::from(!x.eq_ignore_ascii_case(y));
            row[j + 1] = change.min(last[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0
                && j > 0
                && x.eq_ignore_ascii_case(&b[j - 1])
                && a[i - 1].eq_ignore_ascii_case(y);
            if swapped {
                row[j + 1] = row[j + 1].min(before_last[j - 1] + 1);
            }
        }
        if row.iter().all(|&distance| distance > allowed) {
            return None;
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    Some(last[b.len()]).filter(|&distance| distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_near_and_other_names_are_not() {
        let near =
            |a: &str, b: &str| distance(a.as_bytes(), b.as_bytes(), allowed_for(a.as_bytes()));
        assert_eq!(near("main", "main"), Some(0));
        assert_eq!(near("Main", "main"), Some(0));
        assert_eq!(near("mian", "main"), Some(1));
        assert_eq!(near("mai", "main"), Some(1));
        assert_eq!(near("v1.0", "v1.1"), Some(1));
        assert_eq!(near("develop", "devel"), Some(2));
        assert_eq!(near("main", "release"), None);
    }
}
