//! What is loaded against what should be, and the steps from one to the other.

use super::instance::{Instance, Mismatch, copy_of, is_llm, local};
use crate::lmstudio::Loaded;

/// A model that is loaded otherwise than it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// As it is.
    pub is: Instance,
    /// As it should be.
    pub should: Instance,
    /// What differs.
    pub mismatches: Vec<Mismatch>,
}

/// A model that is loaded and should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The model.
    pub is: Instance,
    /// The instance that it is a second copy of.
    pub copy_of: Option<String>,
    /// Left loaded: others' models are to be kept.
    pub stays: bool,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Unload it.
    Unload(Instance),
    /// Load it.
    Load(Instance),
}

/// What is loaded against what should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// As it should be.
    pub keep: Vec<Instance>,
    /// Loaded otherwise.
    pub reconfigure: Vec<Change>,
    /// Not loaded.
    pub load: Vec<Instance>,
    /// Loaded, and not asked for.
    pub extra: Vec<Gone>,
}

/// Compares. `removable` says which models that are not asked for may be unloaded; second copies
/// of what is asked for always may. An embedding model that is neither is passed over.
#[must_use]
pub fn difference(
    loaded: &[Loaded],
    target: &[Instance],
    removable: &dyn Fn(&Loaded) -> bool,
) -> Difference {
    let local = local(loaded);
    let mut found = Difference::default();
    for should in target {
        let name = &should.identifier;
        match local.iter().find(|l| l.state.identifier == *name) {
            None => found.load.push(should.clone()),
            Some(is) => {
                let mismatches = should.mismatches(is);
                if mismatches.is_empty() {
                    found.keep.push(should.clone());
                } else {
                    found.reconfigure.push(Change {
                        is: Instance::of(is),
                        should: should.clone(),
                        mismatches,
                    });
                }
            }
        }
    }
    for is in local {
        let name = &is.state.identifier;
        if target.iter().any(|t| t.identifier == *name) {
            continue;
        }
        let removable = removable(is);
        if !is_llm(is) && !removable {
            continue;
        }
        let original = target.iter().find(|t| {
            copy_of(name, &t.identifier) || (is.model.model_key == t.key && copy_of(name, &t.key))
        });
        found.extra.push(Gone {
            is: Instance::of(is),
            copy_of: original.map(|t| t.identifier.clone()),
            stays: original.is_none() && !removable,
        });
    }
    found
}

