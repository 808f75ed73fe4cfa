//! The ways to ask a model for a task: at each reasoning effort that it can be asked for.
//!
//! An effort is set with each request, so that a model which serves several tasks has one for each.
//! It takes no memory: of a file's ways for a task only the best can matter.

use std::rc::Rc;

use crate::catalog::effort::{Effort, Setting};
use crate::catalog::schema::Model;
use crate::plan::refusal::Refusal;
use crate::plan::request::Request;
use crate::plan::score::{OfModel, speed};
use crate::quality::quantization::Loss;
use crate::quality::talk::Lengths;
use crate::quality::{Constants, Place, Space, cost};
use crate::scenario::turns::{as_it_is, work};
use crate::speed::{Estimate, Workload};
use crate::task::{self, TaskProfile, Utility};

/// One way to ask a model for a task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Way {
    /// What has to be set.
    pub setting: Setting,
    /// The effort that this means; the model's highest where none is known.
    pub effort: Option<Effort>,
    /// What the model is worth then.
    pub worth: OfModel,
    /// What a turn is then.
    pub work: Workload,
}

/// The ways of each task of a request.
pub type Ways = Rc<[Vec<Way>]>;

/// The ways to ask a model for the tasks of a request, by rising effort; `place` is where it stands
/// among those that are judged alike. A task that it is not for has one way, which is worth nothing.
pub(super) fn ways<'m>(
    request: &Request,
    model: &Model,
    place: impl Fn(Space) -> Rc<Place<'m>>,
    lengths: &Lengths<'_>,
) -> Result<Ways, Refusal> {
    let efforts = efforts(model);
    let may = asked(request, model, &efforts)?;
    let length = |effort: Option<Effort>| {
        let length = lengths.at(model, effort);
        // A campaign is planned as its study did, by what was counted and without caution.
        if request.campaign.is_some() {
            length.as_counted()
        } else {
            length
        }
    };
    let spaces = Space::ALL.map(|space| {
        let judged = |task: &TaskProfile| Space::of(task.role) == space;
        let asked =
            |(task, _): &(TaskProfile, f64)| judged(task) && model.unfit(task.role).is_none();
        request.tasks.iter().any(asked).then(|| {
            let place = place(space);
            let costs = efforts.iter().map(|(_, effort)| {
                effort.and_then(|effort| cost(Constants::in_space(space), &place, model, effort))
            });
            let costs: Vec<_> = costs.collect();
            (place, costs)
        })
    });
    let of_task = |(task, _): &(TaskProfile, f64)| {
        let workload = request.workload(task);
        let fit = model.unfit(task.role).is_none();
        let known = spaces[Space::of(task.role) as usize]
            .as_ref()
            .filter(|_| fit);
        let Some((place, costs)) = known else {
            return vec![one_way(&workload, OfModel::NONE)];
        };
        if !task.role.converses() {
            return vec![one_way(&workload, OfModel::at(task, place, None))];
        }
        let way = |((setting, effort), cost): (&(Setting, Option<Effort>), &Option<_>)| Way {
            setting: *setting,
            effort: *effort,
            worth: OfModel::at(task, place, cost.as_ref()),
            work: work(&workload, length(*effort)),
        };
        let mut ways: Vec<Way> = efforts.iter().zip(costs).map(way).collect();
        // Over all efforts, so that one is as long where it alone may be asked for.
        no_longer_with_less(&mut ways);
        ways.retain(|way| may.contains(&(way.setting, way.effort)));
        ways
    };
    Ok(request.tasks.iter().map(of_task).collect())
}

/// The best way to ask for a task with a file.
#[derive(Debug, Clone, PartialEq)]
pub struct BestWay {
    /// The way.
    pub way: Way,
    /// How long a turn takes then, where known.
    pub turn: Option<Estimate>,
    /// What decides between ways, of this one.
    pub weighed: Weighed,
}

/// The only way to ask for what is no conversation: nothing is set, and what is written is as long
/// with any model.
fn one_way(workload: &task::Workload, worth: OfModel) -> Way {
    Way {
        setting: Setting::Default,
        effort: None,
        worth,
        work: as_it_is(workload),
    }
}

/// The ways to ask a model for the only task of a request.
#[must_use]
pub fn only_ways(request: &Request, model: &Model, lengths: &Lengths<'_>) -> Option<Vec<Way>> {
    let place = |space| Rc::new(Place::of(Constants::in_space(space), model));
    let ways = ways(request, model, place, lengths).ok()?;
    ways.first().cloned()
}

/// The best of those with a file that loses so much; `turn` says how long one takes.
#[must_use]
pub fn best_way(
    request: &Request,
    ways: &[Way],
    loss: &Loss,
    turn: impl Fn(&Workload) -> Option<Estimate>,
) -> Option<BestWay> {
    let (task, _) = request.tasks.first()?;
    let turn = turn(&ways.first()?.work);
    let all = weighed(request, task, ways, turn.as_ref(), loss);
    let number = best(&allowed(&all), ways);
    let (way, weighed) = (ways[number], all.into_iter().find(|w| w.number == number)?);
    Some(BestWay {
        way,
        turn: turn.map(|turn| turn.writes(way.work)),
        weighed,
    })
}

