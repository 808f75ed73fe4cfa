//! `lms load --estimate-only`: what LM Studio thinks a load takes.
//!
//! The estimate is text for people on standard error, and its exit code is 0 even when the load
//! would be refused. Until February 2026 it counted in GB (10^9), since then in GiB (2^30).

use crate::units::Bytes;

/// LM Studio's estimate of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// On the GPU.
    pub gpu: Bytes,
    /// Altogether.
    pub total: Bytes,
    /// LM Studio says itself that it is not sure.
    pub low_confidence: bool,
    /// Whether its guardrails would let the model load.
    pub allowed: bool,
}

/// Reads an estimate; none where the text holds none.
#[must_use]
pub fn estimate(stderr: &str) -> Option<Estimate> {
    let text = anstream::adapter::strip_str(stderr).to_string();
    let value = |label: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(label))
            .map(str::trim)
    };
    let verdict = value("Estimate:")?;
    Some(Estimate {
        gpu: size(value("Estimated GPU Memory:")?)?,
        total: size(value("Estimated Total Memory:")?)?,
        low_confidence: value("Confidence:") == Some("LOW"),
        allowed: !verdict.contains("will fail"),
    })
}

/// Reads `65.66 GiB`, `65.68 GB` or `0 Bytes`.
fn size(text: &str) -> Option<Bytes> {
    match text.strip_suffix("Bytes") {
        Some(count) => count.trim().parse().ok().map(Bytes),
        None => text.parse().ok(),
    }
}

/// The option that `lms` says it does not know, if that is what it says.
#[must_use]
pub fn unknown_option(stderr: &str) -> Option<&str> {
    let rest = stderr.split_once("unknown option '")?.1;
    Some(rest.split_once('\'')?.0.split('=').next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the real `lms` (commit 07b7252).
    const TODAY: &str = "Model: openai/gpt-oss-120b\nContext Length: 131,072\nGPU Offload: 100%\nEstimated GPU Memory:   65.66 GiB\nEstimated Total Memory: 65.66 GiB\n\nEstimate: This model may be loaded based on your resource guardrails settings.\n";

    #[test]
    fn both_units_are_read_as_what_they_are() {
        let today = estimate(TODAY).unwrap();
        assert_eq!(today.total, Bytes(70_501_888_164));
        assert!(today.allowed && !today.low_confidence);
        let before = estimate(&TODAY.replace("GiB", "GB")).unwrap();
        assert_eq!(before.total, Bytes(65_660_000_000));
    }

    #[test]
    fn a_refusal_and_low_confidence_are_seen_through_colour() {
        let text = "Estimated GPU Memory:   \u{1b}[33m0 Bytes\u{1b}[39m\nEstimated Total Memory: \u{1b}[33m512.00 MiB\u{1b}[39m\nConfidence: LOW\n\nEstimate: This model will fail to load based on your resource guardrails settings.\n";
        let read = estimate(text).unwrap();
        assert_eq!((read.gpu, read.total), (Bytes(0), Bytes::from_mib(512)));
        assert!(read.low_confidence && !read.allowed);
    }

    #[test]
    fn anything_else_is_no_estimate() {
        for text in ["", "Model not found", &TODAY.replace("65.66", "many")] {
            assert_eq!(estimate(text), None, "{text}");
        }
    }

    #[test]
    fn an_option_that_is_not_known_is_told_by_its_name() {
        let said = "error: unknown option '--parallel=4'\n(Did you mean --local?)";
        assert_eq!(unknown_option(said), Some("--parallel"));
        assert_eq!(unknown_option("error: unknown command 'x'"), None);
    }
}
