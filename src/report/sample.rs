//! Small hand-made reports for tests: no model and no engine.

use super::Report;
use crate::estimate::leaders::Leaders;
use crate::estimate::{
    Capability, Contributor, Estimate, Gate, Quantile, Results, Subject, TIME_QUANTILES, TOTAL_QUANTILES,
};

const TRIALS: u64 = 1000;
const DAYS: usize = 120;
const NEVER: f64 = f64::INFINITY;

/// A figure with its interval.
pub fn figure(estimate: f64, low: f64, high: f64) -> Estimate {
    Estimate {
        estimate,
        low,
        high,
        trials: TRIALS,
    }
}

/// A probability, with an interval of two points to both sides.
pub fn share(estimate: f64) -> Estimate {
    figure(estimate, (estimate - 0.02).max(0.0), (estimate + 0.02).min(1.0))
}

/// A probability that rises in a straight line from 0 on day 0 to `end` on the last day.
pub fn rising(end: f64) -> Vec<Estimate> {
    let by = |day| share(end * f64::from(day) / DAYS as f64);
    (0..=120).map(by).collect()
}

/// First moments; `times` are their estimates.
fn times(times: [f64; 7]) -> Vec<Quantile> {
    let quantile = |(quantile, time)| Quantile {
        quantile,
        value: figure(time, time - 1.0, time + 1.0),
    };
    TIME_QUANTILES.into_iter().zip(times).map(quantile).collect()
}

/// A fact whose chance rises to `end`.
pub fn subject(subject: &str, label: &str, end: f64) -> Subject {
    Subject {
        subject: subject.to_owned(),
        label: label.to_owned(),
        ready_by: rising(end),
        ready_at: rising(end / 2.0),
        times: times([14.5, 28.5, 69.5, NEVER, NEVER, NEVER, NEVER]),
        days_ready: figure(21.25, 20.5, 22.0),
        lost: share(0.125),
    }
}

fn gate(address: &str, label: &str, bottleneck: f64, granted: f64) -> Gate {
    Gate {
        open: subject(&format!("gates.{address}"), label, 0.48),
        address: address.to_owned(),
        bottleneck: share(bottleneck),
        ready_if_granted: rising(granted),
        decisive: share(granted - 0.4),
    }
}

fn capability() -> Capability {
    let total = |(quantile, total)| Quantile {
        quantile,
        value: figure(total, total - 25.0, total + 25.0),
    };
    let totals = [4000.0, 9000.0, 12500.0, 15000.0, 18000.0];
    Capability {
        subject: "capabilities.troops".to_owned(),
        label: "troops".to_owned(),
        unit: "soldiers".to_owned(),
        resolution: 50.0,
        mean: vec![figure(12000.0, 11950.0, 12050.0); DAYS + 1],
        quantiles: vec![TOTAL_QUANTILES.into_iter().zip(totals).map(total).collect(); DAYS + 1],
    }
}

/// A report with one of everything, and labels that mean harm.
pub fn report() -> Report {
    let mut ceasefire = gate("mission.requires.0", "a ceasefire that holds", 0.68, 0.62);
    ceasefire.open.times[3].value.low = 100.5;
    let skies = gate(
        "mission.requires.1",
        "=HYPERLINK(\"http://x\"),\nand more",
        0.30,
        0.45,
    );
    let results = Results {
        start: "2025-04-10".parse().expect("a date"),
        horizon: DAYS as f64,
        confidence: 0.95,
        trials: TRIALS,
        mission: subject("mission", "mission", 0.4),
        never_together: figure(0.02, 0.0129, 0.0307),
        objectives: vec![subject("objectives.safe_skies", "safe skies", 0.75)],
        gates: vec![ceasefire, skies],
        leaders: Leaders {
            missing: vec![0],
            bottleneck: vec![0],
            granted: vec![0],
        },
        conditions: vec![subject("conditions.talks", "talks go on", 0.9)],
        capabilities: vec![capability()],
        contributors: vec![Contributor {
            subject: "contributors.@france".to_owned(),
            label: "-France".to_owned(),
            pledged_by: rising(0.8),
        }],
    };
    Report {
        name: "sample".to_owned(),
        title: "A sample for tests".to_owned(),
        seed: 7,
        sampler: "random",
        version: "0.1.0",
        scenario_hash: "0123456789abcdef".to_owned(),
        results,
        precision: None,
    }
}

/// A report of a mission alone: nothing else, followed for less than a day.
pub fn bare() -> Report {
    let mut report = report();
    let results = &mut report.results;
    results.horizon = 0.5;
    results.mission.ready_by.truncate(1);
    results.mission.ready_at.truncate(1);
    results.never_together = figure(0.0, 0.0, 0.0038);
    results.objectives.clear();
    results.gates.clear();
    results.leaders = Leaders::default();
    results.conditions.clear();
    results.capabilities.clear();
    results.contributors.clear();
    report
}
