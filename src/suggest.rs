//! "Did you mean": the nearest known name to a misspelt one.

/// The known name nearest to `wanted`, where one is near enough to be meant.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = wanted.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            (
                strsim::normalized_damerau_levenshtein(&wanted, &name.to_lowercase()),
                name,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, name)| name.to_owned())
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
    }
}
