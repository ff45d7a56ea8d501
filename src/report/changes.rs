//! What has changed since an earlier result, in words and as a table.

use std::fmt::Write as _;

use serde::Serialize;

use super::number::{decimals, endless, thousands};
use crate::changes::{Change, Comparison};
use crate::estimate::Estimate;
use crate::metric::{SubjectKind, metric};
use crate::shown::{line, markdown, markdown_cell};

/// How a scenario stands to an earlier result.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Since {
    /// It was compared.
    Compared(Box<Changes>),
    /// It could not be.
    Nothing {
        /// Why, in words.
        reason: String,
    },
}

/// What has changed since an earlier result.
#[derive(Clone, Debug, Serialize)]
pub struct Changes {
    /// The folder of the earlier result.
    pub folder: String,
    /// Version of the program that made it.
    pub version: String,
    /// Futures of both.
    pub trials: u64,
    /// Where the draws of both start from.
    pub seed: u64,
    /// How they are spread.
    pub sampler: String,
    /// Confidence of all intervals.
    pub confidence: f64,
    /// Values of the scenario that are written differently.
    pub keys: Vec<Key>,
    /// Other files that it reads, whose text is another.
    pub files: Vec<String>,
    /// Why differences have the intervals of independent futures; none if they are known future by future, as far as figures have
    /// a mean.
    pub unpaired: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub figures: Comparison,
}

/// A value that is written differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Its address.
    pub address: String,
    /// How it was written; none if it was not.
    pub old: Option<String>,
    /// How it is written; none if it is not.
    pub new: Option<String>,
}

/// The most figures that are told in words.
const MOST_FIGURES: usize = 20;

/// The most values that are told in words.
const MOST_KEYS: usize = 40;

/// The longest text of a value that is told whole.
const LONGEST: usize = 40;

impl Changes {
    /// How many figures changed, in words.
    #[must_use]
    pub fn counted(&self) -> String {
        let Comparison {
            compared, changes, ..
        } = &self.figures;
        if changes.is_empty() {
            return format!("all of {} figures are as they were", count(*compared));
        }
        let beyond = changes.iter().filter(|change| change.is_beyond_noise).count();
        format!(
            "{} of {} figures changed, {} beyond noise",
            count(changes.len()),
            count(*compared),
            count(beyond)
        )
    }

    /// The changes beyond noise that say most: of days only the last; the mission and its objectives first, then what is
    /// clearest.
    fn foremost(&self) -> Vec<&Change> {
        let last = self.figures.changes.iter().filter_map(|change| change.day).max();
        let mut found: Vec<&Change> = self
            .figures
            .changes
            .iter()
            .filter(|change| change.is_beyond_noise && (change.day.is_none() || change.day == last))
            .collect();
        found.sort_by(|one, other| {
            rank(one)
                .cmp(&rank(other))
                .then_with(|| clarity(other).total_cmp(&clarity(one)))
        });
        found
    }

    /// What the comparison rests on, in words; `shown` is how what comes from outside is shown.
    fn foundation(&self, shown: fn(&str) -> String) -> String {
        let (trials, seed) = (thousands(self.trials as f64, 0), self.seed);
        match &self.unpaired {
            None => format!("({trials} futures, seed {seed}, the same then and now)"),
            Some(reason) => format!(
                "({trials} futures, seed {seed}; {}, so intervals are those of independent futures)",
                shown(reason)
            ),
        }
    }
}

fn count(number: usize) -> String {
    thousands(number as f64, 0)
}

/// What is told first: the mission, then its objectives.
fn rank(change: &Change) -> u8 {
    match SubjectKind::of(&change.subject) {
        Some(SubjectKind::Mission) => 0,
        Some(SubjectKind::Objective) => 1,
        _ => 2,
    }
}

/// How many lengths of its interval a difference is.
fn clarity(change: &Change) -> f64 {
    change.difference.map_or(0.0, |difference| {
        difference.estimate.abs() / (difference.high - difference.low).max(f64::MIN_POSITIVE)
    })
}

