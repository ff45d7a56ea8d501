//! Scenarios whose answers are known in closed form.

use rayon::ThreadPool;
use serde::Serialize;

use super::{Effort, LIMIT};
use crate::estimate::monitor::Monitored;
use crate::estimate::proportion::deviations;
use crate::estimate::{Estimate, Results};
use crate::model::{self, Model};
use crate::plan::Plan;
use crate::sampling::Source;
use crate::sampling::numbered;
use crate::scenario::load::parse;
use crate::study::run::{Order, Unwatched, run};

/// A scenario with what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What it is.
    pub name: &'static str,
    /// Its whole text.
    pub text: &'static str,
    /// What is known.
    pub known: &'static [Known],
}

/// One figure that is known exactly.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name, as `--metric` takes it.
    pub metric: &'static str,
    /// Its value.
    pub exact: fn() -> f64,
    /// Where the value comes from, in words or as a formula.
    pub formula: &'static str,
}

/// Every case.
pub static CASES: &[Case] = &[
    Case {
        name: "four delays",
        text: include_str!("cases/four_delays.toml"),
        known: &[
            Known {
                metric: "ready_by@90",
                exact: || libm::pow(over(90.0, 30.0), 4.0),
                formula: "(1 − e^(−90/30))⁴",
            },
            Known {
                metric: "gates.mission.requires.0:ready_if_granted@90",
                exact: || libm::pow(over(90.0, 30.0), 3.0),
                formula: "(1 − e^(−90/30))³",
            },
            Known {
                metric: "gates.mission.requires.0:decisive",
                exact: || libm::pow(over(120.0, 30.0), 3.0) * libm::exp(-4.0),
                formula: "(1 − e^(−120/30))³ · e^(−120/30)",
            },
            Known {
                metric: "gates.mission.requires.0:bottleneck",
                exact: || 0.25,
                formula: "1/4, as all four are alike",
            },
        ],
    },
    Case {
        name: "on and off",
        text: include_str!("cases/on_and_off.toml"),
        known: &[
            Known {
                metric: "ready_at@20",
                exact: || 0.05 / 0.07 * over(20.0, 1.0 / 0.07),
                formula: "λ/(λ+μ) · (1 − e^(−20(λ+μ))), λ = 1/20, μ = 1/50",
            },
            Known {
                metric: "days_ready",
                exact: || 0.05 / 0.07 * (200.0 - over(200.0, 1.0 / 0.07) / 0.07),
                formula: "the same, integrated over 200 days",
            },
            Known {
                metric: "lost",
                exact: || 1.0 - (0.05 * libm::exp(-4.0) - 0.02 * libm::exp(-10.0)) / 0.03,
                formula: "1 − (λ e^(−200μ) − μ e^(−200λ)) / (λ − μ)",
            },
        ],
    },
    Case {
        name: "race of two clocks",
        text: include_str!("cases/race.toml"),
        known: &[
            Known {
                metric: "objectives.done:ready_by@20",
                exact: || 2.0 / 3.0 * over(20.0, 20.0),
                formula: "2/3 · (1 − e^(−20/20)), with 1/20 = 1/30 + 1/60",
            },
            Known {
                metric: "objectives.broken:ready_by@20",
                exact: || over(20.0, 20.0) / 3.0,
                formula: "1/3 · (1 − e^(−20/20))",
            },
        ],
    },
    Case {
        name: "hazard ratio 2",
        text: include_str!("cases/hazard_ratio.toml"),
        known: &[
            Known {
                metric: "ready_by@20",
                exact: || over(20.0, 20.0),
                formula: "1 − e^(−2·20/40)",
            },
            Known {
                metric: "days_ready",
                exact: || 300.0 - 20.0 * over(300.0, 20.0),
                formula: "300 − 20 (1 − e^(−300/20))",
            },
        ],
    },
    Case {
        name: "odds ratio 3",
        text: include_str!("cases/odds_ratio.toml"),
        known: &[Known {
            metric: "ready_by",
            exact: || 2.0 / 3.0,
            formula: "odds of 0.4/0.6 times 3 are 2",
        }],
    },
    Case {
        name: "three of five",
        text: include_str!("cases/three_of_five.toml"),
        known: &[Known {
            metric: "ready_by",
            exact: || 0.942_08,
            formula: "10·0.8³·0.2² + 5·0.8⁴·0.2 + 0.8⁵",
        }],
    },
    Case {
        name: "Gaussian copula",
        text: include_str!("cases/copula.toml"),
        known: &[Known {
            metric: "ready_by",
            exact: || 0.556_767_320_682_421,
            formula: "bivariate normal at (z, z), z = Φ⁻¹(0.7), rho 0.5",
        }],
    },
    Case {
        name: "sum of two amounts",
        text: include_str!("cases/two_amounts.toml"),
        known: &[Known {
            metric: "ready_by@3",
            exact: || 0.35,
            formula: "1 − 130/200: what of the rectangle lies beyond 18",
        }],
    },
    Case {
        name: "triangular",
        text: include_str!("cases/triangular.toml"),
        known: &[Known {
            metric: "days_ready",
            exact: || 120.0 - 185.0 / 3.0,
            formula: "120 − (20 + 45 + 120)/3",
        }],
    },
    Case {
        name: "PERT",
        text: include_str!("cases/pert.toml"),
        known: &[Known {
            metric: "days_ready",
            exact: || 120.0 - 320.0 / 6.0,
            formula: "120 − (20 + 4·45 + 120)/6",
        }],
    },
    Case {
        name: "lognormal",
        text: include_str!("cases/lognormal.toml"),
        known: &[
            Known {
                metric: "ready_by@45",
                exact: || 0.5,
                formula: "the median is 45",
            },
            Known {
                metric: "ready_by@150",
                exact: || 0.9,
                formula: "the 90th percentile is 150",
            },
        ],
    },
    Case {
        name: "gamma at least 60",
        text: include_str!("cases/gamma_at_least.toml"),
        known: &[
            Known {
                metric: "ready_by@80",
                exact: || 0.412_175_581_553_861,
                formula: "(F(80) − F(60)) / (1 − F(60)), F the gamma law of mean 80, sd 25",
            },
            Known {
                metric: "ready_by@120",
                exact: || 0.913_011_750_035_634,
                formula: "(F(120) − F(60)) / (1 − F(60))",
            },
        ],
    },
    Case {
        name: "skewed expert",
        text: include_str!("cases/skewed_expert.toml"),
        known: &[
            Known {
                metric: "ready_by@5",
                exact: || 0.1,
                formula: "the 10th percentile is 5",
            },
            Known {
                metric: "ready_by@12",
                exact: || 0.5,
                formula: "the median is 12",
            },
            Known {
                metric: "ready_by@75",
                exact: || 0.9,
                formula: "the 90th percentile is 75",
            },
        ],
    },
];

