//! Figures in words that several answers use.

/// Points below this are no difference that anybody could tell.
pub(super) const SAME: f64 = 0.05;

/// `quality +2.1`, in points, or `same quality`.
pub(super) fn points(difference: f64) -> String {
    if difference.abs() < SAME {
        "same quality".to_owned()
    } else {
        format!("quality {difference:+.1}")
    }
}

/// The model of the catalog that all of these are variants of, `model/variant` each.
pub(super) fn common_model<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let parts = |name: &'n str| name.split_once('/').filter(|(_, own)| !own.contains('/'));
    let (model, _) = parts(names.next()?)?;
    let shared = |name| parts(name).is_some_and(|(of, _)| of == model);
    names.all(shared).then_some(model)
}

/// A variant's name, without the model's where that is said elsewhere.
pub(super) fn own_name<'n>(name: &'n str, model: Option<&str>) -> &'n str {
    let own = model.and_then(|model| name.strip_prefix(model)?.strip_prefix('/'));
    own.unwrap_or(name)
}

/// `a, b and c`.
pub(super) fn join(all: &[String]) -> String {
    match all {
        [head @ .., last] if !head.is_empty() => format!("{} and {last}", head.join(", ")),
        _ => all.join(""),
    }
}
