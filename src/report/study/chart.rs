//! Line charts: speed over depth or over the number of streams.

use super::area::Place;
use super::mark::{Mark, Shape};
use super::picture::{Axis, COLORS, Frame, Line, Picture, Point, Size, Tick};
use super::ticks;
use crate::basis::Basis;
use crate::study::document::Curve;

/// What stands at the axes.
pub(super) struct Titles<'a> {
    /// Below.
    pub(super) x: &'a str,
    /// At the side.
    pub(super) y: &'a str,
}

/// The curves as one chart; none where there are no curves.
pub(super) fn lines(curves: &[Curve], titles: &Titles<'_>, size: Size) -> Option<Picture> {
    let points = || curves.iter().flat_map(|c| &c.points);
    let right = points().map(|p| p.at).max()?;
    let left = points().map(|p| p.at).min()?;
    let speeds = points().map(|p| p.decode_tokens_per_second);
    let scale = Scale::over(left, right);
    let most = if size.width < 600.0 { 5 } else { 9 };
    let frame = Frame::new(
        size,
        scale.axis(titles.x, most),
        speed_axis(titles.y, speeds.fold(0.0, f64::max) * 1.08),
    );
    let (mut lines, mut marks) = (Vec::new(), Vec::new());
    for (n, curve) in curves.iter().enumerate() {
        let color = COLORS[n % COLORS.len()];
        // When the colours begin again, another shape tells the curves apart.
        let (shape, half) = if (n / COLORS.len()).is_multiple_of(2) {
            (Shape::Circle, 3.4)
        } else {
            (Shape::TriangleUp, 4.0)
        };
        let place = |p: &crate::study::document::Point| {
            frame.at((scale.steps(p.at), p.decode_tokens_per_second))
        };
        let through: Vec<Place> = curve.points.iter().map(place).collect();
        marks.extend(through.iter().map(|at| Point {
            at: *at,
            mark: Mark::new(shape, color, half),
            ring: None,
            title: None,
        }));
        lines.push(Line {
            color,
            dashed: curve.basis == Basis::Predicted,
            through,
        });
    }
    Some(frame.picture(lines, marks, Vec::new()))
}

fn speed_axis(title: &str, to: f64) -> Axis {
    let to = to.max(1.0);
    let tick = |at: f64| Tick {
        at,
        text: format!("{at:.0}"),
    };
    Axis {
        title: title.to_owned(),
        from: 0.0,
        to,
        ticks: ticks::round(to, 6).into_iter().map(tick).collect(),
        grid: true,
    }
}

/// How the places of an axis are spaced.
#[derive(Debug, Clone, Copy)]
struct Scale {
    left: u32,
    right: u32,
    /// Where they span very much, doublings above 256 are the better measure.
    doublings: bool,
}

impl Scale {
    const fn over(left: u32, right: u32) -> Self {
        let least = if left == 0 { 256 } else { left };
        Self {
            left,
            right,
            doublings: right > 64 && right / least > 32,
        }
    }

    fn steps(self, at: u32) -> f64 {
        if self.doublings {
            (f64::from(at) / 256.0).max(1.0).log2()
        } else {
            f64::from(at)
        }
    }

    fn axis(self, title: &str, most: u32) -> Axis {
        let to = self.steps(self.right).max(1.0) * 1.02;
        let places = if self.doublings {
            ticks::whole(to, most)
        } else {
            ticks::round(to, most)
        };
        let tick = |at: f64| Tick {
            at,
            text: self.text(at),
        };
        Axis {
            title: title.to_owned(),
            from: 0.0,
            to,
            ticks: places.into_iter().map(tick).collect(),
            grid: false,
        }
    }

    fn text(self, step: f64) -> String {
        let at = match self.doublings {
            // The axis begins with what is (almost) no context.
            true if step < 0.01 && self.left == 0 => 0.0,
            true => 256.0 * step.exp2(),
            false => step,
        };
        if at >= 1024.0 {
            format!("{:.0}k", at / 1024.0)
        } else {
            format!("{at:.0}")
        }
    }
}
