//! What a chart consists of, in the units of its picture from the top left; the template
//! `picture.svg` writes it down, in colours of the page.

use serde::Serialize;

use super::area::{Area, Place};
use super::mark::Mark;

/// Names of the page's series colours; a chart uses them in turn.
pub(super) const COLORS: [&str; 8] = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];

/// Width and height of a picture, and the size of its letters.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) letters: f64,
}

/// For a wide page.
pub(super) const WIDE: Size = Size {
    width: 880.0,
    height: 380.0,
    letters: 12.0,
};
/// For a narrow one.
pub(super) const NARROW: Size = Size {
    width: 360.0,
    height: 300.0,
    letters: 10.5,
};
/// For a wide page and a crowd of points.
pub(super) const WIDE_CROWD: Size = Size {
    height: 460.0,
    ..WIDE
};
/// For a narrow one and a crowd of points.
pub(super) const NARROW_CROWD: Size = Size {
    height: 430.0,
    ..NARROW
};
/// For half of a wide page.
pub(super) const HALF: Size = Size {
    width: 440.0,
    height: 330.0,
    letters: 11.3,
};

/// A labelled place of an axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) text: String,
}

/// What an axis spans and what stands at it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Axis {
    pub(super) title: String,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) ticks: Vec<Tick>,
    /// Whether lines lead from its ticks across the picture.
    pub(super) grid: bool,
}

impl Axis {
    /// Where a value stands between two ends of the picture.
    fn place(&self, value: f64, start: f64, end: f64) -> f64 {
        start + (value - self.from) / (self.to - self.from) * (end - start)
    }

    fn placed(self, start: f64, end: f64) -> Self {
        let ticks = self.ticks.iter().map(|tick| Tick {
            at: self.place(tick.at, start, end),
            text: tick.text.clone(),
        });
        Self {
            ticks: ticks.collect(),
            ..self
        }
    }
}

/// A line through places.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    /// Its colour among the page's.
    pub(super) color: &'static str,
    pub(super) dashed: bool,
    pub(super) through: Vec<Place>,
}

/// A mark at its place.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Point {
    pub(super) at: Place,
    pub(super) mark: Mark,
    /// The radius of the ring around it, where it has one.
    pub(super) ring: Option<f64>,
    /// What it stands for, which a browser shows to the pointer.
    pub(super) title: Option<String>,
}

/// A text beside a point.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Label {
    /// The middle of its foot.
    pub(super) at: Place,
    pub(super) text: String,
    pub(super) bold: bool,
    /// From its point to its middle, where it stands off.
    pub(super) leader: Option<(Place, Place)>,
}

/// Where things stand: the size of the picture, and the area between its axes.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) size: Size,
    pub(super) plot: Area,
    x: Axis,
    y: Axis,
}

impl Frame {
    /// Room for the axes' words below and at the left, and some air.
    pub(super) const fn new(size: Size, x: Axis, y: Axis) -> Self {
        let plot = Area {
            left: 8.0 + 5.0 * size.letters,
            top: 8.0,
            right: size.width - 12.0,
            bottom: size.height - 8.0 - 3.75 * size.letters,
        };
        Self { size, plot, x, y }
    }

    /// Where a point of the axes stands on the picture.
    pub(super) fn at(&self, (x, y): Place) -> Place {
        let plot = &self.plot;
        (
            self.x.place(x, plot.left, plot.right),
            self.y.place(y, plot.bottom, plot.top),
        )
    }

    /// The frame with what was drawn in it.
    pub(super) fn picture(
        self,
        lines: Vec<Line>,
        points: Vec<Point>,
        labels: Vec<Label>,
    ) -> Picture {
        let Self { size, plot, x, y } = self;
        Picture {
            x: x.placed(plot.left, plot.right),
            y: y.placed(plot.bottom, plot.top),
            label_letters: label_letters(size),
            size,
            plot,
            lines,
            points,
            labels,
        }
    }
}

/// The size of the letters of labels: a little larger than those of the axes.
pub(super) const fn label_letters(size: Size) -> f64 {
    size.letters * 1.08
}

/// A chart, ready to be written.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Picture {
    size: Size,
    plot: Area,
    x: Axis,
    y: Axis,
    lines: Vec<Line>,
    points: Vec<Point>,
    labels: Vec<Label>,
    label_letters: f64,
}
