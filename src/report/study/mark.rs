//! The marks of points: a shape as well as a colour, so that neither has to be seen.

use serde::Serialize;

/// The shapes, all of about the same area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Cross,
    TriangleDown,
    Square,
    Circle,
    TriangleUp,
}

/// A mark around the origin of its group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Mark {
    /// Its outline as an SVG path.
    outline: String,
    /// What fills it: its own colour, or the page's ground where it is hollow.
    fill: &'static str,
    color: &'static str,
    stroke_width: f64,
}

impl Mark {
    /// A mark in one of the page's colours; `size` is about half its width.
    pub(super) fn new(shape: Shape, color: &'static str, size: f64) -> Self {
        Self {
            outline: outline(shape, size),
            fill: color,
            color,
            stroke_width: size / 3.0,
        }
    }

    /// The same mark, hollow.
    pub(super) fn hollow(self) -> Self {
        Self { fill: "bg", ..self }
    }
}

fn outline(shape: Shape, size: f64) -> String {
    let corners = |corners: &[(f64, f64)]| {
        let of = |(dx, dy): &(f64, f64)| format!("{:.1} {:.1}", dx * size, dy * size);
        format!("M{}Z", corners.iter().map(of).collect::<Vec<_>>().join("L"))
    };
    match shape {
        Shape::Cross => corners(&[
            (-0.8, -0.8),
            (0.0, 0.0),
            (0.8, -0.8),
            (0.0, 0.0),
            (0.8, 0.8),
            (0.0, 0.0),
            (-0.8, 0.8),
            (0.0, 0.0),
        ]),
        Shape::TriangleDown => corners(&[(-1.1, -0.8), (1.1, -0.8), (0.0, 1.1)]),
        Shape::Square => corners(&[(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]),
        Shape::Circle => format!(
            "M{:.1} 0a{size:.1} {size:.1} 0 1 0 {:.1} 0a{size:.1} {size:.1} 0 1 0 {:.1} 0Z",
            -size,
            2.0 * size,
            -2.0 * size
        ),
        Shape::TriangleUp => corners(&[(0.0, -1.1), (1.1, 0.8), (-1.1, 0.8)]),
    }
}