impl Since {
    /// What it says, a few lines that are indented.
    #[must_use]
    pub fn words(&self) -> String {
        let changes = match self {
            Self::Nothing { reason } => return format!("  not compared: {}\n", line(reason)),
            Self::Compared(changes) => changes,
        };
        let mut text = format!(
            "  since {} {}\n",
            line(&changes.folder),
            changes.foundation(|reason| line(reason).into_owned())
        );
        if changes.keys.is_empty() && changes.files.is_empty() {
            text += "    no key of the scenario changed\n";
        }
        for key in changes.keys.iter().take(MOST_KEYS) {
            let _ = writeln!(text, "    {}", line(&in_words(key)));
        }
        text += &more(changes.keys.len(), MOST_KEYS, "keys");
        for file in &changes.files {
            let _ = writeln!(text, "    the text of {} changed", line(file));
        }
        let _ = writeln!(text, "    {}", changes.counted());
        for (subjects, what) in subjects(&changes.figures) {
            let _ = writeln!(text, "    {what}: {}", line(&subjects.join(", ")));
        }
        let foremost = changes.foremost();
        for change in foremost.iter().take(MOST_FIGURES) {
            let _ = writeln!(text, "      {}: {}", line(&name(change)), told(change));
        }
        text + &more(foremost.len(), MOST_FIGURES, "figures of the last day or of none")
    }

    /// The same in Markdown, under a heading.
    #[must_use]
    pub fn markdown(&self, file: &str) -> String {
        let changes = match self {
            Self::Nothing { reason } => {
                return format!("\n{} is not compared: {}\n", markdown(file), markdown(reason));
            }
            Self::Compared(changes) => changes,
        };
        let (folder, foundation) = (
            markdown(&changes.folder),
            changes.foundation(|reason| line(reason).into_owned()),
        );
        let mut text = format!("\n### {} since {folder} {foundation}\n\n", markdown(file));
        for key in &changes.keys {
            let _ = writeln!(text, "- {}", markdown(&in_words(key)));
        }
        for file in &changes.files {
            let _ = writeln!(text, "- the text of {} changed", markdown(file));
        }
        for (subjects, what) in subjects(&changes.figures) {
            let subjects: Vec<String> = subjects.iter().map(|subject| markdown(subject)).collect();
            let _ = writeln!(text, "- {what}: {}", subjects.join(", "));
        }
        let _ = writeln!(text, "- {}", changes.counted());
        let foremost = changes.foremost();
        if !foremost.is_empty() {
            text += "\n| figure | change |\n| --- | --- |\n";
        }
        for change in foremost.iter().take(MOST_FIGURES) {
            let _ = writeln!(text, "| {} | {} |", markdown_cell(&name(change)), told(change));
        }
        text
    }
}

/// Subjects that only one of the results has.
fn subjects(figures: &Comparison) -> impl Iterator<Item = (&Vec<String>, &'static str)> {
    [(&figures.gone, "told of no more"), (&figures.added, "new")]
        .into_iter()
        .filter(|(subjects, _)| !subjects.is_empty())
}

/// A line for what is not told.
fn more(count: usize, most: usize, what: &str) -> String {
    match count.checked_sub(most) {
        None | Some(0) => String::new(),
        Some(rest) => format!("      and {rest} more {what}; --json has all\n"),
    }
}

/// A value then and now: `us_support.logistics.chance: 0.35 → 0.4`.
fn in_words(key: &Key) -> String {
    let side = |value: &Option<String>| -> String {
        let Some(value) = value else {
            return "(none)".to_owned();
        };
        if value.chars().count() <= LONGEST {
            return value.clone();
        }
        value.chars().take(LONGEST).chain(['…']).collect()
    };
    format!("{}: {} → {}", key.address, side(&key.old), side(&key.new))
}

/// The name of a figure for people.
fn name(change: &Change) -> String {
    let day = change
        .day
        .map_or_else(String::new, |day| format!(" on day {day}"));
    format!("{}: {}{day}", change.subject, change.metric)
}