/// A setting, and the effort that it means.
type Asked = (Setting, Option<Effort>);

/// The efforts that a model can be asked for, the least first; the default alone where none is known.
fn efforts(model: &Model) -> Vec<Asked> {
    let Some(thinking) = model.thinking.as_ref().filter(|_| model.reasoning) else {
        return vec![(Setting::Default, None)];
    };
    let mut all = thinking.efforts.clone();
    all.sort_unstable();
    let asked = |effort| (thinking.setting(effort), Some(effort));
    all.into_iter().map(asked).collect()
}

/// Those of them that the request lets a model be asked for.
fn asked(request: &Request, model: &Model, all: &[Asked]) -> Result<Vec<Asked>, Refusal> {
    // What never thinks has nothing to set.
    let Some(asked) = request.effort.filter(|_| model.reasoning) else {
        return Ok(all.to_vec());
    };
    let meant = |(setting, effort): &&Asked| {
        asked == *setting || (asked.effort() == *effort && effort.is_some())
    };
    let meant: Vec<Asked> = all.iter().filter(meant).copied().collect();
    match meant.is_empty() {
        true => Err(Refusal::NoSuchEffort { asked }),
        false => Ok(meant),
    }
}

/// No effort makes answers longer than a higher one, at either end of what is expected.
fn no_longer_with_less(ways: &mut [Way]) {
    let mut longest = (u32::MAX, u32::MAX);
    for way in ways.iter_mut().rev() {
        let work = &mut way.work;
        work.output_range.1 = work.output_range.1.min(longest.1);
        work.output_tokens = work.output_tokens.min(longest.0).min(work.output_range.1);
        work.output_range.0 = work.output_range.0.min(work.output_tokens);
        longest = (work.output_tokens, work.output_range.1);
    }
}

/// A way by its number, with what decides between ways.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// Which of a task's ways.
    pub number: usize,
    /// Points less caution, where known.
    pub quality: Option<f64>,
    /// Seconds of a turn that count in decisions, where known.
    pub seconds: Option<f64>,
    /// Whether a turn is as quick as the request asks.
    as_asked: bool,
    /// Whether a turn is as quick as the task's floors ask.
    as_the_task_asks: bool,
    /// Whether the expected points reach the floor of the task.
    good: bool,
    /// What quality and speed add to the task's score.
    pub score: f64,
}

impl Weighed {
    /// Whether a turn is as quick as the request and the task's floors ask.
    #[must_use]
    pub const fn is_quick(&self) -> bool {
        self.as_asked && self.as_the_task_asks
    }

    /// Whether nothing but the longest turn of the task's profile stands against it.
    #[must_use]
    pub const fn is_barred_by_the_longest_turn(&self) -> bool {
        self.as_asked && self.good && !self.as_the_task_asks
    }
}

/// The ways of a task with a file that loses so much and takes so long.
pub(super) fn weighed(
    request: &Request,
    task: &TaskProfile,
    ways: &[Way],
    turn: Option<&Estimate>,
    loss: &Loss,
) -> Vec<Weighed> {
    let weigh = |(number, way): (usize, &Way)| {
        let seconds = turn.map(|turn| turn.deciding_seconds_of(&way.work));
        let expected = turn.map(|turn| turn.expected_seconds_of(&way.work));
        let within = |seconds: Option<f64>, most: Option<f64>| {
            seconds.zip(most).is_none_or(|(s, most)| s <= most)
        };
        let points = way.worth.quantized(loss);
        let (quality, value) = way.worth.quality(task, loss);
        let weights = &task.weights;
        Weighed {
            number,
            quality,
            seconds,
            as_asked: within(expected, request.max_turn_seconds),
            as_the_task_asks: within(expected, task.floors.max_turn_seconds),
            good: points.is_none_or(|p| p.mean >= task.floors.quality),
            score: weights.of(Utility::Quality) * value
                + weights.of(Utility::Speed) * speed(task, seconds),
        }
    };
    ways.iter().enumerate().map(weigh).collect()
}

/// Those of them whose turns take no longer and whose points are no fewer than they may, unless none
/// is so.
pub(super) fn allowed(all: &[Weighed]) -> Vec<Weighed> {
    let kept = |keep: &dyn Fn(&Weighed) -> bool| {
        let kept: Vec<Weighed> = all.iter().copied().filter(keep).collect();
        (!kept.is_empty()).then_some(kept)
    };
    kept(&|w| w.is_quick() && w.good)
        .or_else(|| kept(&Weighed::is_quick))
        .unwrap_or_else(|| {
            let shortest = all.iter().min_by(|a, b| {
                let seconds = |w: &Weighed| w.seconds.unwrap_or(0.0);
                seconds(a).total_cmp(&seconds(b))
            });
            shortest.copied().into_iter().collect()
        })
}

/// The best way of a task; of equal ones what has to be set least.
pub(super) fn best(weighed: &[Weighed], ways: &[Way]) -> usize {
    let best = weighed.iter().max_by(|a, b| {
        let stays = |w: &Weighed| ways[w.number].setting.is_default();
        let by_score = a.score.total_cmp(&b.score);
        by_score.then_with(|| stays(a).cmp(&stays(b)))
    });
    best.map_or(0, |w| w.number)
}
