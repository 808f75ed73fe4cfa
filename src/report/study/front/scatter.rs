//! The front as SVG: memory to the right, score upwards, a shape for each class of speed, and for
//! each class the best score within so much memory at that speed or faster.
//!
//! plotters draws axes and lines. The marks are written here, each in a group with what it stands
//! for, which a browser shows to the pointer.

use minijinja::HtmlEscape;
use plotters::prelude::*;

use super::super::chart;
use super::super::chart::{Drawn, GRID, INK, Size, stand_in};
use super::labels;
use super::labels::{Area, Place, Wanted};
use super::{Front, Role, Row, axis, mark};
use crate::units::tokens;

/// The words on the picture.
pub(in super::super) struct Words<'a> {
    /// Below.
    pub(in super::super) memory: &'a str,
    /// At the side.
    pub(in super::super) score: &'a str,
    /// At the point that the plan keeps loaded.
    pub(in super::super) recommended: &'a str,
    /// At the one with less memory.
    pub(in super::super) smaller: &'a str,
    /// At the faster one.
    pub(in super::super) faster: &'a str,
    /// Between two of these.
    pub(in super::super) comma: &'a str,
    /// What a variant is called.
    pub(in super::super) name: &'a dyn Fn(&str) -> String,
}

/// The front as one SVG image; empty where there is nothing to compare.
pub(in super::super) fn draw(
    front: &Front<'_>,
    words: &Words<'_>,
    size: Size,
) -> Result<String, String> {
    if !front.drawn {
        return Ok(String::new());
    }
    let (mut svg, mut marks) = (String::new(), String::new());
    picture(front, words, size, (&mut svg, &mut marks)).map_err(|e| e.to_string())?;
    let svg = chart::page_sized(&svg, size);
    let end = svg.rfind("</svg>").unwrap_or(svg.len());
    Ok(format!("{}{marks}{}", &svg[..end], &svg[end..]))
}

fn picture(
    front: &Front<'_>,
    words: &Words<'_>,
    size: Size,
    (svg, marks): (&mut String, &mut String),
) -> Drawn {
    let points = || front.rows.iter().map(|r| r.point);
    let memory = axis::memory(points().map(|p| p.total_bytes));
    let score = axis::score(points().map(|p| p.objective));
    let letters = ("sans-serif", size.letters).into_font().color(&INK);
    let root = SVGBackend::with_string(svg, (size.width, size.height)).into_drawing_area();
    let mut chart = ChartBuilder::on(&root)
        .margin(8)
        .x_label_area_size(size.letters * 3)
        .y_label_area_size(size.letters * 4)
        .build_cartesian_2d(memory.clone(), score)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .label_style(letters.clone())
        .axis_desc_style(letters)
        .x_label_formatter(&|x| format!("{}", (x.exp2() * 1000.0).round() / 1000.0))
        .y_label_formatter(&|y| format!("{y:.2}"))
        .x_desc(words.memory)
        .y_desc(words.score)
        .draw()?;
    let mut lines = Vec::new();
    for class in &front.classes {
        let style = stand_in(mark::color(class.id)).stroke_width(2);
        let line = best_within(&front.rows, class.id, memory.to);
        chart.draw_series(LineSeries::new(line.clone(), style))?;
        lines.push(line);
    }
    let area = chart.plotting_area();
    let on_picture = |p: &Place| {
        let (x, y) = area.map_coordinate(p);
        (f64::from(x), f64::from(y))
    };
    let places: Vec<Place> = points()
        .map(|p| on_picture(&(axis::doublings(p.total_bytes), p.objective)))
        .collect();
    let lines: Vec<Area> = lines.iter().flat_map(|l| pieces(l, &on_picture)).collect();
    let (across, down) = area.get_pixel_range();
    let inside = Area {
        left: f64::from(across.start) + 4.0,
        top: f64::from(down.start),
        right: f64::from(across.end) - 4.0,
        bottom: f64::from(down.end),
    };
    // Marks lie over the labels of others.
    marks.push_str(&labelled(front, words, size, (&places, &lines, inside)));
    marks.push_str(&marked(front, words, size, &places));
    root.present()?;
    Ok(())
}

