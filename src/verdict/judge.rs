//! Plays futures until every claim is decided, or as many as one allows.

use std::sync::Mutex;

use rayon::ThreadPool;

use super::evidence::Sequence;
use super::{Evidence, Question};
use crate::engine::{Block, Runaway, Silent};
use crate::estimate::Estimate;
use crate::lanes::BLOCK;
use crate::plan::Plan;
use crate::probe::{Scale, in_steps_of};
use crate::sampling::Source;
use crate::study::looks;
use crate::study::run::{Round, deal, unpoisoned};

/// What has come of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// As many futures as were allowed do not tell.
    Undecided,
}

/// A claim judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What came of it.
    pub answer: Answer,
    /// It is undecided, and stays so: a quantile and its bound both lie beyond the horizon.
    pub is_beyond: bool,
    /// For each of its questions, the mean with an interval that holds at all looks at once.
    pub means: Vec<Estimate>,
}

/// The claims of one scenario, and the futures that they are judged by.
#[derive(Debug)]
pub struct Court<'c> {
    /// The plan of the scenario, then those of the scenarios that it is compared with.
    plans: Vec<&'c Plan>,
    cases: Vec<Case>,
    members: Vec<Mutex<Option<Member>>>,
    source: Source,
    pool: &'c ThreadPool,
    played: u64,
    runaway: Option<(usize, Runaway)>,
}

/// A claim: its questions, and what it compares with.
#[derive(Debug)]
struct Case {
    asked: Vec<Asked>,
    /// The plan that `minus` of its questions belongs to.
    other: usize,
    judgement: Option<Judgement>,
}

#[derive(Debug)]
struct Asked {
    question: Question,
    scale: Scale,
    sequence: Sequence,
}

/// What one thread has.
#[derive(Debug)]
struct Member {
    /// One a plan.
    blocks: Vec<Block>,
    /// For each case and question, what its trials have shown.
    evidence: Vec<Vec<Evidence>>,
    runaway: Option<(usize, Runaway)>,
}

impl<'c> Court<'c> {
    /// A court without cases. `plans` are the scenario's own and those that it is compared with; all draw from `source`,
    /// whose trials are independent.
    #[must_use]
    pub fn new(plans: Vec<&'c Plan>, source: Source, pool: &'c ThreadPool) -> Self {
        Self {
            plans,
            cases: Vec::new(),
            members: (0..pool.current_num_threads())
                .map(|_| Mutex::new(None))
                .collect(),
            source,
            pool,
            played: 0,
            runaway: None,
        }
    }

    /// Adds a claim by its questions, to be judged at a confidence between 0 and 1; `other` is the plan that it compares
    /// with, if it does. Claims are added before the first future is played.
    pub fn add(&mut self, questions: Vec<Question>, other: usize, confidence: f64) {
        // The chance of being wrong is divided among the questions.
        let each = 1.0 - (1.0 - confidence) / questions.len().max(1) as f64;
        let asked = questions.into_iter().map(|question| {
            let own = question.probe.scale(self.plans[0]);
            let scale = question.minus.map_or(own, |minus| {
                let other = minus.scale(self.plans[other]);
                Scale {
                    unit: own.unit.min(other.unit),
                    low: own.low.min(other.low),
                    high: own.high.max(other.high),
                }
            });
            Asked {
                sequence: Sequence::new(&question, scale, each),
                question,
                scale,
            }
        });
        self.cases.push(Case {
            asked: asked.collect(),
            other,
            judgement: None,
        });
    }

    /// How many futures have been played.
    #[must_use]
    pub fn played(&self) -> u64 {
        self.played
    }

    /// Whether every claim is decided.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        let is_decided = |case: &Case| {
            let judgement = case.judgement.as_ref();
            judgement.is_some_and(Judgement::is_final)
        };
        self.cases.iter().all(is_decided)
    }

    /// The first process that never rests, with its plan.
    #[must_use]
    pub fn runaway(&self) -> Option<(usize, Runaway)> {
        self.runaway
    }

    /// Plays up to the next look, at most `most` futures in all, and looks; returns how many were played. A claim that is
    /// decided stays so, with the interval that decided it.
    pub fn hear(&mut self, most: u64) -> u64 {
        let round = Round {
            first: self.played,
            end: looks::next(self.played, most),
        };
        deal(self.pool, round, |thread, _, trials| {
            let mut member = unpoisoned(self.members[thread].lock());
            let member = member.get_or_insert_with(|| Member::new(&self.plans, &self.cases));
            member.play(&self.plans, &self.cases, self.source, trials);
            member.runaway.is_none()
        });
        let heard = round.end - self.played;
        self.played = round.end;
        self.look();
        heard
    }

    fn look(&mut self) {
        let mut whole: Vec<Vec<Evidence>> = self
            .cases
            .iter()
            .map(|case| vec![Evidence::default(); case.asked.len()])
            .collect();
        for member in &mut self.members {
            let Some(member) = unpoisoned(member.get_mut()) else {
                continue;
            };
            for (whole, part) in whole.iter_mut().flatten().zip(member.evidence.iter().flatten()) {
                *whole += *part;
            }
            self.runaway = [self.runaway, member.runaway].into_iter().flatten().min();
        }
        for (case, evidence) in self.cases.iter_mut().zip(&whole) {
            let is_open = case
                .judgement
                .as_ref()
                .is_none_or(|judgement| !judgement.is_final());
            if is_open {
                case.judgement = Some(case.judge(evidence));
            }
        }
    }

    /// What came of each claim, in the order in which they were added.
    #[must_use]
    pub fn judgements(&self) -> Vec<Judgement> {
        let judged = self.cases.iter().map(|case| {
            let none = || Judgement {
                answer: Answer::Undecided,
                is_beyond: false,
                means: Vec::new(),
            };
            case.judgement.clone().unwrap_or_else(none)
        });
        judged.collect()
    }
}

