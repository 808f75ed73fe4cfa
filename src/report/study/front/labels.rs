//! Where the labels of points go: beside their mark, over no other mark and no other label.

use super::super::area::Area;

/// A label that wants a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// The mark, by its place in the list of marks.
    pub(super) of: usize,
    /// Widths of what it may say, the best first.
    pub(super) widths: Vec<f64>,
    pub(super) height: f64,
}

/// Where a label stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    pub(super) area: Area,
    /// Which of its widths it has.
    pub(super) says: usize,
    /// Whether it stands off, so that a line must lead to its mark.
    pub(super) off: bool,
}

/// Sides of a mark, the best first: where the label's middle goes, from -1 to 1.
const SIDES: [(f64, f64); 8] = [
    (0.0, -1.0),
    (-0.8, -0.9),
    (0.8, 0.9),
    (0.0, 1.0),
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.8, -0.9),
    (-0.8, 0.9),
];

/// What is on the picture before its labels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn<'a> {
    /// Where labels may stand.
    pub(super) inside: Area,
    /// The marks: never covered.
    pub(super) marks: &'a [Area],
    /// Pieces of lines: covered only where there is no other room.
    pub(super) lines: &'a [Area],
}

/// How far from its mark a label may stand, the best first.
const DISTANCES: [f64; 3] = [0.5, 9.0, 18.0];

/// A place for each label in the order of wishing; none where it would cover a mark or a label.
pub(super) fn place(drawn: &Drawn<'_>, wanted: &[Wanted]) -> Vec<Option<Placed>> {
    let mut taken: Vec<Area> = drawn.marks.to_vec();
    let mut places = Vec::with_capacity(wanted.len());
    for w in wanted {
        let free =
            |p: &Placed| drawn.inside.holds(&p.area) && !taken.iter().any(|t| t.overlaps(&p.area));
        let off_lines = |p: &Placed| !drawn.lines.iter().any(|l| l.overlaps(&p.area));
        let near = || choices(drawn, w).filter(|p| !p.off);
        let found = near()
            .find(|p| free(p) && off_lines(p))
            .or_else(|| near().find(free))
            .or_else(|| choices(drawn, w).find(free));
        taken.extend(found.map(|p| p.area));
        places.push(found);
    }
    places
}

/// Every place that a label could take, the best first.
fn choices(drawn: &Drawn<'_>, label: &Wanted) -> impl Iterator<Item = Placed> {
    DISTANCES.iter().enumerate().flat_map(move |(n, distance)| {
        label
            .widths
            .iter()
            .enumerate()
            .flat_map(move |(says, width)| {
                SIDES.iter().map(move |side| Placed {
                    area: beside(drawn, label, *width, (*side, *distance)),
                    says,
                    off: n > 0,
                })
            })
    })
}

/// The label at a side of its mark; above and below it moves along to stay on the picture.
fn beside(
    drawn: &Drawn<'_>,
    label: &Wanted,
    width: f64,
    ((dx, dy), distance): ((f64, f64), f64),
) -> Area {
    let mark = &drawn.marks[label.of];
    let (x, y) = mark.middle();
    let (width, height) = (width / 2.0, label.height / 2.0);
    let half = (mark.right - mark.left) / 2.0 + distance;
    let mut x = x + dx * (half + width);
    let y = y + dy * (half + height);
    if dy.abs() > 0.5 {
        let room = drawn.inside.left + width..=drawn.inside.right - width;
        x = x.min(*room.end()).max(*room.start());
    }
    Area {
        left: x - width,
        top: y - height,
        right: x + width,
        bottom: y + height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Area = Area {
        left: 0.0,
        top: 0.0,
        right: 200.0,
        bottom: 200.0,
    };

    fn on_page<'a>(marks: &'a [Area], lines: &'a [Area]) -> Drawn<'a> {
        Drawn {
            inside: PAGE,
            marks,
            lines,
        }
    }

    fn label(of: usize) -> Wanted {
        Wanted {
            of,
            widths: vec![60.0, 18.0],
            height: 12.0,
        }
    }

    #[test]
    fn labels_cover_nothing_and_stay_on_the_page() {
        // A crowd on a grid, and marks in the corners.
        let grid = |n: i32| {
            (
                f64::from(n % 7) * 17.0 + 40.0,
                f64::from(n / 7) * 15.0 + 50.0,
            )
        };
        let corners = [(6.0, 6.0), (194.0, 6.0), (6.0, 194.0)];
        let marks: Vec<Area> = (0..49)
            .map(grid)
            .chain(corners)
            .map(|p| Area::around(p, 6.0))
            .collect();
        let wanted: Vec<Wanted> = (0..marks.len()).map(label).collect();
        let placed: Vec<Area> = place(&on_page(&marks, &[]), &wanted)
            .into_iter()
            .flatten()
            .map(|p| p.area)
            .collect();
        // Those at the edge of the crowd and in the corners have room.
        assert!(placed.len() >= 24 + 3, "{}", placed.len());
        for (n, a) in placed.iter().enumerate() {
            assert!(PAGE.holds(a));
            let mut others = marks.iter().chain(&placed[..n]);
            assert!(!others.any(|b| a.overlaps(b)), "{n}");
        }
    }

    #[test]
    fn a_label_stands_above_its_mark_unless_a_line_does() {
        let marks = [Area::around((100.0, 100.0), 6.0)];
        let above = place(&on_page(&marks, &[]), &[label(0)])[0].unwrap();
        assert!(above.area.bottom <= marks[0].top && above.says == 0 && !above.off);
        let beside = place(&on_page(&marks, &[above.area]), &[label(0)])[0].unwrap();
        assert!(!beside.area.overlaps(&above.area) && !beside.area.overlaps(&marks[0]));
        // A line everywhere is better covered than a number left out.
        assert_eq!(place(&on_page(&marks, &[PAGE]), &[label(0)]), [Some(above)]);
    }

    #[test]
    fn a_label_says_less_before_it_stands_off_and_stands_off_before_it_is_left_out() {
        let marks = [Area::around((100.0, 100.0), 6.0)];
        let above = place(&on_page(&marks, &[]), &[label(0)])[0].unwrap().area;
        let ring = |width: f64, height: f64| Area {
            left: above.middle().0 - width,
            top: 100.0 - height,
            right: above.middle().0 + width,
            bottom: 100.0 + height,
        };
        let narrow = Drawn {
            inside: ring(24.0, 30.0),
            ..on_page(&marks, &[])
        };
        let said = place(&narrow, &[label(0)])[0].unwrap();
        assert!(said.says == 1 && !said.off);
        // Neighbours on all sides.
        let close = [(0.0, -14.0), (0.0, 14.0), (-16.0, 0.0), (16.0, 0.0)];
        let corners = [(-16.0, -14.0), (16.0, -14.0), (-16.0, 14.0), (16.0, 14.0)];
        let around = close.iter().chain(&corners);
        let crowd: Vec<Area> = [(0.0, 0.0)]
            .iter()
            .chain(around)
            .map(|(x, y)| Area::around((100.0 + x, 100.0 + y), 6.0))
            .collect();
        assert!(place(&on_page(&crowd, &[]), &[label(0)])[0].unwrap().off);
    }

    #[test]
    fn where_there_is_no_room_there_is_no_label() {
        let marks = [Area::around((100.0, 100.0), 6.0)];
        let tight = Drawn {
            inside: Area::around((100.0, 100.0), 8.0),
            ..on_page(&marks, &[])
        };
        assert_eq!(place(&tight, &[label(0)]), [None]);
    }
}
