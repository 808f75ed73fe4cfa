//! What a hub says of a model, put into its entry: date, license, whose model it was made from, and
//! the scores that its repository states.

use crate::catalog::schema::{Model, Reporter, Score};
use crate::catalog::{Catalog, license};
use crate::edge::hub::{Card, Hub};
use crate::import::evidence;

/// Puts what the hub says of a repository (`owner/name[:quantization]`) into an entry. What was given
/// with the entry goes before.
pub(super) fn add(model: &mut Model, repository: &str, hub: &Hub, catalog: &Catalog) {
    let own = own_name(repository);
    let card = card(hub, &own);
    describe(model, &card, catalog);
    let stated = stated(hub, card.base.as_deref().unwrap_or(&own));
    let given = |s: &Score| model.scores.iter().any(|g| g.benchmark == s.benchmark);
    let stated: Vec<Score> = stated.into_iter().filter(|s| !given(s)).collect();
    model.scores.extend(stated);
}

/// `owner/name` of what is asked for.
fn own_name(repository: &str) -> String {
    let name = repository.split(':').next().unwrap_or(repository);
    let name: Vec<&str> = name.splitn(3, '/').take(2).collect();
    name.join("/")
}

/// What the hub says of a repository, and of the one that it was made from, which is older.
fn card(hub: &Hub, own: &str) -> Card {
    // A mirror that has files alone says nothing.
    let own = hub.card(own).unwrap_or_default();
    let base = own.base.as_deref().and_then(|base| hub.card(base).ok());
    match base {
        Some(base) => Card {
            created: base.created.or(own.created),
            license: base.license.or(own.license),
            ..own
        },
        None => own,
    }
}

/// The scores that a repository states in `.eval_results/`; none where it can't be asked.
fn stated(hub: &Hub, repository: &str) -> Vec<Score> {
    /// More files of scores than any repository has.
    const MOST: usize = 20;
    let files = hub.files(repository).unwrap_or_default().into_iter();
    let files = files.filter(|f| f.path.starts_with(".eval_results/") && f.path.ends_with(".yaml"));
    let mut scores: Vec<Score> = Vec::new();
    for file in files.take(MOST) {
        let text = hub.text(repository, &file.path).unwrap_or_default();
        for stated in evidence::hub::eval_results(&text) {
            if scores.iter().all(|s| s.benchmark != stated.benchmark) {
                scores.push(Score {
                    benchmark: stated.benchmark.to_owned(),
                    score: stated.score,
                    harness: None,
                    effort: None,
                    reporter: Reporter::Unclear,
                    reported_by: "the model's repository".to_owned(),
                    source: format!("{} {}", hub.page(repository), file.path),
                });
            }
        }
    }
    scores
}

/// Puts what the hub says into an entry. Whoever published the model it was made from is known where
/// the catalog has a model of the same owner.
fn describe(model: &mut Model, card: &Card, catalog: &Catalog) {
    model.released.clone_from(&card.created);
    let license = card.license.as_deref().map(license::named);
    model.license = license.map(str::to_owned);
    let owner = |repository: &str| {
        let path = repository.trim_start_matches("https://huggingface.co/");
        path.split('/').next().map(str::to_lowercase)
    };
    let Some(base) = card.base.as_deref() else {
        return;
    };
    let same = catalog.models.iter().find(|m| {
        let theirs = m.repository.as_deref().and_then(owner);
        theirs.is_some() && theirs == owner(base)
    });
    if let Some(same) = same {
        model.publisher.clone_from(&same.publisher);
    }
    model.notes.push(format!("made from {base}"));
}