impl Judgement {
    /// Whether more futures cannot change it.
    fn is_final(&self) -> bool {
        self.answer != Answer::Undecided || self.is_beyond
    }
}

impl Case {
    fn judge(&self, evidence: &[Evidence]) -> Judgement {
        let means: Vec<Estimate> = self
            .asked
            .iter()
            .zip(evidence)
            .map(|(asked, evidence)| asked.sequence.interval(evidence, asked.scale))
            .collect();
        let answers = self.asked.iter().zip(&means);
        let answers: Vec<Option<Answer>> = answers
            .map(|(asked, mean)| answer(&asked.question, mean))
            .collect();
        let decisive = [Some(Answer::Fails), Some(Answer::Undecided), None];
        let answer = decisive.into_iter().find(|answer| answers.contains(answer));
        Judgement {
            answer: answer.map_or(Answer::Holds, |answer| answer.unwrap_or(Answer::Undecided)),
            is_beyond: answer == Some(None),
            means,
        }
    }
}

/// Whether an interval lies within the bounds of a question, outside, or neither; `None` if that can never be known, since what
/// matters lies beyond the horizon.
fn answer(question: &Question, mean: &Estimate) -> Option<Answer> {
    let (low, high) = (
        question.at_least.unwrap_or(f64::NEG_INFINITY),
        question.at_most.unwrap_or(f64::INFINITY),
    );
    let most = if question.is_cut { f64::INFINITY } else { mean.high };
    let is_short_of_all = question.is_cut && (mean.high < low || mean.high <= high && high < most);
    Some(if low <= mean.low && most <= high {
        Answer::Holds
    } else if most < low || high < mean.low {
        Answer::Fails
    } else if is_short_of_all {
        return None;
    } else {
        Answer::Undecided
    })
}

impl Member {
    fn new(plans: &[&Plan], cases: &[Case]) -> Self {
        let asked = |case: &'_ Case| vec![Evidence::default(); case.asked.len()];
        let block = |(index, plan): (usize, &&Plan)| {
            let mut block = Block::new(plan);
            block.keeps_totals = cases.iter().any(|case| case.needs_totals(index));
            block
        };
        Self {
            blocks: plans.iter().enumerate().map(block).collect(),
            evidence: cases.iter().map(asked).collect(),
            runaway: None,
        }
    }

    /// Plays the trials of one block in every plan, and hears what they say to every question.
    fn play(&mut self, plans: &[&Plan], cases: &[Case], source: Source, trials: std::ops::Range<u64>) {
        #[allow(clippy::cast_possible_truncation, reason = "at most the size of a block")]
        let count = (trials.end - trials.start) as usize;
        for (index, (plan, block)) in plans.iter().zip(&mut self.blocks).enumerate() {
            block.play(plan, source, trials.start, count, &mut Silent);
            let found = block.runaway.map(|runaway| (index, runaway));
            self.runaway = [self.runaway, found].into_iter().flatten().min();
        }
        let (mut said, mut other) = ([0; BLOCK], [0; BLOCK]);
        for (case, evidence) in cases.iter().zip(&mut self.evidence) {
            for (asked, evidence) in case.asked.iter().zip(evidence) {
                asked.question.probe.read(plans[0], &self.blocks[0], &mut said);
                if let Some(minus) = &asked.question.minus {
                    minus.read(plans[case.other], &self.blocks[case.other], &mut other);
                    let units = [
                        asked.question.probe.scale(plans[0]).unit,
                        minus.scale(plans[case.other]).unit,
                    ];
                    for (said, other) in said.iter_mut().zip(&other) {
                        *said =
                            in_steps_of(units[1], *said, units[0]) - in_steps_of(units[0], *other, units[1]);
                    }
                }
                evidence.add(&said[..count]);
            }
        }
    }
}

impl Case {
    /// Whether it looks at totals of a plan.
    fn needs_totals(&self, plan: usize) -> bool {
        self.asked.iter().any(|asked| {
            let own = plan == 0 && asked.question.probe.needs_totals();
            let other = plan == self.other && asked.question.minus.is_some_and(|minus| minus.needs_totals());
            own || other
        })
    }
}
