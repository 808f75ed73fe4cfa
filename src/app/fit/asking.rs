//! A question about a model's fit, answered for each model that it is about.

use anyhow::{Context as _, Result};

use super::checks::{apart, check, context_of};
use super::request::FitRequest;
use super::{companions, hypothetical};
use crate::app::read;
use crate::app::read::{Found, Several};
use crate::fit::SURVEY_SCHEMA;
use crate::fit::{
    Fit, LeftOut, Neighbour, Pacing, Question, Subject, Survey, SurveyRow, common_context, fit,
    fit_range, model_of, siblings, unknown,
};
use crate::machine::Machine;
use crate::memory::Settings;
use crate::memory::limits::Limits;
use crate::model::repository::GgufSet;
use crate::plan::advice::{of_drafting, of_loading};
use crate::units::Bytes;

/// The question, but for the model.
pub(super) struct Asking<'a> {
    pub(super) request: &'a FitRequest,
    pub(super) pacing: Pacing<'a>,
    /// What is loaded besides.
    pub(super) beside: Vec<Neighbour>,
    /// Every machine that planner knows.
    pub(super) machines: Vec<Machine>,
}

impl Asking<'_> {
    /// The answer for a model that was found.
    pub(super) fn about(&self, found: Found) -> Result<Fit> {
        let (about, known) = (found.about.clone(), found.known.clone());
        let mut subject = companions::load(found, &self.request.companions, self.pacing.catalog)?;
        if subject.siblings.is_empty()
            && let Some(model) = model_of(self.pacing.catalog, &subject, &about)
        {
            subject.siblings = siblings(model, subject.engine);
        }
        let context = context_of(
            self.request.context,
            self.request.beyond_trained,
            &mut subject,
        )?;
        let mut settings = self.request.settings.checked()?.at(subject.engine, context);
        settings.draft_tokens = self.request.companions.draft_tokens;
        check(&subject, &settings, self.pacing.machine)?;
        apart(self.request.apart, &mut subject, self.pacing.machine)?;
        let pace = (self.pacing).speed(&subject, &about, known.as_deref(), settings.ubatch);
        let mut fit = fit(Question {
            pace: Some(&pace),
            ..self.question(&subject, &settings, &Limits::of(self.pacing.machine))
        });
        let known = known.and_then(|name| self.pacing.catalog.find(&name));
        if let Some((model, Some(variant))) = known {
            fit.fails_to_load.clone_from(&variant.fails_to_load);
            fit.advice
                .extend(of_loading(self.pacing.catalog, model, variant));
            let (catalog, machine) = (self.pacing.catalog, self.pacing.machine);
            fit.advice
                .extend(of_drafting(catalog, model, machine, subject.engine));
        }
        Ok(fit)
    }

    fn question<'q>(
        &'q self,
        subject: &'q Subject,
        settings: &'q Settings,
        limits: &'q Limits,
    ) -> Question<'q> {
        Question {
            subject,
            settings,
            machine: self.pacing.machine,
            limits,
            pace: None,
            beside: &self.beside,
            machines: &self.machines,
            engines: &self.pacing.catalog.loads,
            table: self.request.table,
        }
    }

    /// The answer for a model that need not exist; for any of its size, as a range.
    pub(super) fn hypothetical(&self, weights: Bytes, like: Option<&str>) -> Result<Fit> {
        let request = self.request;
        let (mut subject, shapes) =
            hypothetical::find(weights, like, request.engine, self.pacing.catalog)?;
        if like.is_some() {
            let context = context_of(request.context, request.beyond_trained, &mut subject)?;
            let settings = request.settings.checked()?.at(subject.engine, context);
            check(&subject, &settings, self.pacing.machine)?;
            return Ok(fit(Question {
                pace: Some(&unknown(self.pacing.turns)),
                ..self.question(&subject, &settings, &Limits::of(self.pacing.machine))
            }));
        }
        let context = request.context.unwrap_or_else(|| common_context(&shapes));
        let settings = request.settings.checked()?.at(subject.engine, context);
        let limits = Limits::of(self.pacing.machine);
        let question = Question {
            pace: Some(&unknown(self.pacing.turns)),
            ..self.question(&subject, &settings, &limits)
        };
        fit_range(question, &shapes).context("the catalog has no architecture to compare with")
    }

    /// Each of several alone.
    pub(super) fn each(&self, several: Several) -> Survey {
        let mut all = self.survey(several.source);
        all.left_out = several.left_out;
        for (name, found) in several.found {
            match self.about(found) {
                Ok(fit) => all.models.push(SurveyRow::of(name, &fit)),
                Err(error) => all.left_out.push(LeftOut {
                    model: name,
                    reason: format!("{error:#}"),
                }),
            }
        }
        all
    }

    /// Every quantization of a repository: one was looked into, the others have its architecture
    /// and the weights that their files' sizes give.
    pub(super) fn offered(&self, name: &str, found: &Found, sets: &[GgufSet]) -> Result<Survey> {
        let mut all = self.survey(name.to_owned());
        all.notes.push(format!(
            "weights are the sizes of the files; {name}:QUANTIZATION looks into the file itself"
        ));
        for set in sets {
            let mut found = found.clone();
            let weights = read::by_size(set.bytes);
            found.subject.becomes(weights, &set.quantization);
            let row = SurveyRow::of(set.quantization.clone(), &self.about(found)?);
            all.models.push(row);
        }
        Ok(all)
    }

    fn survey(&self, source: String) -> Survey {
        Survey {
            schema: SURVEY_SCHEMA,
            source,
            machine: self.pacing.machine.name.clone(),
            models: Vec::new(),
            left_out: Vec::new(),
            notes: Vec::new(),
        }
    }
}
