//! The front as a picture: memory to the right, score upwards, a shape for each class of speed, and
//! for each class the best score within so much memory at that speed or faster.

use super::super::area::{Area, Place};
use super::super::picture::{Frame, Label, Line, Picture, Point, Size, label_letters};
use super::labels::{Drawn, Wanted, place};
use super::rows::{Front, Role, Row, color, mark};
use super::{axis, labels};
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

/// The front as a picture; none where there is nothing to compare.
pub(in super::super) fn draw(front: &Front<'_>, words: &Words<'_>, size: Size) -> Option<Picture> {
    if !front.drawn {
        return None;
    }
    let points = || front.rows.iter().map(|r| r.point);
    let memory = axis::memory(words.memory, points().map(|p| p.total_bytes));
    let score = axis::score(words.score, points().map(|p| p.objective));
    let right = memory.to;
    let frame = Frame::new(size, memory, score);
    let places: Vec<Place> = front.rows.iter().map(|r| frame.at(on_axes(r))).collect();
    let lines: Vec<Line> = front
        .classes
        .iter()
        .map(|class| Line {
            color: color(class.id),
            dashed: false,
            through: best_within(&front.rows, class.id, right)
                .into_iter()
                .map(|p| frame.at(p))
                .collect(),
        })
        .collect();
    let labels = labelled(front, words, &frame, (&places, &lines));
    let points = marked(front, words, size, &places);
    Some(frame.picture(lines, points, labels))
}

fn on_axes(row: &Row<'_>) -> Place {
    (axis::doublings(row.point.total_bytes), row.point.objective)
}

/// Steps of the best score within so much memory, of the points of a class or a faster one.
fn best_within(rows: &[Row<'_>], class: usize, right: f64) -> Vec<Place> {
    let mut fast: Vec<&Row<'_>> = rows.iter().filter(|r| r.class >= class).collect();
    fast.sort_by_key(|r| r.point.total_bytes);
    let mut line: Vec<Place> = Vec::new();
    for row in fast {
        let (x, y) = on_axes(row);
        match line.last() {
            Some(&(_, before)) if before >= y => continue,
            Some(&(_, before)) => line.push((x, before)),
            None => {}
        }
        line.push((x, y));
    }
    line.extend(line.last().map(|&(_, y)| (right, y)));
    line
}

/// Half the width of a mark.
const fn half(size: Size) -> f64 {
    size.letters * 0.5
}

/// Every mark with what it stands for; points with a role have a ring.
fn marked(front: &Front<'_>, words: &Words<'_>, size: Size, places: &[Place]) -> Vec<Point> {
    let point = |(row, at): (&Row<'_>, &Place)| Point {
        at: *at,
        mark: mark(row.class, row.predicted, half(size)),
        ring: (!row.roles.is_empty()).then(|| half(size) * 1.9),
        title: Some(title(row, words)),
    };
    // The first of a crowd, with the higher score, lies on top.
    front.rows.iter().zip(places).rev().map(point).collect()
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
    frame: &Frame,
    (places, lines): (&[Place], &[Line]),
) -> Vec<Label> {
    let (letters, half) = (label_letters(frame.size), half(frame.size));
    let areas: Vec<Area> = places
        .iter()
        .zip(&front.rows)
        .map(|(p, r)| Area::around(*p, half * if r.roles.is_empty() { 1.3 } else { 2.1 }))
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
    let lines: Vec<Area> = lines.iter().flat_map(|l| pieces(&l.through)).collect();
    let drawn = Drawn {
        inside: Area {
            left: frame.plot.left + 4.0,
            right: frame.plot.right - 4.0,
            ..frame.plot
        },
        marks: &areas,
        lines: &lines,
    };
    let label = |(n, placed): (usize, labels::Placed)| {
        let (x, y) = placed.area.middle();
        Label {
            at: (x, y + letters * 0.36),
            text: texts[n][placed.says].clone(),
            bold: !front.rows[n].roles.is_empty(),
            leader: placed.off.then(|| (places[n], (x, y))),
        }
    };
    order
        .into_iter()
        .zip(place(&drawn, &wanted))
        .filter_map(|(n, placed)| placed.map(|p| label((n, p))))
        .collect()
}

/// The boxes that the pieces of a line of steps fill.
fn pieces(places: &[Place]) -> impl Iterator<Item = Area> {
    places.windows(2).map(|ends| Area {
        left: ends[0].0.min(ends[1].0) - 1.0,
        top: ends[0].1.min(ends[1].1) - 1.0,
        right: ends[0].0.max(ends[1].0) + 1.0,
        bottom: ends[0].1.max(ends[1].1) + 1.0,
    })
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