/// A figure then and now, with the difference: `9.93 % → 10.61 %, +0.68 (+0.62 to +0.74)`.
fn told(change: &Change) -> String {
    let is_part =
        metric(&change.metric).is_some_and(|(metric, _)| matches!(metric.unit, "probability" | "share"));
    let (by, unit) = if is_part { (100.0, " %") } else { (1.0, "") };
    let half_width = |figure: &Estimate| by * (figure.high - figure.low) / 2.0;
    let decimals = decimals(half_width(change.difference.as_ref().unwrap_or(&change.old)));
    let figure = |figure: &Estimate| {
        if figure.estimate.is_finite() {
            format!("{}{unit}", thousands(by * figure.estimate, decimals))
        } else {
            endless(&change.metric).to_owned()
        }
    };
    let mut text = format!("{} → {}", figure(&change.old), figure(&change.new));
    if let Some(difference) = change.difference {
        let [estimate, low, high] = [difference.estimate, difference.low, difference.high].map(|value| {
            let sign = if value < 0.0 { "" } else { "+" };
            format!("{sign}{}", thousands(by * value, decimals))
        });
        let _ = write!(text, ", {estimate} ({low} to {high})");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn change(subject: &str, metric: &str, day: Option<u64>, old: f64, new: f64) -> Change {
        Change {
            subject: subject.to_owned(),
            metric: metric.to_owned(),
            day,
            old: sample::figure(old, old - 0.01, old + 0.01),
            new: sample::figure(new, new - 0.01, new + 0.01),
            difference: Some(sample::figure(new - old, new - old - 0.002, new - old + 0.002)),
            is_beyond_noise: true,
        }
    }

    fn changes() -> Changes {
        Changes {
            folder: "results/old".to_owned(),
            version: "0.1.0".to_owned(),
            trials: 200_000,
            seed: 1,
            sampler: "random".to_owned(),
            confidence: 0.95,
            keys: vec![Key {
                address: "us_support.logistics.chance".to_owned(),
                old: Some("0.35".to_owned()),
                new: Some("0.4".to_owned()),
            }],
            files: vec!["delays.csv".to_owned()],
            unpaired: None,
            figures: Comparison {
                compared: 100,
                changes: vec![
                    change("gates.a|b", "lost", None, 0.3, 0.2),
                    change("mission", "ready_by", Some(365), 0.1, 0.12),
                    change("mission", "ready_by", Some(540), 0.2, 0.25),
                ],
                gone: vec!["conditions.talks".to_owned()],
                added: Vec::new(),
            },
        }
    }

    #[test]
    fn changes_are_told_in_words() {
        let words = Since::Compared(Box::new(changes())).words();
        let expected = "  since results/old (200,000 futures, seed 1, the same then and now)
    us_support.logistics.chance: 0.35 → 0.4
    the text of delays.csv changed
    3 of 100 figures changed, 3 beyond noise
    told of no more: conditions.talks
      mission: ready_by on day 540: 20.0 % → 25.0 %, +5.0 (+4.8 to +5.2)
      gates.a|b: lost: 30.0 % → 20.0 %, -10.0 (-10.2 to -9.8)
";
        assert_eq!(words, expected);
    }

    #[test]
    fn nothing_is_told_as_nothing() {
        let unchanged = Changes {
            keys: Vec::new(),
            files: Vec::new(),
            unpaired: Some("why".to_owned()),
            figures: Comparison {
                compared: 7,
                ..Comparison::default()
            },
            ..changes()
        };
        let words = Since::Compared(Box::new(unchanged)).words();
        assert!(words.contains("no key of the scenario changed\n    all of 7 figures are as they were\n"));
        assert!(words.contains("seed 1; why, so intervals"), "{words}");
        let nothing = Since::Nothing {
            reason: "there is none".to_owned(),
        };
        assert_eq!(nothing.words(), "  not compared: there is none\n");
    }

    #[test]
    fn cells_of_the_table_end_where_they_should() {
        let text = Since::Compared(Box::new(changes())).markdown("plan.toml");
        assert!(text.contains("| `gates.a\\|b: lost` | 30.0 % → 20.0 %"), "{text}");
        assert!(
            text.contains("- `us_support.logistics.chance: 0.35 → 0.4`"),
            "{text}"
        );
    }

    #[test]
    fn what_never_happens_is_beyond() {
        let never = Change {
            old: sample::figure(250.0, 249.5, 250.5),
            new: sample::figure(f64::INFINITY, 400.0, f64::INFINITY),
            difference: None,
            ..change("mission", "time_p50", None, 250.0, 0.0)
        };
        assert_eq!(told(&never), "250.0 → beyond");
        let long = Key {
            address: "title".to_owned(),
            old: None,
            new: Some("x".repeat(100)),
        };
        assert_eq!(
            in_words(&long).chars().count(),
            "title: (none) → ".chars().count() + 41
        );
    }
}
