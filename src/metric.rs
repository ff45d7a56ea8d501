//! The registry of metrics: every figure that results hold, by the name that it has in CSV files, claims and options.

use crate::diagnostic::suggest;

/// What a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// The mission.
    Mission,
    /// `objectives.NAME`.
    Objective,
    /// `conditions.NAME`, or `conditions.` and the address of a labelled condition.
    Condition,
    /// `gates.ADDRESS`.
    Gate,
    /// `capabilities.NAME`.
    Capability,
    /// `contributors.NAME`.
    Contributor,
}

/// What else a metric needs to be one figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    None,
    /// A day.
    Day,
    /// A quantile.
    Quantile,
}

/// A kind of figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name in files and claims.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What it can be a figure of.
    pub subjects: &'static [SubjectKind],
    /// What else it needs.
    pub argument: Argument,
}

use Argument::{Day, Quantile};
use SubjectKind::{Capability, Condition, Contributor, Gate, Mission, Objective};

const SIGNALS: &[SubjectKind] = &[Mission, Objective, Condition, Gate];

/// All metrics.
pub static METRICS: &[Metric] = &[
    Metric {
        name: "ready_by",
        unit: "probability",
        argument: Day,
        subjects: SIGNALS,
        meaning: "It has held at some moment up to and including that day's midnight.",
    },
    Metric {
        name: "ready_at",
        unit: "probability",
        argument: Day,
        subjects: SIGNALS,
        meaning: "It holds at that day's midnight.",
    },
    Metric {
        name: "time",
        unit: "days",
        argument: Quantile,
        subjects: SIGNALS,
        meaning: "That quantile of the first moment at which it holds; `beyond` if that lies beyond the horizon. In files its name carries the percentage: `time_p50`.",
    },
    Metric {
        name: "days_ready",
        unit: "days",
        argument: Argument::None,
        subjects: SIGNALS,
        meaning: "Expected number of days within the horizon on which it holds.",
    },
    Metric {
        name: "lost",
        unit: "probability",
        argument: Argument::None,
        subjects: SIGNALS,
        meaning: "It holds at some time and ceases to hold later within the horizon, if only for a while.",
    },
    Metric {
        name: "never_together",
        unit: "probability",
        argument: Argument::None,
        subjects: &[Mission],
        meaning: "Every gate opens at some time within the horizon, but never all at one time.",
    },
    Metric {
        name: "bottleneck",
        unit: "share",
        argument: Argument::None,
        subjects: &[Gate],
        meaning: "Share of the futures in which this gate is the last to open, or never opens; gates at the same moment share. These and never_together add up to one.",
    },
    Metric {
        name: "ready_if_granted",
        unit: "probability",
        argument: Day,
        subjects: &[Gate],
        meaning: "The mission is ready by that day if this one gate were always open, all else the same.",
    },
    Metric {
        name: "decisive",
        unit: "probability",
        argument: Argument::None,
        subjects: &[Gate],
        meaning: "The mission is ready within the horizon only if this gate is granted.",
    },
    Metric {
        name: "total_mean",
        unit: "the capability's unit",
        argument: Day,
        subjects: &[Capability],
        meaning: "Mean of the total at that day's midnight.",
    },
    Metric {
        name: "total",
        unit: "the capability's unit",
        argument: Quantile,
        subjects: &[Capability],
        meaning: "That quantile of the total at that day's midnight; needs a day too. In files its name carries the percentage: `total_p50`.",
    },
    Metric {
        name: "pledged_by",
        unit: "probability",
        argument: Day,
        subjects: &[Contributor],
        meaning: "It has pledged by that day's midnight.",
    },
];

/// The metric of a name; `time_p50` and `total_p5` are `time` and `total` with their quantile.
#[must_use]
pub fn metric(name: &str) -> Option<(&'static Metric, Option<f64>)> {
    if let Some(metric) = METRICS.iter().find(|metric| metric.name == name) {
        return Some((metric, None));
    }
    let (stem, percent) = name.rsplit_once("_p")?;
    let percent: f64 = percent.replace('_', ".").parse().ok()?;
    let metric = METRICS
        .iter()
        .find(|metric| metric.name == stem && metric.argument == Quantile)?;
    (percent > 0.0 && percent < 100.0).then_some((metric, Some(percent / 100.0)))
}

/// A subject in the spelling of results, if it is one of theirs: keys that hold a dot may stand in quotes or not.
#[must_use]
pub fn spelled<'s>(written: &str, subjects: &'s [String]) -> Option<&'s str> {
    let letters = |name: &str| name.replace('"', "");
    let same = subjects.iter().find(|subject| *subject == written);
    let is_same = |subject: &&String| letters(subject) == letters(written);
    same.or_else(|| subjects.iter().find(is_same)).map(String::as_str)
}