/// The chance that an exponential time of a mean is over by a day.
fn over(day: f64, mean: f64) -> f64 {
    -libm::expm1(-day / mean)
}

/// A figure, measured and exact.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The case.
    pub case: &'static str,
    /// The figure.
    pub metric: &'static str,
    /// Where the exact value comes from.
    pub formula: &'static str,
    /// What it is.
    pub exact: f64,
    /// What was found.
    pub measured: f64,
    /// Trials played.
    pub trials: u64,
    /// Standard errors between the two.
    pub z: f64,
    /// Whether that is within the limit.
    pub passed: bool,
}

/// Plays all cases, each with a seed of its own.
pub fn play(cases: &[Case], effort: Effort, pool: &ThreadPool, tell: &dyn Fn(&str)) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (case, number) in cases.iter().zip(0..) {
        tell(&format!("playing `{}`", case.name));
        let seed = numbered(effort.seed, number);
        let played = Played::new(case.name, case.text);
        let mut results = played.results(seed, effort.trials, pool);
        let figure = |known: &Known| {
            let monitored = played.find(known.metric);
            judged(case, known, monitored.figure(&mut results))
        };
        figures.extend(case.known.iter().map(figure));
    }
    figures
}

/// Holds a measured figure against the exact one.
fn judged(case: &Case, known: &Known, measured: &Estimate) -> Figure {
    let exact = (known.exact)();
    let error = if known.metric.starts_with("days_ready") {
        (measured.high - measured.low) / 2.0 / deviations(CONFIDENCE)
    } else {
        // Of a share, as that of the bottleneck, it is the largest that there can be.
        (exact * (1.0 - exact) / measured.trials as f64).sqrt()
    };
    let z = (measured.estimate - exact) / error;
    Figure {
        case: case.name,
        metric: known.metric,
        formula: known.formula,
        exact,
        measured: measured.estimate,
        trials: measured.trials,
        z,
        passed: z.abs() <= LIMIT,
    }
}

/// Confidence of the intervals.
pub const CONFIDENCE: f64 = 0.95;

/// A scenario of this test, understood and ready to run.
pub struct Played {
    /// What it means.
    pub model: Model,
    /// The same, ready to run.
    pub plan: Plan,
}

impl Played {
    /// The scenario of a text that is known to be right.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        let mut loaded = parse(name, text);
        let scenario = loaded.scenario.expect("a text of the program can be read");
        let model = model::build(&scenario, name, &mut loaded.diagnostics);
        let model = model.expect("a text of the program has a meaning");
        let plan = Plan::new(&model);
        Self { model, plan }
    }

    /// A figure of it.
    #[must_use]
    pub fn find(&self, metric: &str) -> Monitored {
        Monitored::find(metric, &self.model, &self.plan).expect("a case knows its figures")
    }

    /// All figures after so many trials of a seed.
    #[must_use]
    pub fn results(&self, seed: u64, trials: u64, pool: &ThreadPool) -> Results {
        let order = Order {
            source: Source::random(seed),
            first: 0,
            trials,
        };
        let tally = run(&self.plan, order, pool, &Unwatched).expect("nothing stops it");
        Results::new(&self.model, &self.plan, &tally, CONFIDENCE)
    }
}
