//! Whether a model, and a file of it, is for a role.

use super::roles::{Projector, Role};
use super::schema::{Model, Variant};
use crate::memory::Engine;
use crate::units::Bytes;

/// Why a model is not for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is made for other things alone.
    MadeFor(&'static str),
    /// It can't do what the role asks, as far as is known.
    Lacks(Role),
}

impl Model {
    /// Why it is not for a role; none where it is.
    #[must_use]
    pub fn unfit(&self, role: Role) -> Option<Unfit> {
        if self.embedding.is_some() {
            return (role != Role::Embedding).then_some(Unfit::MadeFor("embedding"));
        }
        let can = match role {
            Role::Chat => !self.only_encodes(),
            Role::Vision => self.vision,
            Role::Autocomplete => self.fill_in_middle.is_some(),
            Role::Embedding => false,
        };
        if !can {
            return Some(Unfit::Lacks(role));
        }
        match self.narrow_purpose() {
            Some(_) if role == Role::Autocomplete => None,
            narrow => narrow.map(Unfit::MadeFor),
        }
    }

    /// Whether it keeps nothing of what it has read, so that it can't go on writing.
    fn only_encodes(&self) -> bool {
        let arch = self.architecture.as_ref();
        arch.is_some_and(|a| a.attention.is_empty() && a.recurrent.is_empty())
    }

    /// What a file loads beside itself to see: none where it holds that, or cannot see.
    #[must_use]
    pub fn projector_of(&self, variant: &Variant) -> Option<&Projector> {
        let beside = Engine::from_id(&variant.engine) == Some(Engine::LlamaCpp);
        self.projector.as_ref().filter(|_| beside)
    }

    /// What has to be on the disk for a variant, by the catalog's sizes: its weights, and where it is
    /// to see what it loads beside them.
    #[must_use]
    pub fn download_bytes(&self, variant: &Variant, sees: bool) -> Bytes {
        let beside = self.projector_of(variant).filter(|_| sees);
        variant.weights_bytes + beside.map_or(Bytes::ZERO, |p| p.bytes)
    }

    /// Whether a file is known to see: with a projector whose size is known, or with the vision part
    /// in it.
    #[must_use]
    pub fn sees(&self, variant: &Variant) -> bool {
        let within = || {
            Engine::from_id(&variant.engine) == Some(Engine::Mlx)
                && variant.other_weights_bytes.is_some()
        };
        self.vision && (self.projector_of(variant).is_some() || within())
    }
}