impl Difference {
    /// The steps: everything that goes, then everything that comes. So at no moment is more loaded
    /// than was before, or than should be after.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let extra = self.extra.iter().filter(|g| !g.stays).map(|g| &g.is);
        let other = self.reconfigure.iter().map(|c| &c.is);
        let goes = extra.chain(other).cloned().map(Step::Unload);
        let again = self.reconfigure.iter().map(|c| &c.should);
        let comes = again.chain(&self.load).cloned().map(Step::Load);
        goes.chain(comes).collect()
    }

    /// Nothing to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.steps().is_empty()
    }

    /// What is loaded is exactly what should be.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.is_done() && self.extra.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instance(identifier: &str, context: u32) -> Instance {
        Instance {
            identifier: identifier.to_owned(),
            key: format!("key-{identifier}"),
            context: Some(context),
            parallel: Some(4),
            ttl_seconds: None,
            gpu_max: false,
        }
    }

    fn loaded(i: &Instance, kind: &str, device: Option<&str>) -> Loaded {
        let json = serde_json::json!([{
            "type": kind, "modelKey": i.key, "format": "gguf", "path": "p", "sizeBytes": 1,
            "identifier": i.identifier, "contextLength": i.context, "parallel": i.parallel,
            "ttlMs": i.ttl_seconds.map(|s| s * 1000), "deviceIdentifier": device,
        }]);
        crate::lmstudio::loaded(&json.to_string())
            .unwrap()
            .rows
            .remove(0)
    }

    #[test]
    fn each_kind_of_drift_is_told_apart() {
        let target = [
            instance("a", 8192),
            instance("b", 8192),
            instance("c", 8192),
        ];
        let now = [
            loaded(&instance("a", 8192), "llm", None),
            loaded(
                &Instance {
                    ttl_seconds: Some(60),
                    parallel: Some(1),
                    ..instance("b", 4096)
                },
                "llm",
                None,
            ),
            loaded(&instance("a:2", 8192), "llm", None),
            loaded(&instance("stranger", 8192), "llm", None),
            loaded(&instance("embedder", 512), "embedding", None),
            loaded(&instance("c", 8192), "llm", Some("other-mac")),
        ];
        let found = difference(&now, &target, &is_llm);
        assert_eq!(found.keep, [target[0].clone()]);
        assert_eq!(found.load, [target[2].clone()]);
        let words: Vec<String> = found.reconfigure[0]
            .mismatches
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            words,
            [
                "context 4096, not 8192",
                "slots 1, not 4",
                "TTL 60 s, not none"
            ]
        );
        let extra: Vec<(&str, Option<&str>)> = found
            .extra
            .iter()
            .map(|g| (g.is.identifier.as_str(), g.copy_of.as_deref()))
            .collect();
        assert_eq!(extra, [("a:2", Some("a")), ("stranger", None)]);
        let kept = difference(&now, &target, &|_| false);
        assert!(
            !kept
                .steps()
                .contains(&Step::Unload(instance("stranger", 8192)))
        );
        assert!(kept.steps().contains(&Step::Unload(instance("a:2", 8192))));
    }

    #[test]
    fn an_embedding_model_is_a_plan_s_business_where_it_is_named() {
        let own = Instance {
            parallel: None,
            ..instance("own", 512)
        };
        let now = [
            loaded(&own, "embedding", None),
            loaded(&instance("other", 512), "embedding", None),
        ];
        let applied = difference(&now, std::slice::from_ref(&own), &is_llm);
        assert!(applied.is_exact(), "{applied:?}");
        // To take it back, what was brought goes, and nothing else.
        let undone = difference(&now, &[], &|l| l.state.identifier == "own");
        assert_eq!(undone.steps(), [Step::Unload(own)]);
    }

    #[test]
    fn names_with_colons_are_not_all_copies() {
        for (name, of, is) in [
            ("a:2", "a", true),
            ("a:10", "a", true),
            ("a:", "a", false),
            ("a:x", "a", false),
            ("ab:2", "a", false),
            ("a", "a", false),
        ] {
            assert_eq!(copy_of(name, of), is, "{name} {of}");
        }
    }

    fn set() -> impl Strategy<Value = Vec<Instance>> {
        proptest::sample::subsequence(vec!["a", "b", "c", "d", "e"], 0..=5).prop_flat_map(|names| {
            let count = names.len();
            (Just(names), proptest::collection::vec(1_u32..4, count)).prop_map(|(names, sizes)| {
                names
                    .into_iter()
                    .zip(sizes)
                    .map(|(n, s)| instance(n, s))
                    .collect()
            })
        })
    }

    proptest! {
        /// Whatever is loaded and whatever is wanted: the steps end in what is wanted, and what is
        /// loaded never exceeds the larger of both ends (here a context stands for its bytes).
        #[test]
        fn steps_end_at_the_target_and_never_exceed_both_ends(before in set(), target in set()) {
            let now: Vec<Loaded> = before.iter().map(|i| loaded(i, "llm", None)).collect();
            let bytes = |all: &[Instance]| -> u32 { all.iter().filter_map(|i| i.context).sum() };
            let most = bytes(&before).max(bytes(&target));
            let mut resident = before;
            for step in difference(&now, &target, &|_| true).steps() {
                match step {
                    Step::Unload(i) => resident.retain(|r| *r != i),
                    Step::Load(i) => {
                        prop_assert!(resident.iter().all(|r| r.identifier != i.identifier));
                        resident.push(i);
                    }
                }
                prop_assert!(bytes(&resident) <= most);
            }
            let after: Vec<Loaded> = resident.iter().map(|i| loaded(i, "llm", None)).collect();
            prop_assert!(difference(&after, &target, &|_| true).is_exact());
        }
    }
}
