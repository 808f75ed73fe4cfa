//! Tables that stay readable on any width: columns where they fit, else one short list per row.

use std::fmt;

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};

use super::screen::{Paint, Screen};
use super::wrap::{TOGETHER, columns, keep_together};

/// Space to the left and right of a cell.
const PADDING: usize = 2;

/// A line under the header and nothing else: many rows stay dense.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Rows under one header. Its text is laid out when it is displayed.
#[derive(Debug, Clone)]
pub struct Grid {
    screen: Screen,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
    /// Columns whose cells fold where others keep their lines, and how narrow they get for that; none
    /// where all may.
    folds: Vec<(usize, usize)>,
}

/// A column that may go where the screen is narrow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'t> {
    /// What stands over it.
    pub(super) title: &'t str,
    /// Figures stand in it.
    pub(super) right: bool,
    /// The highest goes first; 0 stays.
    pub(super) rank: u8,
    /// Its cells may take several lines of so many columns before another column goes.
    folds: Option<usize>,
    /// It is in no table: what it would say is said elsewhere, or is nothing.
    absent: bool,
}

impl<'t> Column<'t> {
    /// A column of words.
    pub(super) const fn words(title: &'t str, rank: u8) -> Self {
        Self {
            title,
            right: false,
            rank,
            folds: None,
            absent: false,
        }
    }

    /// A column of figures.
    pub(super) const fn figures(title: &'t str, rank: u8) -> Self {
        Self {
            right: true,
            ..Self::words(title, rank)
        }
    }

    /// The same, in a table only where there is something to say.
    pub(super) const fn when(self, there: bool) -> Self {
        Self {
            absent: !there,
            ..self
        }
    }

    /// The same, with cells that may take several lines, as narrow as their longest word.
    pub(super) const fn folding(self) -> Self {
        self.folding_to(0)
    }

    /// The same, with cells that may take several lines, of no less than so many columns.
    pub(super) const fn folding_to(self, least: usize) -> Self {
        Self {
            folds: Some(least),
            ..self
        }
    }
}

impl Screen {
    /// A table of as many of the columns as there is room for, each cell on one line but of those
    /// that fold; where not even those that stay have room, their cells are folded.
    pub(super) fn narrowed<R: AsRef<[String]>>(&self, columns: &[Column<'_>], rows: &[R]) -> Grid {
        let shown = |column: &Column<'_>, rank: u8| !column.absent && column.rank <= rank;
        let up_to = |rank: u8| {
            let shown = |column: &Column<'_>| shown(column, rank);
            let kept: Vec<&Column<'_>> = columns.iter().filter(|c| shown(c)).collect();
            let header: Vec<&str> = kept.iter().map(|c| c.title).collect();
            let right: Vec<usize> = (0..kept.len()).filter(|i| kept[*i].right).collect();
            let mut grid = self.table(&header).right(&right);
            let folding = kept.iter().enumerate();
            grid.folds = folding.filter_map(|(i, c)| Some((i, c.folds?))).collect();
            for row in rows {
                let cells = row.as_ref().iter().zip(columns);
                grid.add_row(
                    cells
                        .filter(|(_, c)| shown(c))
                        .map(|(cell, _)| cell.clone()),
                );
            }
            grid
        };
        let ranks = columns.iter().map(|c| c.rank).max().unwrap_or(0);
        let mut ranks = (0..=ranks).rev();
        let wide_enough = ranks.find(|rank| up_to(*rank).fits());
        up_to(wide_enough.unwrap_or(0))
    }

    /// A table that keeps to the width.
    #[must_use]
    pub fn table(&self, header: &[&str]) -> Grid {
        Grid {
            screen: *self,
            header: header.iter().map(|h| (*h).to_owned()).collect(),
            rows: Vec::new(),
            right: Vec::new(),
            folds: Vec::new(),
        }
    }
}

impl Grid {
    /// Aligns these columns, most often numbers, to the right.
    #[must_use]
    pub fn right(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    /// Adds a row, one cell for each column.
    pub fn add_row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(
            cells
                .into_iter()
                .map(|c| keep_together(&c.into()))
                .collect(),
        );
    }

    /// Whether a column of this title is in it.
    #[must_use]
    pub fn shows(&self, title: &str) -> bool {
        self.header.iter().any(|shown| shown == title)
    }

    /// The widest of something over the cells of each column, the header's included.
    fn widest(&self, of: fn(&str) -> usize) -> Vec<usize> {
        (0..self.header.len())
            .map(|c| {
                let cells = self.rows.iter().filter_map(|row| row.get(c));
                cells
                    .chain([&self.header[c]])
                    .map(|cell| of(cell))
                    .max()
                    .unwrap_or(0)
            })
            .collect()
    }

    /// What each column needs: its longest cell, or the longest word where it may fold.
    fn needed(&self) -> Vec<usize> {
        let widths = self.widest(columns).into_iter().zip(self.widest(word));
        let needed = widths.enumerate().map(|(i, (whole, word))| {
            let title = columns(&self.header[i]);
            let fold = self.folds.iter().find(|(folds, _)| *folds == i);
            fold.map_or(whole, |(_, least)| word.max(title).max(whole.min(*least)))
        });
        needed.collect()
    }

    /// Whether every cell has a line to itself, or is in a column that may fold it.
    fn fits(&self) -> bool {
        let needed = self.needed().into_iter().map(|w| w + PADDING);
        needed.sum::<usize>() <= self.screen.width
    }

    /// Columns, no word of which is broken, or only names after a slash; none where the screen is
    /// too narrow for that.
    fn in_columns(&self) -> Option<Table> {
        self.with_words(word, str::to_owned)
            .or_else(|| self.with_words(part, breaking))
    }

