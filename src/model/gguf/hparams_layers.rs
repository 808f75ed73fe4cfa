//! Which layers see a window, keep a state, have an indexer: rules and keys brought together.
//!
//! Follows the files in `src/models/` of github.com/ggml-org/llama.cpp that the rules name.

use super::hparams::Hparams;
use super::keys::Keys;
use super::metadata::KeyError;
use super::rules::{Indexer, Recurrent, Rule, WindowLayers, WindowLength};

/// From this context length on, files of GLM's sparse attention without `indexer.types` have
/// indexers on some layers only (`src/models/glm-dsa.cpp`).
const SPARSE_INDEXER_CONTEXT: u32 = 1 << 20;

impl Hparams {
    pub(super) fn read_recurrent(
        &mut self,
        keys: &Keys,
        rule: &Rule,
        main: u32,
    ) -> Result<(), KeyError> {
        let count = self.heads.len();
        let main = main as usize;
        self.recurrent = match rule.recurrent {
            Recurrent::None => vec![false; count],
            Recurrent::All | Recurrent::AllBesideAttention => vec![true; count],
            Recurrent::WithoutKvHeads => (0..count)
                .map(|il| il < main && self.kv_heads[il] == 0)
                .collect(),
            Recurrent::WithoutKvHeadsAndFeedForward => (0..count)
                .map(|il| il < main && self.kv_heads[il] == 0 && self.feed_forward[il] == 0)
                .collect(),
            Recurrent::Interval(default) => {
                match keys.marks("attention.recurrent_layers", count)? {
                    Some(marks) => marks,
                    None => {
                        let interval = keys.maybe("full_attention_interval")?.unwrap_or(default);
                        let interval = interval.max(1) as usize;
                        (0..count)
                            .map(|il| il < main && (il + 1) % interval != 0)
                            .collect()
                    }
                }
            }
        };
        Ok(())
    }

    pub(super) fn read_window(
        &mut self,
        keys: &Keys,
        rule: &Rule,
        main: u32,
    ) -> Result<(), KeyError> {
        const KEY: &str = "attention.sliding_window";
        if rule.window == WindowLayers::None || rule.window_only_at.is_some_and(|n| n != main) {
            return Ok(());
        }
        let header = keys.maybe(KEY)?;
        let positive = header.filter(|&n| n > 0);
        let window = match rule.window_length {
            WindowLength::Header => Some(keys.needed(KEY)?),
            WindowLength::HeaderOrNone => positive,
            WindowLength::HeaderOr(default) => Some(header.unwrap_or(default)),
            WindowLength::FixedIfHeader(fixed) => positive.map(|_| fixed),
            WindowLength::FixedUnlessZero(fixed) => (header != Some(0)).then_some(fixed),
        };
        let Some(window) = window else { return Ok(()) };
        self.window = window;
        self.windowed = self.windowed_layers(keys, rule, main as usize)?;
        Ok(())
    }

    fn windowed_layers(
        &self,
        keys: &Keys,
        rule: &Rule,
        main: usize,
    ) -> Result<Vec<bool>, KeyError> {
        const KEY: &str = "attention.sliding_window_pattern";
        let count = self.heads.len();
        let (period, full_first) = match rule.window {
            WindowLayers::None => return Ok(vec![false; count]),
            WindowLayers::AllAttention => {
                return Ok((0..count)
                    .map(|il| il < main && !self.recurrent[il])
                    .collect());
            }
            WindowLayers::Listed => {
                let marks = keys.marks(KEY, count)?;
                return marks.ok_or_else(|| KeyError::Missing { key: keys.key(KEY) });
            }
            WindowLayers::Every { period, full_first } => (period, full_first),
        };
        if let Some(marks) = keys.marks(KEY, count)? {
            return Ok(marks);
        }
        // A single number in the header is another period; 0 means that no layer sees all.
        let period = keys.maybe(KEY)?.unwrap_or(period) as usize;
        let full = if full_first {
            0
        } else {
            period.saturating_sub(1)
        };
        Ok((0..count)
            .map(|il| il < main && (period == 0 || il % period != full))
            .collect())
    }

    pub(super) fn read_indexer(
        &mut self,
        keys: &Keys,
        rule: &Rule,
        main: u32,
    ) -> Result<(), KeyError> {
        const TYPES: &str = "attention.indexer.types";
        let count = self.heads.len();
        let main = main as usize;
        let all: Vec<bool> = (0..count).map(|il| il < main).collect();
        let types = || -> Result<Option<Vec<bool>>, KeyError> {
            let marks = keys.layers(TYPES, main)?;
            Ok(marks.map(|marks| {
                let mut marks: Vec<bool> = marks.into_iter().map(|n| n != 0).collect();
                marks.resize(count, false);
                marks
            }))
        };
        self.indexed = match rule.indexer {
            Indexer::None => vec![false; count],
            Indexer::All => all,
            Indexer::TypesOrAll => types()?.unwrap_or(all),
            Indexer::Types => {
                let marks = keys.marks(TYPES, count)?;
                marks.ok_or_else(|| KeyError::Missing {
                    key: keys.key(TYPES),
                })?
            }
            Indexer::TypesIfTopK if keys.or_zero("attention.indexer.top_k")? == 0 => {
                vec![false; count]
            }
            Indexer::TypesIfTopK => types()?.unwrap_or_else(|| vec![false; count]),
            Indexer::TypesOrByContext => match types()? {
                Some(marks) => marks,
                None if keys.needed("context_length")? < SPARSE_INDEXER_CONTEXT => all,
                None => (0..count)
                    .map(|il| il < main && (il < 2 || il % 4 == 2))
                    .collect(),
            },
            Indexer::AfterDenseWithValues => {
                let dense = keys.or_zero("leading_dense_block_count")? as usize;
                (0..count).map(|il| il >= dense).collect()
            }
            Indexer::BesideValues => (0..count)
                .map(|il| il < main && !self.recurrent[il])
                .collect(),
        };
        if self.indexed.contains(&true) && rule.indexer != Indexer::BesideValues {
            self.index_length = keys.needed("attention.indexer.key_length")?;
        }
        Ok(())
    }

    /// Compression of keys; the engine knows 4 and 128 and keeps nothing compressed for others.
    pub(super) fn read_ratios(&mut self, keys: &Keys, rule: &Rule) -> Result<(), KeyError> {
        const KEY: &str = "attention.compress_ratios";
        if !rule.compressed {
            return Ok(());
        }
        let list = keys
            .list(KEY)?
            .ok_or_else(|| KeyError::Missing { key: keys.key(KEY) })?;
        let layers = self.heads.len();
        if list.len() < layers {
            return Err(KeyError::Layers {
                key: keys.key(KEY),
                found: list.len(),
                layers,
            });
        }
        self.ratios = list.into_iter().take(layers).collect();
        self.index_length = keys.needed("attention.indexer.key_length")?;
        Ok(())
    }
}