/// One figure as an option names it: `[SUBJECT:]METRIC[@WHEN]`, such as `ready_by`, `days_ready`,
/// `objectives.safe_skies:ready_by@365` or `contributors.france:pledged_by@2025-10-01`.
#[derive(Clone, Copy, Debug)]
pub struct Named<'t> {
    /// What it is a figure of, as results name it; `mission` if nothing is written.
    pub subject: &'t str,
    /// Which figure it is.
    pub metric: &'static Metric,
    /// The quantile in its name.
    pub quantile: Option<f64>,
    /// The day or date, as written.
    pub when: Option<&'t str>,
}

impl<'t> Named<'t> {
    /// Reads the name of a figure. Whether there is such a subject and such a day only a model can tell.
    ///
    /// # Errors
    /// A sentence, if there is no such metric, if it is no figure of such subjects, or if it has a day and takes none.
    pub fn read(text: &'t str) -> Result<Self, String> {
        let (subject, figure) = text.rsplit_once(':').unwrap_or(("mission", text));
        let (name, when) = match figure.split_once('@') {
            Some((name, when)) => (name, Some(when)),
            None => (figure, None),
        };
        let Some((metric, quantile)) = metric(name) else {
            let help = suggest(name, METRICS.iter().map(|metric| metric.name)).unwrap_or_default();
            return Err(format!("there is no metric `{name}`: {help}"));
        };
        let Some(kind) = SubjectKind::of(subject) else {
            let example = format!("`objectives.NAME:{name}`");
            return Err(format!(
                "results tell nothing of `{subject}`; a subject is written as in {example}"
            ));
        };
        if !metric.subjects.contains(&kind) {
            let of: Vec<&str> = metric.subjects.iter().map(|kind| kind.form()).collect();
            let of = of.join(", ");
            return Err(format!(
                "`{}` is no figure of `{subject}`, but of {of}",
                metric.name
            ));
        }
        if when.is_some() && metric.argument != Day && metric.name != "total" {
            return Err(format!("`{}` is not a figure of a day", metric.name));
        }
        Ok(Self {
            subject,
            metric,
            quantile,
            when,
        })
    }

    /// The same with its subject in the spelling of results, if it is one of theirs.
    #[must_use]
    pub fn of<'s>(self, subjects: &'s [String]) -> Named<'s>
    where
        't: 's,
    {
        Named {
            subject: spelled(self.subject, subjects).unwrap_or(self.subject),
            ..self
        }
    }
}

impl SubjectKind {
    /// How its subjects are written.
    #[must_use]
    pub fn form(self) -> &'static str {
        match self {
            Mission => "`mission`",
            Objective => "`objectives.NAME`",
            Condition => "`conditions.NAME`",
            Gate => "`gates.ADDRESS`",
            Capability => "`capabilities.NAME`",
            Contributor => "`contributors.NAME`",
        }
    }

    /// The kind of a subject by the name that results give it.
    #[must_use]
    pub fn of(subject: &str) -> Option<Self> {
        match subject.split('.').next()? {
            "mission" if subject == "mission" => Some(Mission),
            "objectives" => Some(Objective),
            "conditions" => Some(Condition),
            "gates" => Some(Gate),
            "capabilities" => Some(Capability),
            "contributors" => Some(Contributor),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_may_stand_in_the_name() {
        let (metric, quantile) = metric("time_p50").unwrap();
        assert_eq!((metric.name, quantile), ("time", Some(0.5)));
        assert!(super::metric("time_p100").is_none());
        assert!(super::metric("bottleneck_p50").is_none());
        assert!(super::metric("redy_by").is_none());
    }

    #[test]
    fn a_figure_has_a_subject_a_metric_and_a_day() {
        let whole = Named::read("objectives.safe_skies:ready_by@365").unwrap();
        assert_eq!(
            (whole.subject, whole.metric.name, whole.when),
            ("objectives.safe_skies", "ready_by", Some("365"))
        );
        let short = Named::read("time_p50").unwrap();
        assert_eq!(
            (short.subject, short.quantile, short.when),
            ("mission", Some(0.5), None)
        );
    }

    #[test]
    fn a_name_with_a_dot_may_stand_in_quotes() {
        let subjects = ["objectives.a.b", "gates.objectives.\"a.b\".requires.0"].map(str::to_owned);
        for written in ["objectives.a.b", "objectives.\"a.b\""] {
            assert_eq!(spelled(written, &subjects), Some("objectives.a.b"));
            let text = format!("{written}:ready_by@365");
            assert_eq!(
                Named::read(&text).unwrap().of(&subjects).subject,
                "objectives.a.b"
            );
        }
        assert_eq!(
            spelled("gates.objectives.a.b.requires.0", &subjects),
            Some(&*subjects[1])
        );
        assert_eq!(spelled("objectives.a", &subjects), None);
    }

    #[test]
    fn a_figure_that_is_none_is_refused_with_what_is_near() {
        let refusal = |text| Named::read(text).unwrap_err();
        assert!(refusal("redy_by").contains("did you mean `ready_by`?"));
        assert!(refusal("bottleneck").contains("`gates.ADDRESS`"));
        assert!(refusal("skies:ready_by").contains("results tell nothing of `skies`"));
        assert!(refusal("days_ready@7").contains("not a figure of a day"));
    }
}
