//! Line charts as SVG, drawn by plotters without a file or a font.
//!
//! plotters writes fixed colours. It is given stand-ins that no chart would use, which then become
//! the page's own colours, so that a chart follows light, dark and print like the text around it.

use plotters::prelude::*;
use plotters::series::{DashedLineSeries, LineSeries};

use crate::basis::Basis;
use crate::study::document::Curve;

/// Width and height of a chart, and the size of its letters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) letters: u32,
}

/// For a wide page.
pub(super) const WIDE: Size = Size {
    width: 880,
    height: 380,
    letters: 15,
};
/// For a narrow one.
pub(super) const NARROW: Size = Size {
    width: 360,
    height: 300,
    letters: 13,
};

/// For a wide page and a crowd of points.
pub(super) const WIDE_CROWD: Size = Size {
    height: 460,
    ..WIDE
};
/// For a narrow one and a crowd of points.
pub(super) const NARROW_CROWD: Size = Size {
    height: 430,
    ..NARROW
};
/// For half of a wide page.
pub(super) const HALF: Size = Size {
    width: 440,
    height: 330,
    letters: 14,
};

/// What stands at the axes.
pub(super) struct Axes<'a> {
    /// Below.
    pub(super) x: &'a str,
    /// At the side.
    pub(super) y: &'a str,
}

/// Names of the page's series colours; a chart uses them in turn.
pub(super) const COLORS: [&str; 8] = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];
pub(super) const INK: RGBColor = RGBColor(1, 2, 3);
pub(super) const GRID: RGBColor = RGBColor(1, 2, 4);

/// The stand-in for the n-th series colour.
pub(super) const fn stand_in(n: usize) -> RGBColor {
    #[expect(clippy::cast_possible_truncation, reason = "below eight")]
    RGBColor(2, 2, (n % COLORS.len()) as u8)
}

/// Puts the page's colours in place of the stand-ins.
fn themed(svg: &str) -> String {
    let mut out = svg
        .replace("#010203", "var(--ink-2)")
        .replace("#010204", "var(--line)");
    for (n, color) in COLORS.iter().enumerate() {
        out = out.replace(&format!("#02020{n}"), &format!("var(--{color})"));
    }
    out
}

/// The curves as one SVG image; empty where there are none.
pub(super) fn lines(curves: &[Curve], axes: &Axes<'_>, size: Size) -> Result<String, String> {
    if curves.is_empty() {
        return Ok(String::new());
    }
    let mut svg = String::new();
    draw(curves, axes, size, &mut svg).map_err(|e| e.to_string())?;
    Ok(page_sized(&svg, size))
}

/// The picture in the page's size and colours; it keeps its proportions.
pub(super) fn page_sized(svg: &str, size: Size) -> String {
    let sized = format!("width=\"{}\" height=\"{}\"", size.width, size.height);
    themed(&svg.replacen(&sized, "aria-hidden=\"true\" focusable=\"false\"", 1))
}

pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw(curves: &[Curve], axes: &Axes<'_>, size: Size, svg: &mut String) -> Drawn {
    let points = || curves.iter().flat_map(|c| &c.points);
    let right = points().map(|p| p.at).max().unwrap_or(1);
    let left = points().map(|p| p.at).min().unwrap_or(0);
    let top = points()
        .map(|p| p.decode_tokens_per_second)
        .fold(0.0, f64::max);
    let letters = ("sans-serif", size.letters).into_font().color(&INK);
    let root = SVGBackend::with_string(svg, (size.width, size.height)).into_drawing_area();
    let mut chart = ChartBuilder::on(&root)
        .margin(8)
        .margin_right(18)
        .x_label_area_size(size.letters * 3)
        .y_label_area_size(size.letters * 4)
        .build_cartesian_2d(0.0..steps(left, right), 0.0..top * 1.08)?;
    let label = |x: &f64| place_label(*x, left, right);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .label_style(letters.clone())
        .axis_desc_style(letters)
        .x_labels(if size.width < 600 { 5 } else { 9 })
        .y_labels(6)
        .x_label_formatter(&label)
        .y_label_formatter(&|y| format!("{y:.0}"))
        .x_desc(axes.x)
        .y_desc(axes.y)
        .draw()?;
    for (n, curve) in curves.iter().enumerate() {
        let at = |p: &crate::study::document::Point| {
            (steps_at(p.at, left, right), p.decode_tokens_per_second)
        };
        let style = stand_in(n).stroke_width(2);
        let path = curve.points.iter().map(at);
        if curve.basis == Basis::Predicted {
            chart.draw_series(DashedLineSeries::new(path, 7, 5, style))?;
        } else {
            chart.draw_series(LineSeries::new(path, style))?;
        }
        let dots = curve.points.iter().map(at);
        if (n / COLORS.len()).is_multiple_of(2) {
            chart.draw_series(dots.map(|p| Circle::new(p, 4, stand_in(n).filled())))?;
        } else {
            chart.draw_series(dots.map(|p| TriangleMarker::new(p, 5, stand_in(n).filled())))?;
        }
    }
    root.present()?;
    Ok(())
}

/// Whether the places span so much that doublings are the better measure.
const fn doublings(left: u32, right: u32) -> bool {
    right > 64 && right / (if left == 0 { 256 } else { left }) > 32
}

/// Where a place stands on the axis: itself, or its doublings above 256.
fn steps_at(at: u32, left: u32, right: u32) -> f64 {
    if doublings(left, right) {
        (f64::from(at) / 256.0).max(1.0).log2()
    } else {
        f64::from(at)
    }
}

fn steps(left: u32, right: u32) -> f64 {
    steps_at(right, left, right).max(1.0) * 1.02
}

fn place_label(x: f64, left: u32, right: u32) -> String {
    let at = if doublings(left, right) {
        // The axis begins with what is (almost) no context.
        if x < 0.01 && left == 0 {
            return "0".to_owned();
        }
        256.0 * x.exp2()
    } else {
        x
    };
    if at >= 1024.0 {
        format!("{:.0}k", at / 1024.0)
    } else {
        format!("{at:.0}")
    }
}
