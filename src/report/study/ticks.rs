//! Where the labels of an axis that begins at zero stand.

/// So many at most, at multiples of 1, 2 or 5 times a power of ten that is at least one.
pub(super) fn round(to: f64, most: u32) -> Vec<f64> {
    let steps = (0..10).flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(power)));
    first_of(steps, to, most)
}

/// So many at most, at multiples of a whole number.
pub(super) fn whole(to: f64, most: u32) -> Vec<f64> {
    first_of((1..64).map(f64::from), to, most)
}

fn first_of(steps: impl Iterator<Item = f64>, to: f64, most: u32) -> Vec<f64> {
    let multiples = |step: f64| (0..=most).map(move |n| step * f64::from(n));
    let places = |step: f64| -> Vec<f64> { multiples(step).filter(|at| *at <= to).collect() };
    let mut choices = steps.map(places);
    choices
        .find(|p| p.len() <= most as usize)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_round_and_no_more_than_there_is_room_for() {
        assert_eq!(round(52.0, 6), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!(round(4.3, 6), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(round(33.0, 5), [0.0, 10.0, 20.0, 30.0]);
        assert_eq!(whole(10.2, 9), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(whole(10.2, 5), [0.0, 3.0, 6.0, 9.0]);
        for to in 1..3000 {
            let to = f64::from(to);
            for most in 5..10 {
                assert!(
                    (2..=most as usize).contains(&round(to, most).len()),
                    "{to} {most}"
                );
            }
        }
    }
}
