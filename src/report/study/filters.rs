//! Figures as text, for the templates.

use minijinja::Environment;

use crate::units;
use crate::units::Bytes;

/// Puts the filters into the templates.
pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("both", |bytes: u64| Bytes(bytes).both());
    environment.add_filter("gib", |bytes: u64| Bytes(bytes).to_string());
    environment.add_filter("gb", |bytes: u64| format!("{:.1} GB", Bytes(bytes).gb()));
    environment.add_filter("signed", signed);
    environment.add_filter("fixed", |figure: f64, digits: usize| {
        format!("{figure:.digits$}")
    });
    environment.add_filter("percent", |share: f64| format!("{:.0} %", share * 100.0));
    environment.add_filter("tokens", units::tokens);
    environment.add_filter("thousands", units::thousands);
    environment.add_filter("share", |part: f64, whole: f64| {
        format!("{:.3}", 100.0 * (part / whole).clamp(0.0, 1.0))
    });
    environment.add_filter("blocks", blocks);
    environment.add_filter("cell", |text: String| {
        text.replace('|', "\\|").replace('\n', " ")
    });
    environment.add_filter("url", |text: String| address(&text).0.to_owned());
    environment.add_filter("after_url", |text: String| address(&text).1.to_owned());
    environment.add_filter("id", |text: String| {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        text.chars().map(plain).collect::<String>().to_lowercase()
    });
}

/// The web address that a source begins with, and what follows it.
fn address(text: &str) -> (&str, &str) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    if text.starts_with("https://") {
        text.split_at(end)
    } else {
        ("", text)
    }
}

/// Signed bytes: what is left, or what is lacking.
fn signed(bytes: i64) -> String {
    let size = Bytes(bytes.unsigned_abs()).both();
    if bytes < 0 { format!("-{size}") } else { size }
}

/// A bar of blocks for plain text, twenty at most.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number from 0 to 20"
)]
fn blocks(part: f64, whole: f64) -> String {
    let cells = (20.0 * (part / whole).clamp(0.0, 1.0)).round() as usize;
    "█".repeat(cells.max(1))
}
