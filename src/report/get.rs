//! What was downloaded, or would be, as text.

use super::screen::{Paint, Screen};
use crate::download::Progress;
use crate::download::document::{Check, FileState, GetFile, GetModel, GetOutcome, GetReport};
use crate::units::Bytes;

/// Each model with its files, and what came of it.
#[must_use]
pub fn text(report: &GetReport, screen: &Screen) -> String {
    let mut out: String = report.models.iter().map(|m| model(m, screen)).collect();
    let free = report.disk_free_bytes.map(|free| free.decimal());
    let free = free.map_or_else(String::new, |free| {
        format!("; {free} are free in {}", report.folder)
    });
    let missing = report.missing_bytes.decimal();
    let (paint, words) = match report.outcome {
        GetOutcome::Done if report.missing_bytes == Bytes::ZERO => {
            (Paint::Good, "everything was here already".to_owned())
        }
        GetOutcome::Done => (
            Paint::Good,
            format!(
                "everything is here: {missing} came in {}",
                time(report.seconds)
            ),
        ),
        GetOutcome::NotStarted => (Paint::Faint, format!("{missing} would come{free}")),
        GetOutcome::NoRoom => (
            Paint::Bad,
            format!("the disk has no room: {missing} are missing{free}, and 1 GB is left free"),
        ),
        GetOutcome::Interrupted => (
            Paint::Care,
            "interrupted: what came is kept, and the same command goes on from there".to_owned(),
        ),
    };
    out.push_str(&screen.fold("", "  ", &screen.paint(paint, &words)));
    out
}

fn model(model: &GetModel, screen: &Screen) -> String {
    let commit = model.commit.as_ref().and_then(|c| c.get(..8));
    let commit = commit.map_or_else(String::new, |c| format!(", commit {c}"));
    let all: Bytes = model.files.iter().map(|f| f.bytes).sum();
    let count = match model.files.len() {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    let name = screen.paint(Paint::Strong, &model.name);
    let head = format!(
        "{name}: {count}, {}, of {}{commit}",
        all.decimal(),
        model.repository
    );
    let mut out = screen.fold("", "  ", &head);
    out.push_str(&screen.fold("  ", "    ", &format!("in {}", model.folder)));
    for file in &model.files {
        let line = format!("{} {}: {}", file.local, size(file.bytes), state(file));
        out.push_str(&screen.fold("  ", "    ", &line));
    }
    out
}

fn state(file: &GetFile) -> String {
    let check = match file.check {
        Check::Sha256 => "SHA-256 checked",
        Check::GitBlob => "Git's hash checked",
        Check::Size => "its size checked: the hub names no hash",
    };
    let kept = match file.kept_bytes {
        Bytes::ZERO => String::new(),
        kept => format!(", {} of it here", size(kept)),
    };
    match file.state {
        FileState::Present if file.check == Check::Size => format!("here, {check}"),
        FileState::Present => "here, of the right size; not read yet".to_owned(),
        FileState::Checked => format!("here, {check}"),
        FileState::Fetched => format!("fetched, {check}"),
        FileState::Missing => format!("missing{kept}"),
    }
}

fn size(bytes: Bytes) -> String {
    if bytes.0 < 1_000_000 {
        format!("{:.1} kB", bytes.gb() * 1e6)
    } else {
        bytes.decimal()
    }
}

/// How far it is: `3.1 GB of 48.5 GB, 104.0 MB/s, 7 min 12 s left`.
#[must_use]
pub fn progress(progress: &Progress) -> String {
    let mut words = format!("{} of {}", progress.here.decimal(), progress.of.decimal());
    if let Some(seconds) = progress.asked_to_wait_seconds {
        words.push_str(&format!(", the hub asks to wait {}", time(seconds)));
        return words;
    }
    if let Some(speed) = progress.bytes_per_second {
        words.push_str(&format!(", {:.1} MB/s", speed / 1e6));
    }
    if let Some(left) = progress.seconds_left {
        words.push_str(&format!(", {} left", time(left)));
    }
    words
}

/// A time as people read it: `41 s`, `7 min 12 s`, `3 h 5 min`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a download"
)]
pub fn time(seconds: f64) -> String {
    let s = seconds.max(0.0).ceil() as u64;
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, min, s) => format!("{min} min {s} s"),
        (h, min, _) => format!("{h} h {min} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_speed_and_time_left_where_they_are_known() {
        let mut at = Progress {
            here: Bytes(3_100_000_000),
            of: Bytes(48_500_000_000),
            bytes_per_second: Some(104e6),
            seconds_left: Some(432.0),
            asked_to_wait_seconds: None,
        };
        assert_eq!(
            progress(&at),
            "3.1 GB of 48.5 GB, 104.0 MB/s, 7 min 12 s left"
        );
        (at.bytes_per_second, at.seconds_left) = (None, None);
        assert_eq!(progress(&at), "3.1 GB of 48.5 GB");
        assert_eq!(time(11_100.0), "3 h 5 min");
        at.asked_to_wait_seconds = Some(42.0);
        assert_eq!(
            progress(&at),
            "3.1 GB of 48.5 GB, the hub asks to wait 42 s"
        );
    }

    #[test]
    fn progress_of_the_largest_models_stays_beside_its_bar_in_80_columns() {
        let mut at = Progress {
            here: Bytes(1_034_900_000_000),
            of: Bytes(1_034_900_000_000),
            bytes_per_second: Some(1104e6),
            seconds_left: Some(3599.0),
            asked_to_wait_seconds: None,
        };
        let bar = "[===============] 100 % ".len();
        assert!(bar + progress(&at).len() < 80, "{}", progress(&at));
        at.asked_to_wait_seconds = Some(599.0);
        assert!(bar + progress(&at).len() < 80, "{}", progress(&at));
    }
}
