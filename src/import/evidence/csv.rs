//! Tables as programs write them: commas, and quotes around what holds one.

/// A table by the names of its columns.
pub(super) struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a table; none where the first line has fewer than two columns.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut lines = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(cells);
        let names = lines.next()?;
        (names.len() > 1).then(|| Self {
            names,
            rows: lines.collect(),
        })
    }

    /// Whether it has a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }

    /// The names of its columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Its rows, each to be asked for cells by the names of columns.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row {
            names: &self.names,
            cells,
        })
    }
}

/// A row of a table.
pub(super) struct Row<'a> {
    names: &'a [String],
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// The cell of a column, where there is one.
    pub(super) fn cell(&self, name: &str) -> Option<&'a str> {
        let at = self.names.iter().position(|n| n == name)?;
        self.cells.get(at).map(String::as_str)
    }

    /// The same as a figure; a percent sign is dropped.
    pub(super) fn figure(&self, name: &str) -> Option<f64> {
        let cell = self.cell(name)?.trim().trim_end_matches('%');
        cell.parse().ok().filter(|f: &f64| f.is_finite())
    }
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => {
                if let Some(last) = cells.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    cells
}
