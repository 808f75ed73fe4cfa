//! Middles and slopes, and where an empty context ends.

/// Depths up to this count as an empty context: speeds are compared there.
pub const SHALLOW_DEPTH: u32 = 4096;

/// The middle of some figures; the mean of the two middle ones when their number is even.
pub(crate) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    if figures.is_empty() {
        None
    } else if figures.len().is_multiple_of(2) {
        Some(f64::midpoint(figures[middle - 1], figures[middle]))
    } else {
        Some(figures[middle])
    }
}

/// The slope of the least-squares line through (x, y) pairs; none where x does not vary.
pub(crate) fn line_slope(points: &[(f64, f64)]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a count of measurements")]
    let n = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let spread: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    let shared: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    (points.len() > 1 && spread > 0.0).then(|| shared / spread)
}
