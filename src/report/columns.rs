//! The columns of all result files, with their meaning. Names are stable: other people's programs rely on them.

use super::Column;

const fn column(name: &'static str, meaning: &'static str) -> Column {
    Column { name, meaning }
}

const DAY: Column = column(
    "day",
    "Days since the start; the row tells of the midnight that begins that day.",
);
const DATE: Column = column("date", "The same as a date, UTC.");
const CONFIDENCE: Column = column(
    "confidence",
    "Confidence of the intervals, between 0 and 1, such as 0.95.",
);
const TRIALS: Column = column("trials", "Trials behind the figures.");

/// Of `summary.csv`.
pub const SUMMARY: &[Column] = &[
    column(
        "scenario",
        "Name of the scenario: its file's name without the extension.",
    ),
    column(
        "subject",
        "What the figure is about: `mission`, `objectives.NAME`, `gates.ADDRESS`, `conditions.NAME`, `capabilities.NAME` or `contributors.NAME`.",
    ),
    column("metric", "Which figure it is; see the metrics below."),
    column(
        "day",
        "Days since the start, for metrics of a day; empty for all others.",
    ),
    column(
        "date",
        "The date of `day`; of a `time_pNN`, the date of its estimate, empty if that is `beyond`.",
    ),
    column("estimate", "The figure, in the unit of its metric."),
    column("low", "Lower end of its interval."),
    column("high", "Upper end of its interval."),
    CONFIDENCE,
    TRIALS,
];

/// Of `batch.csv`, after those of `summary.csv`.
const RUN: &[Column] = &[
    column(
        "scenario_hash",
        "BLAKE3 hash of the scenario's texts and of the values that `--set` replaced; the `hash` of its manifest.",
    ),
    column("seed", "Where its draws start from."),
    column("sampler", "How its draws are spread."),
    column(
        "version",
        "Version of the program that played it, with the engine's number.",
    ),
];

/// Of `batch.csv`.
#[must_use]
pub fn batch() -> Vec<Column> {
    [SUMMARY, RUN].concat()
}

/// Of `readiness.csv`.
pub const READINESS: &[Column] = &[
    DAY,
    DATE,
    column("subject", "`mission` or `objectives.NAME`."),
    column(
        "ready_by",
        "Probability that it has held at some moment up to and including that midnight.",
    ),
    column("ready_by_low", "Lower end of the interval of `ready_by`."),
    column("ready_by_high", "Upper end of the interval of `ready_by`."),
    column("ready_at", "Probability that it holds at that midnight."),
    column("ready_at_low", "Lower end of the interval of `ready_at`."),
    column("ready_at_high", "Upper end of the interval of `ready_at`."),
    CONFIDENCE,
    TRIALS,
];

/// Of `gates.csv`.
pub const GATES: &[Column] = &[
    column(
        "gate",
        "The gate's address in the scenario; in the last row `never_together`.",
    ),
    column("label", "The gate's name for people."),
    column(
        "bottleneck",
        "Share of the futures in which this gate is the last to open, or never opens; in the last row, of those in which all open, but never together. The column adds up to one.",
    ),
    column("bottleneck_low", "Lower end of the interval of `bottleneck`."),
    column("bottleneck_high", "Upper end of the interval of `bottleneck`."),
    column(
        "ready_if_granted",
        "Probability that the mission is ready within the horizon if this one gate were always open.",
    ),
    column(
        "ready_if_granted_low",
        "Lower end of the interval of `ready_if_granted`.",
    ),
    column(
        "ready_if_granted_high",
        "Upper end of the interval of `ready_if_granted`.",
    ),
    column(
        "decisive",
        "Probability that the mission is ready within the horizon only if this gate is granted.",
    ),
    column("decisive_low", "Lower end of the interval of `decisive`."),
    column("decisive_high", "Upper end of the interval of `decisive`."),
    column(
        "opens_p50",
        "Median of the first moment at which the gate is open, in days since the start, or `beyond`.",
    ),
    column("opens_p50_low", "Lower end of the interval of `opens_p50`."),
    column(
        "opens_p50_high",
        "Upper end of the interval of `opens_p50`, or `beyond`.",
    ),
    column(
        "opens_p50_date",
        "The date of `opens_p50`; empty if that is `beyond`.",
    ),
    CONFIDENCE,
    TRIALS,
];

/// Of `capabilities.csv`.
pub const CAPABILITIES: &[Column] = &[
    DAY,
    DATE,
    column("capability", "Name of the capability in the scenario."),
    column(
        "unit",
        "What its amounts count; empty if the scenario does not say.",
    ),
    column("mean", "Mean of the total at that midnight, in the unit."),
    column("mean_low", "Lower end of the interval of `mean`."),
    column("mean_high", "Upper end of the interval of `mean`."),
    column("p05", "5 % of the futures have at most this total."),
    column("p05_low", "Lower end of the interval of `p05`."),
    column("p05_high", "Upper end of the interval of `p05`."),
    column("p25", "25 % of the futures have at most this total."),
    column("p25_low", "Lower end of the interval of `p25`."),
    column("p25_high", "Upper end of the interval of `p25`."),
    column("p50", "The median: half of the futures have at most this total."),
    column("p50_low", "Lower end of the interval of `p50`."),
    column("p50_high", "Upper end of the interval of `p50`."),
    column("p75", "75 % of the futures have at most this total."),
    column("p75_low", "Lower end of the interval of `p75`."),
    column("p75_high", "Upper end of the interval of `p75`."),
    column("p95", "95 % of the futures have at most this total."),
    column("p95_low", "Lower end of the interval of `p95`."),
    column("p95_high", "Upper end of the interval of `p95`."),
    CONFIDENCE,
    TRIALS,
];

/// Of `contributors.csv`.
pub const CONTRIBUTORS: &[Column] = &[
    DAY,
    DATE,
    column("contributor", "Name of the contributor in the scenario."),
    column("label", "Its name for people."),
    column("pledged_by", "Probability that it has pledged by that midnight."),
    column("low", "Lower end of the interval of `pledged_by`."),
    column("high", "Upper end of the interval of `pledged_by`."),
    CONFIDENCE,
    TRIALS,
];
