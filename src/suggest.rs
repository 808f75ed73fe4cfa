//! "Did you mean": the nearest known name to a misspelt one.

/// How alike two names must be for one to be meant by the other, 0 to 1.
const ALIKE: f64 = 0.6;

/// The known name nearest to `wanted`, where one is near enough to be meant.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = wanted.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        could_be_alike(&wanted, &name)
            .then(|| strsim::normalized_damerau_levenshtein(&wanted, &name))
    };
    known
        .into_iter()
        .filter_map(|name| Some((likeness(name)?, name)))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, name)| name.to_owned())
}

/// Whether their lengths allow it: as many characters as one has more must be put in. Saves
/// comparing a text of any length with every name, which takes time by the product of both.
fn could_be_alike(a: &str, b: &str) -> bool {
    let (a, b) = (a.chars().count(), b.chars().count());
    // More than 6 tenths of the longer one.
    10 * a.min(b) > 6 * a.max(b)
}

/// `; did you mean ...?`, or nothing.
#[must_use]
pub fn or_nothing(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |s| format!("; did you mean `{s}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        let known = ["code", "general", "long-form"];
        assert_eq!(nearest("cod", known).as_deref(), Some("code"));
        assert_eq!(nearest("genral", known).as_deref(), Some("general"));
        assert_eq!(nearest("xyzzy", known), None);
        assert_eq!(nearest("", known), None);
    }
}
