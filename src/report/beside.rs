//! A loadout beside the best: what it costs and gives.

use super::turn;
use super::words::{SAME, points};
use crate::plan::document::{Chosen, KEPT, Pick, Tie};
use crate::units::Bytes;

/// Percent by which a figure must differ to be told.
pub(super) const LEAST: f64 = 5.0;
/// Percent by which memory must differ to be told where it is not what is chosen by.
pub(super) const MUCH: f64 = 25.0;
/// Percent by which the turns of a tie are shorter to be told in the answer itself.
const SHORTER: f64 = 20.0;

/// A loadout beside the best, by what it costs and gives.
pub(super) struct Other<'p> {
    loadout: &'p [Chosen],
    pub(super) quality: Option<f64>,
    pub(super) seconds: Option<f64>,
    bytes: Option<Bytes>,
}

impl<'p> From<&'p Pick> for Other<'p> {
    fn from(pick: &'p Pick) -> Self {
        Self {
            loadout: &pick.loadout,
            quality: pick.quality,
            seconds: seconds(pick),
            bytes: Some(pick.totals.total_bytes),
        }
    }
}

impl<'p> From<&'p Tie> for Other<'p> {
    fn from(tie: &'p Tie) -> Self {
        Self {
            loadout: &tie.loadout,
            quality: tie.quality,
            seconds: tie.expected_seconds_per_turn,
            bytes: tie.totals.map(|t| t.total_bytes),
        }
    }
}

impl Other<'_> {
    /// Seconds of a turn where they differ: as they are of one task, of several by how much.
    pub(super) fn time(&self, best: &Self) -> Option<String> {
        let (own, of_best) = self.seconds.zip(best.seconds)?;
        let differs = percent(own, of_best).abs() >= LEAST;
        let one = self.loadout.iter().map(|c| c.tasks.len()).sum::<usize>() == 1;
        let words = match one {
            true => format!("{} a turn", turn::seconds(own)),
            false => turn::longer(own, of_best),
        };
        differs.then_some(words)
    }

    /// By how many points the quality differs.
    pub(super) fn points(&self, best: &Self) -> Option<String> {
        let (own, of_best) = self.quality.zip(best.quality)?;
        Some(points(own - of_best))
    }

    /// What it takes, where that differs by so many percent.
    pub(super) fn memory(&self, best: &Self, least: f64) -> Option<String> {
        let (own, of_best) = self.bytes.zip(best.bytes)?;
        let differs = percent(own.gib(), of_best.gib()).abs() >= least;
        differs.then(|| format!("{:.1} GiB", own.gib()))
    }

    /// Whether it is nearly as good, and no better than nearly so: of what is not known nothing else is said.
    pub(super) fn keeps(&self, best: &Self) -> bool {
        let both = self.quality.zip(best.quality);
        both.is_none_or(|(own, of_best)| own >= KEPT * of_best && of_best >= KEPT * own)
    }

    /// Whether it is better in anything that is told of it.
    pub(super) fn gains(&self, best: &Self) -> bool {
        let both = self.quality.zip(best.quality);
        let better = both.is_some_and(|(own, of_best)| own - of_best >= SAME);
        let less = |own: Option<f64>, of_best: Option<f64>| {
            let both = own.zip(of_best);
            both.is_some_and(|(own, of_best)| percent(own, of_best) <= -LEAST)
        };
        let gib = |other: &Self| other.bytes.map(Bytes::gib);
        better || less(self.seconds, best.seconds) || less(gib(self), gib(best))
    }

    /// Whether it is worse in anything that is told of it.
    pub(super) fn costs(&self, best: &Self) -> bool {
        let both = self.quality.zip(best.quality);
        let worse = both.is_some_and(|(own, of_best)| own - of_best <= -SAME);
        let both = self.seconds.zip(best.seconds);
        worse || both.is_some_and(|(own, of_best)| percent(own, of_best) >= LEAST)
    }

    /// How many times as fast it is, where that is worth a place in the answer.
    pub(super) fn times_as_fast(&self, best: &Self) -> Option<f64> {
        let (own, of_best) = self.seconds.zip(best.seconds)?;
        (percent(own, of_best) <= -SHORTER).then(|| of_best / own)
    }
}

pub(super) fn percent(own: f64, of_best: f64) -> f64 {
    100.0 * (own / of_best - 1.0)
}

/// Seconds of a turn as they are expected, which is what all screens show; in older plans as they
/// counted in decisions.
pub(super) fn seconds(pick: &Pick) -> Option<f64> {
    pick.expected_seconds_per_turn.or(pick.seconds_per_turn)
}

/// What a tie is beside the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// Of nearly its quality.
    AsGood,
    /// Of higher quality, for more time or memory.
    Better,
    /// Of lower quality, for less of them.
    Trade,
}

impl Beside {
    /// By its quality beside the best's.
    pub(super) fn of(other: &Other<'_>, best: &Other<'_>) -> Self {
        match other.keeps(best) {
            true => Self::AsGood,
            false if other.quality > best.quality => Self::Better,
            false => Self::Trade,
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::AsGood => "As good",
            Self::Better => "Better",
            Self::Trade => "A trade",
        }
    }
}
