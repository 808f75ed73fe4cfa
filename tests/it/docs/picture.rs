//! What a terminal shows, as a picture: text stays text, so that it scales and can be searched.

/// Pixels of a character and of a line.
const CELL: (f64, f64) = (8.4, 19.0);
/// Pixels around the text.
const MARGIN: f64 = 18.0;

/// How text is painted.
#[derive(Clone, Default, PartialEq)]
struct Paint {
    bold: bool,
    dim: bool,
    colour: Option<u8>,
}

impl Paint {
    /// After the codes of an escape sequence.
    fn after(mut self, codes: &str) -> Self {
        for code in codes.split(';') {
            match code.parse().unwrap_or(0) {
                0 => self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                code @ 30..=37 => self.colour = Some(code - 30),
                other => panic!("a code that the picture does not know: {other}"),
            }
        }
        self
    }

    fn attributes(&self) -> String {
        let colour = match self.colour {
            Some(1) => "#ff7b72",
            Some(2) => "#7ee787",
            Some(3) => "#e3b341",
            Some(4) => "#79c0ff",
            Some(5) => "#d2a8ff",
            Some(6) => "#76e3ea",
            _ if self.dim => "#8b949e",
            _ => "#e6edf3",
        };
        let weight = if self.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        format!("fill=\"{colour}\"{weight}")
    }
}

/// The picture of a command and of what it prints, colours and all.
pub(super) fn of(command: &str, printed: &str) -> String {
    let shown = format!("\x1b[2m$ {command}\x1b[0m\n{printed}");
    let mut paint = Paint::default();
    let mut texts = String::new();
    let (mut rows, mut columns) = (0_u32, 0_u32);
    for line in shown.lines() {
        let mut column = 0;
        for (n, part) in line.split("\x1b[").enumerate() {
            let text = if n == 0 {
                part
            } else {
                let (codes, text) = part.split_once('m').unwrap();
                paint = paint.after(codes);
                text
            };
            for (at, cell) in cells(text) {
                texts.push_str(&drawn(&cell, &paint, column + at, rows));
            }
            column += length(text);
        }
        columns = columns.max(column);
        rows += 1;
    }
    let width = f64::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f64::from(rows) * CELL.1 + 2.0 * MARGIN;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}" role="img">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
{texts}</g>
</svg>
"##
    )
}

/// Text without the gaps of two and more spaces in it, each piece with where it begins: pieces keep
/// their columns in whatever font there is.
fn cells(text: &str) -> Vec<(u32, String)> {
    let mut found: Vec<(u32, String)> = Vec::new();
    let mut gap = 2;
    for (at, c) in (0..).zip(text.chars()) {
        match (c, found.last_mut()) {
            (' ', _) => gap += 1,
            (c, Some((_, piece))) if gap < 2 => {
                if gap == 1 {
                    piece.push(' ');
                }
                piece.push(c);
                gap = 0;
            }
            (c, _) => {
                found.push((at, c.into()));
                gap = 0;
            }
        }
    }
    found
}

fn drawn(text: &str, paint: &Paint, column: u32, row: u32) -> String {
    let x = f64::from(column) * CELL.0 + MARGIN;
    let y = f64::from(row + 1) * CELL.1 + MARGIN - 5.0;
    let width = f64::from(length(text)) * CELL.0;
    let (how, text) = (paint.attributes(), escaped(text));
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{width:.1}\" {how}>{text}</text>\n")
}

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