    /// Columns as wide as their widest word at least, of cells that are written so.
    fn with_words(&self, word: fn(&str) -> usize, written: fn(&str) -> String) -> Option<Table> {
        let words = match self.fits() {
            true if !self.folds.is_empty() => self.needed(),
            _ => self.widest(word),
        };
        let least: usize = words.iter().map(|w| w + PADDING).sum();
        if least > self.screen.width {
            return None;
        }
        let mut table = Table::new();
        table
            .load_style(STYLE)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(narrow(self.screen.width))
            .set_header(self.header.iter().map(|title| written(title)))
            .force_no_tty();
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| written(cell)));
        }
        for (index, words) in words.into_iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                if self
                    .rows
                    .iter()
                    .any(|row| written(&row[index]).contains(BREAK))
                {
                    column.set_delimiter(BREAK);
                }
                let least = Width::Fixed(narrow(words + PADDING));
                column.set_constraint(ColumnConstraint::LowerBoundary(least));
                if self.right.contains(&index) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        Some(table)
    }

    /// One short list per row: its first cell, then the others by name.
    fn lists(&self) -> String {
        self.rows
            .iter()
            .map(|row| {
                let named = self.named(row);
                let first = row.first().map_or("", String::as_str);
                let first = first.replace(TOGETHER, " ");
                let first = self.screen.paint(Paint::Strong, &first);
                format!(
                    "{first}\n{}",
                    self.screen.fold("  ", "  ", &named.join("; "))
                )
            })
            .collect()
    }
}

impl Grid {
    /// The cells of a row behind the first, each with its title; one without a title belongs to the
    /// one before it.
    fn named(&self, row: &[String]) -> Vec<String> {
        let mut named: Vec<String> = Vec::new();
        let cells = self.header.iter().zip(row).skip(1);
        for (title, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            match named.last_mut() {
                Some(before) if title.is_empty() => before.push_str(&format!(", {cell}")),
                _ if title.is_empty() => named.push(cell.clone()),
                _ => named.push(format!("{title}: {cell}")),
            }
        }
        named
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.in_columns() {
            Some(table) => {
                // The header ends at the line under it.
                let mut header = true;
                table.lines().try_for_each(|line| {
                    let line = line.replace(TOGETHER, " ").replace(BREAK, "");
                    let line = line.trim_end();
                    let rule = line.starts_with('─');
                    let paint = if rule { Paint::Faint } else { Paint::Strong };
                    let painted = header.then(|| self.screen.paint(paint, line));
                    header = header && !rule;
                    writeln!(f, "{}", painted.as_deref().unwrap_or(line))
                })
            }
            None => f.write_str(&self.lists()),
        }
    }
}

/// Where a line may end in a text that is broken after slashes too; it takes no column.
const BREAK: char = '\u{200b}';

/// The same text, with what stands after a space or a slash free to begin a line.
fn breaking(cell: &str) -> String {
    let parts: Vec<&str> = cell.split_inclusive([' ', '/']).collect();
    parts.join(BREAK.encode_utf8(&mut [0; 4]))
}

/// Columns of the widest part of a text that is broken after slashes too.
fn part(cell: &str) -> usize {
    let parts = cell.split_inclusive([' ', '/']);
    parts
        .map(|part| columns(part.trim_end()))
        .max()
        .unwrap_or(0)
}

/// Columns of the widest word of a text.
fn word(cell: &str) -> usize {
    cell.split(' ').map(columns).max().unwrap_or(0)
}

fn narrow(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(width: usize) -> String {
        let screen = Screen::new(width, false);
        let mut grid = screen.table(&["Model", "Context", "Memory"]).right(&[1]);
        grid.add_row(["qwen3-coder-next/mlx-6bit", "256k", "86.6 GiB (93.0 GB)"]);
        grid.add_row(["glm-5.1/mlx-4.5bit", "", "442.9 GiB (475.6 GB)"]);
        grid.to_string()
    }

    #[test]
    fn no_line_is_too_long_and_no_word_is_broken() {
        for width in [48, 50, 55, 60, 70, 100] {
            let text = sample(width);
            assert!(text.lines().all(|l| columns(l) <= width), "{text}");
            for word in [
                "qwen3-coder-next/mlx-6bit",
                "256k",
                "442.9 GiB",
                "(475.6 GB)",
            ] {
                assert!(text.contains(word), "{word} in\n{text}");
            }
        }
    }

    #[test]
    fn a_name_is_broken_after_its_slash_before_columns_are_given_up() {
        let screen = Screen::new(48, false);
        let mut grid = screen.table(&["Model", "Context", "Memory"]).right(&[1]);
        grid.add_row(["qwen3-235b-a22b-2507/gguf-ud-q4_k_xl", "256k", "86.6 GiB"]);
        let text = grid.to_string();
        assert!(text.lines().all(|l| columns(l) <= 48), "{text}");
        assert!(text.contains(" qwen3-235b-a22b-2507/ "), "{text}");
        assert!(text.contains("\n gguf-ud-q4_k_xl"), "{text}");
    }

    #[test]
    fn a_narrow_screen_gets_lists_without_empty_cells() {
        let screen = Screen::new(48, false);
        let mut grid = screen.table(&["Repository", "Size", "Measured on which machine"]);
        grid.add_row(["unsloth/a-repository-with-a-long-name", "60.3 GiB", ""]);
        assert_eq!(
            grid.to_string(),
            "unsloth/a-repository-with-a-long-name\n  Size: 60.3 GiB\n"
        );
    }
}