/// Steps of the best score within so much memory, of the points of a class or a faster one.
fn best_within(rows: &[Row<'_>], class: usize, to: f64) -> Vec<Place> {
    let mut fast: Vec<&Row<'_>> = rows.iter().filter(|r| r.class >= class).collect();
    fast.sort_by_key(|r| r.point.total_bytes);
    let mut line: Vec<Place> = Vec::new();
    for row in fast {
        let (x, y) = (axis::doublings(row.point.total_bytes), row.point.objective);
        match line.last() {
            Some(&(_, before)) if before >= y => continue,
            Some(&(_, before)) => line.push((x, before)),
            None => {}
        }
        line.push((x, y));
    }
    line.extend(line.last().map(|&(_, y)| (to, y)));
    line
}

/// The boxes that the pieces of a line of steps fill.
fn pieces(line: &[Place], on_picture: &dyn Fn(&Place) -> Place) -> Vec<Area> {
    let places: Vec<Place> = line.iter().map(on_picture).collect();
    let between = |ends: &[Place]| Area {
        left: ends[0].0.min(ends[1].0) - 1.0,
        top: ends[0].1.min(ends[1].1) - 1.0,
        right: ends[0].0.max(ends[1].0) + 1.0,
        bottom: ends[0].1.max(ends[1].1) + 1.0,
    };
    places.windows(2).map(between).collect()
}

/// Half the width of a mark.
fn half(size: Size) -> f64 {
    f64::from(size.letters) * 0.4
}

/// Every mark with what it stands for; points with a role have a ring.
fn marked(front: &Front<'_>, words: &Words<'_>, size: Size, places: &[Place]) -> String {
    let mut out = String::new();
    // The first of a crowd, with the higher score, lies on top.
    for (row, (x, y)) in front.rows.iter().zip(places).rev() {
        let title = title(row, words);
        out.push_str(&format!(
            "<g class=\"point\" transform=\"translate({x} {y})\"><title>{}</title>",
            HtmlEscape(&title)
        ));
        if !row.roles.is_empty() {
            out.push_str(&format!(
                "<circle r=\"{:.1}\" fill=\"none\" stroke=\"var(--ink)\" stroke-width=\"1.5\"/>",
                half(size) * 1.9
            ));
        }
        out.push_str(&mark::mark(row.class, row.predicted, half(size)));
        out.push_str("</g>\n");
    }
    out
}

/// `3: Qwen3 Coder Next MLX 4bit 128k; 0.793, 57.3 GiB, 58.8 t/s`.
fn title(row: &Row<'_>, words: &Words<'_>) -> String {
    let members: Vec<String> = row
        .point
        .members
        .iter()
        .map(|m| format!("{} {}", (words.name)(&m.variant), tokens(m.context)))
        .collect();
    let speed = row.point.slowest_tokens_per_second;
    format!(
        "{}: {}; {:.3}, {}{}",
        row.number,
        members.join(" + "),
        row.point.objective,
        row.point.total_bytes,
        speed.map_or_else(String::new, |s| format!(", {s:.1} t/s"))
    )
}

/// The numbers that have room; points with a role come first and say it.
fn labelled(
    front: &Front<'_>,
    words: &Words<'_>,
    size: Size,
    (places, lines, inside): (&[Place], &[Area], Area),
) -> String {
    let letters = f64::from(size.letters) * 0.87;
    let areas: Vec<Area> = places
        .iter()
        .zip(&front.rows)
        .map(|(p, r)| Area::around(*p, half(size) * if r.roles.is_empty() { 1.3 } else { 2.1 }))
        .collect();
    let mut order: Vec<usize> = (0..areas.len()).collect();
    order.sort_by_key(|&n| front.rows[n].roles.is_empty());
    let texts: Vec<Vec<String>> = front.rows.iter().map(|r| labels_of(r, words)).collect();
    let wanted: Vec<Wanted> = order
        .iter()
        .map(|&of| Wanted {
            of,
            widths: texts[of].iter().map(|t| width(t) * letters).collect(),
            height: letters,
        })
        .collect();
    let drawn = labels::Drawn {
        inside,
        marks: &areas,
        lines,
    };
    let (mut leaders, mut out) = (String::new(), String::new());
    for (n, placed) in order.into_iter().zip(labels::place(&drawn, &wanted)) {
        let Some(placed) = placed else { continue };
        let (x, y) = placed.area.middle();
        if placed.off {
            let (from_x, from_y) = places[n];
            leaders.push_str(&format!(
                "<path d=\"M{from_x} {from_y}L{x:.1} {y:.1}\" stroke=\"var(--ink-2)\"/>\n"
            ));
        }
        let weight = if front.rows[n].roles.is_empty() {
            400
        } else {
            700
        };
        out.push_str(&format!(
            "<text x=\"{x:.1}\" y=\"{:.1}\" font-weight=\"{weight}\">{}</text>\n",
            y + letters * 0.36,
            HtmlEscape(&texts[n][placed.says])
        ));
    }
    format!(
        "{leaders}<g text-anchor=\"middle\" font-size=\"{letters:.1}\" fill=\"var(--ink)\" stroke=\"var(--bg)\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\">\n{out}</g>\n"
    )
}

/// What a point's label may say: its number with its roles, or its number.
fn labels_of(row: &Row<'_>, words: &Words<'_>) -> Vec<String> {
    let word = |role: &Role| match role {
        Role::Recommended => words.recommended,
        Role::Smaller => words.smaller,
        Role::Faster => words.faster,
    };
    let roles: Vec<&str> = row.roles.iter().map(word).collect();
    let number = row.number.to_string();
    if roles.is_empty() {
        vec![number]
    } else {
        vec![format!("{number} {}", roles.join(words.comma)), number]
    }
}

/// About how wide a text is, in the size of its letters: no font is at hand to measure it.
fn width(text: &str) -> f64 {
    text.chars()
        .map(|c| if c.is_ascii() { 0.66 } else { 1.0 })
        .sum()
}
