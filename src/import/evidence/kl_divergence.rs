//! What `llama-perplexity --kl-divergence` prints: how far a file's next tokens are from those of
//! the weights that were released.

use super::figure::{Evidence, EvidenceRow, Figure};

/// The statistics of one run end with this.
const END: &str = "Same top p";

pub(super) fn read(text: &str) -> Option<Evidence> {
    let means: Vec<&str> = text.lines().filter(|line| is_mean(line)).collect();
    let [mean] = means.as_slice() else {
        let several = !means.is_empty();
        return several.then(|| {
            let mut found = Evidence::of("llama-perplexity");
            found.skip(
                "the runs",
                "the file holds several: give each a file of its own",
            );
            found
        });
    };
    let mut found = Evidence::of("llama-perplexity");
    let after = mean.split_once("KLD:").map_or("", |(_, after)| after);
    let mut figures = after
        .split(|c: char| c.is_whitespace() || "\u{b1}+/".contains(c))
        .filter_map(|word| word.parse::<f64>().ok());
    let whole = text.lines().any(|line| line.contains(END));
    match (figures.next(), whole) {
        // Rounding takes what is equal a little below nothing.
        (Some(nats), true) if nats.is_finite() && nats > -1e-3 => found.rows.push(EvidenceRow {
            what: "mean KL divergence".to_owned(),
            model: None,
            figure: Figure::Loss {
                nats: nats.max(0.0),
                error: figures.next(),
            },
        }),
        (_, false) => found.skip(
            "mean KL divergence",
            "the run was not finished: its last lines are missing",
        ),
        _ => found.skip("mean KL divergence", "it is no figure"),
    }
    Some(found)
}

/// `Mean    KLD:   0.002944 +/- 0.000022`, after whatever a log puts before a line.
fn is_mean(line: &str) -> bool {
    line.split_once("KLD:")
        .is_some_and(|(before, _)| before.trim_end().ends_with("Mean"))
}
