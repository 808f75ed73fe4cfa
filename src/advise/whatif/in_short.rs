//! Where a new model stands, in a sentence.

use super::document::NewStanding;
use crate::advise::needed::ScoreNeeded;
use crate::advise::why_not::Standing;

impl NewStanding {
    /// Whether it is in the answer, why not, and what it would have to score.
    #[must_use]
    pub fn in_short(&self) -> String {
        let name = &self.why_not.model;
        let why = match self.why_not.standing {
            Standing::Serves => return format!("{name} serves a task of the answer"),
            Standing::Idles => "no task is left for it to serve".to_owned(),
            Standing::WorthLess { difference } => {
                let best = self.why_not.best_with.iter();
                let best: Vec<String> = best.map(|m| m.variant.clone()).collect();
                format!(
                    "the best loadout in which it serves ({}) scores {:.3} less",
                    best.join(", "),
                    difference.abs()
                )
            }
            Standing::OnlyIdle => "it is below a floor of every task".to_owned(),
            Standing::NoLoadout => {
                "no loadout in which it serves meets the request, though it fits alone".to_owned()
            }
            Standing::TooLarge => "it is too large for this machine".to_owned(),
            Standing::NoCandidate => {
                let reason = self.why_not.variants.first().map(|v| v.reason.as_str());
                let reason = reason.unwrap_or("its memory is not known");
                format!("it is no candidate: {reason}")
            }
        };
        let needed: Vec<String> = self.needed.iter().map(ScoreNeeded::words).collect();
        let needed = match needed.as_slice() {
            [] => String::new(),
            all => format!("; {}", all.join("; ")),
        };
        format!("{name} is not in the answer: {why}{needed}")
    }
}

impl ScoreNeeded {
    /// `with 78 on SWE-bench Pro (70 now) it would be`.
    #[must_use]
    pub fn words(&self) -> String {
        let now = self.now.map_or(String::new(), |now| {
            format!(" ({} now)", (now * 10.0).round() / 10.0)
        });
        let benchmark = &self.benchmark;
        match self.needed {
            Some(needed) => format!("with {needed} on {benchmark}{now} it would be"),
            None => format!("no score on {benchmark}{now} alone would bring it in"),
        }
    }
}
