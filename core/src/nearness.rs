//! How alike two names are, for errors that say what else there is.

/// The number of characters to insert, delete or change between `a` and `b`; `None` if they have
/// less than about two thirds in common, or are too long to be compared.
pub(crate) fn distance(a: &str, b: &str) -> Option<usize> {
    const MAX: usize = 200;
    let (a, b): (Vec<char>, Vec<char>) = (
        a.to_lowercase().chars().take(MAX + 1).collect(),
        b.to_lowercase().chars().take(MAX + 1).collect(),
    );
    let longer = a.len().max(b.len());
    let allowed = (longer / 3).max(1);
    if longer > MAX || a.len().abs_diff(b.len()) > allowed {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != y))
                .min(above + 1)
                .min(row[j] + 1);
            diagonal = above;
        }
    }
    Some(row[b.len()]).filter(|&distance| distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_near_and_other_names_are_not() {
        assert_eq!(distance("relaese", "release"), Some(2));
        assert_eq!(distance("main", "main"), Some(0));
        assert_eq!(distance("Main", "main"), Some(0));
        assert_eq!(distance("mai", "main"), Some(1));
        assert_eq!(distance("v1.0", "v1.1"), Some(1));
        assert_eq!(distance("develop", "devel"), Some(2));
        assert_eq!(distance("main", "release"), None);
    }
}
