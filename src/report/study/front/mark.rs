//! The marks of points: each class of speed has a shape as well as a colour, and a mark is hollow
//! where its speed rests on a prediction.

use super::super::chart::COLORS;

/// The place of each class's colour among the page's.
const COLOR_OF: [usize; 5] = [7, 7, 0, 1, 3];

/// The page's colour of a class, by its place.
pub(super) const fn color(class: usize) -> usize {
    COLOR_OF[class]
}

/// A mark around the origin; `size` is about half its width.
pub(super) fn mark(class: usize, hollow: bool, size: f64) -> String {
    let color = COLORS[color(class)];
    let fill = if hollow { "bg" } else { color };
    format!(
        "<path d=\"{}\" fill=\"var(--{fill})\" stroke=\"var(--{color})\" stroke-width=\"{:.1}\" stroke-linejoin=\"round\"/>",
        outline(class, size),
        size / 3.0
    )
}

/// A mark that fills a box from -10 to 10.
pub(super) fn alone(class: usize, hollow: bool) -> String {
    mark(class, hollow, 7.5)
}

/// Cross, triangle down, square, circle, triangle up: all of about the same area.
fn outline(class: usize, size: f64) -> String {
    let corners = |corners: &[(f64, f64)]| {
        let of = |(dx, dy): &(f64, f64)| format!("{:.1} {:.1}", dx * size, dy * size);
        format!("M{}Z", corners.iter().map(of).collect::<Vec<_>>().join("L"))
    };
    match class {
        0 => corners(&[
            (-0.8, -0.8),
            (0.0, 0.0),
            (0.8, -0.8),
            (0.0, 0.0),
            (0.8, 0.8),
            (0.0, 0.0),
            (-0.8, 0.8),
            (0.0, 0.0),
        ]),
        1 => corners(&[(-1.1, -0.8), (1.1, -0.8), (0.0, 1.1)]),
        2 => corners(&[(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]),
        3 => format!(
            "M{:.1} 0a{size:.1} {size:.1} 0 1 0 {:.1} 0a{size:.1} {size:.1} 0 1 0 {:.1} 0Z",
            -size,
            2.0 * size,
            -2.0 * size
        ),
        _ => corners(&[(0.0, -1.1), (1.1, 0.8), (-1.1, 0.8)]),
    }
}
