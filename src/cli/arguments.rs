//! What can be written on the command line.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PathBufValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueHint};

use super::play::MOST_THREADS;
use crate::axes::Combination;
use crate::axes::file::COMBINATIONS;
use crate::sampling::{Method, SAMPLERS, sampler};

/// How likely is a reassurance mission to be ready, by when, and what holds it back?
#[derive(Debug, Parser)]
#[command(
    name = "ceasefire",
    version = crate::VERSION,
    about,
    max_term_width = 100,
    after_help = "Examples:
  ceasefire new plan.toml                       write a small commented scenario
  ceasefire validate plan.toml                  check it
  ceasefire run plan.toml                       play it, and answer
  ceasefire trace plan.toml --trial 7           tell one of its futures
  ceasefire test plan.toml                      judge what it claims about its results
  ceasefire run plan.toml --set us_support.logistics.chance=0.8

Exit codes: 0 all is well, 1 a claim or a check of `selftest` failed, 2 the command line or a scenario is wrong, 3 a claim is undecided, 4 reading or writing failed."
)]
pub struct Arguments {
    /// When to use colour; `NO_COLOR` and `CLICOLOR_FORCE` are heeded
    #[arg(
        long = "color",
        alias = "colour",
        global = true,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub colour: Colour,
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Colour {
    /// Where the output is a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    /// Makes the choice count for all output.
    pub fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Play a scenario many times and say how likely the mission is to be ready, by when, and what holds it back
    Run(Run),
    /// Put the parts of a run together, to the same result as one run
    Merge(Merge),
    /// Report all faults of all scenarios at once
    Validate(Validate),
    /// Print a scenario as understood, in plain words, with every default filled in
    Explain(Explain),
    /// Replay single futures, as a story or as JSON with every draw
    Trace(Trace),
    /// Play a scenario at many points, on the same futures: values of a few addresses, together or one by one
    Sweep(Sweep),
    /// Judge the claims that scenarios make about their results
    Test(Test),
    /// Write a small commented scenario to start from
    New(New),
    /// Print the JSON Schema of the scenario language, for editors
    Schema,
    /// Try the program on what is known exactly: figures, distributions and intervals
    Selftest(Selftest),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// A scenario, and what is changed in it.
#[derive(Args, Debug)]
pub struct Chosen {
    /// The scenario
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Replace one value, such as `us_support.logistics.chance=0.8`; `*` stands for any key; may be repeated
    #[arg(long = "set", value_name = "ADDRESS=VALUE")]
    pub set: Vec<String>,
}

/// Options of `run`.
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  ceasefire run scenarios/baseline.toml
  ceasefire run scenarios --dry-run
  ceasefire run scenarios/baseline.toml --trials 1_000_000 --seed 7
  ceasefire run scenarios/baseline.toml --precision 0.002 --max-time 10min
  ceasefire run scenarios/baseline.toml --sampler sobol --trials 131_072
  ceasefire run scenarios/baseline.toml --set us_support.logistics.chance=0.8 --out results/more-logistics
  ceasefire run scenarios/baseline.toml --json --quiet --out results/answer > answer.json
  ceasefire run scenarios/*.toml
  ceasefire run scenarios/baseline.toml --shard 3/10")]
pub struct Run {
    /// The scenarios: files, folders (their *.toml) and patterns
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// Replace one value in each, such as `us_support.logistics.chance=0.8`; `*` stands for any key; may be repeated
    #[arg(long = "set", value_name = "ADDRESS=VALUE")]
    pub set: Vec<String>,
    /// How many futures to play [default: the scenario's, or 200000]
    #[arg(long, value_name = "N", value_parser = count)]
    pub trials: Option<u64>,
    /// Play until the half-width of a figure's interval is at most this, such as 0.002
    #[arg(long, value_name = "HALFWIDTH", value_parser = half_width, conflicts_with = "trials")]
    pub precision: Option<f64>,
    /// The figure that --precision is of, such as `objectives.safe_skies:ready_by@365` [default: `ready_by`]
    #[arg(long, value_name = "[SUBJECT:]METRIC[@DAY]", requires = "precision")]
    pub metric: Option<String>,
    /// The most futures that --precision may take [default: 1000000000]
    #[arg(long, value_name = "N", value_parser = count, requires = "precision")]
    pub max_trials: Option<u64>,
    /// The longest time that --precision may take, such as 90s, 10min or 2h [default: none]
    #[arg(long, value_name = "TIME", value_parser = time, requires = "precision")]
    pub max_time: Option<Duration>,
    /// Add --trials more futures to the result that is there
    #[arg(long, requires = "trials", conflicts_with_all = ["precision", "force"])]
    pub extend: bool,
    /// Where the draws start from; the same seed gives the same futures [default: the scenario's, or 1]
    #[arg(long, value_name = "N", value_parser = whole)]
    pub seed: Option<u64>,
    /// How the draws of the futures are spread [default: the scenario's, or random]
    #[arg(long, value_name = "SAMPLER", value_parser = method())]
    pub sampler: Option<Method>,
    /// How many threads to use, at most 256; the result does not depend on it [default: one for each core]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub threads: Option<u64>,
    /// Confidence of the intervals, between 0 and 1 [default: the scenario's, or 0.95]
    #[arg(long, value_name = "C", value_parser = confidence)]
    pub confidence: Option<f64>,
    /// Play one part of the futures only, such as 3/10; `merge` puts parts together
    #[arg(long, value_name = "PART/PARTS", value_parser = shard, conflicts_with_all = ["precision", "extend", "json"])]
    pub shard: Option<Shard>,
    /// The folder to write [default: results/NAME, with NAME from the file and what was set]; of several scenarios, the folder of their folders
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, value_parser = place())]
    pub out: Option<PathBuf>,
    /// Play again what is up to date, and replace a result of another scenario
    #[arg(long)]
    pub force: bool,
    /// Only say how many futures there are, and about how long and how much they take
    #[arg(long = "dry-run")]
    pub is_dry: bool,
    /// Also write trials.csv, with a row for each trial
    #[arg(long)]
    pub trials_csv: bool,
    /// Begin CSV files with a byte-order mark, by which Excel knows that they are UTF-8
    #[arg(long)]
    pub excel: bool,
    /// Print the whole result as JSON instead of the answer in words
    #[arg(long)]
    pub json: bool,
    /// Print no progress, no warnings and no answer in words
    #[arg(long, short)]
    pub quiet: bool,
}

/// Options of `merge`.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  ceasefire merge results/baseline.part-*")]
pub struct Merge {
    /// The folders of all parts, in any order
    #[arg(value_name = "FOLDER", required = true, value_hint = ValueHint::DirPath)]
    pub folders: Vec<PathBuf>,
    /// The folder to write [default: NAME beside the first part]
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, value_parser = place())]
    pub out: Option<PathBuf>,
    /// Replace a result of another scenario
    #[arg(long)]
    pub force: bool,
    /// Print the whole result as JSON instead of the answer in words
    #[arg(long)]
    pub json: bool,
    /// Print no warnings and no answer in words
    #[arg(long, short)]
    pub quiet: bool,
}

/// One of several parts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shard {
    /// Its number, from 1.
    pub number: u64,
    /// How many there are.
    pub of: u64,
}

impl Shard {
    /// Its share of the numbers from 1 to `all`.
    pub fn share(self, all: u64) -> Range<u64> {
        let end = |part: u64| {
            let end = u128::from(all) * u128::from(part) / u128::from(self.of);
            u64::try_from(end).unwrap_or(all)
        };
        1 + end(self.number - 1)..1 + end(self.number)
    }
}

/// Options of `validate`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  ceasefire validate scenarios
  ceasefire validate plan.toml --json")]
pub struct Validate {
    /// The scenarios: files, folders (their *.toml) and patterns
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// Replace one value in each of them; may be repeated
    #[arg(long = "set", value_name = "ADDRESS=VALUE")]
    pub set: Vec<String>,
    /// Print the faults as JSON on stdout
    #[arg(long)]
    pub json: bool,
    /// Print nothing for scenarios without faults, and no warnings
    #[arg(long, short)]
    pub quiet: bool,
}

/// Options of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    #[command(flatten)]
    pub chosen: Chosen,
}

/// Options of `trace`.
#[derive(Args, Debug)]
#[command(
    group(clap::ArgGroup::new("which").args(["trial", "trials"])),
    after_help = "Examples:
  ceasefire trace scenarios/baseline.toml --trial 7
  ceasefire trace scenarios/baseline.toml --trials 0..100 --json
  ceasefire trace results/baseline/trials.csv --row 9
  ceasefire trace results/batch.csv --row 1500 --trial 7"
)]
pub struct Trace {
    #[command(flatten)]
    pub chosen: Chosen,
    /// The trial to replay, from 0
    #[arg(long, value_name = "N", value_parser = trial)]
    pub trial: Option<u64>,
    /// The trials from A up to, not including, B
    #[arg(long, value_name = "A..B", value_parser = range)]
    pub trials: Option<Range<u64>>,
    /// What a row of a CSV file of results came of, as a spreadsheet counts rows: the header is row 1
    #[arg(long, value_name = "N", value_parser = whole, conflicts_with_all = ["set", "seed", "sampler"])]
    pub row: Option<u64>,
    /// Which point, if it is the result of a sweep; 0 is the scenario as it stands
    #[arg(long, value_name = "N", value_parser = whole)]
    pub point: Option<u64>,
    /// Where the draws start from [default: the scenario's, or 1]
    #[arg(long, value_name = "N", value_parser = whole)]
    pub seed: Option<u64>,
    /// How the draws of the futures are spread [default: the scenario's, or random]
    #[arg(long, value_name = "SAMPLER", value_parser = method())]
    pub sampler: Option<Method>,
    /// Print one JSON object a line and trial, with full precision
    #[arg(long)]
    pub json: bool,
}

/// Options of `sweep`.
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Args, Debug)]
#[command(after_help = "Axes:
  ADDRESS=FROM:TO:STEP    steps, the end if one falls there us_support.logistics.chance=0:1:0.1
  ADDRESS=FROM:TO:linN    N values in equal steps           us_support.logistics.chance=0:1:lin11
  ADDRESS=FROM:TO:logN    N values in equal ratios          ceasefire.after.weibull.scale=50:800:log5
  ADDRESS=A,B,C           TOML values, as in a file         'horizon=\"1y\",\"2y\"'
  ADDRESS*=A,B,C          what stands there, times factors  'contributors.*.chance*=0.5,1,1.5'
  ADDRESS=FROM..TO        a range, for a --design           us_support.logistics.chance=0..1
  ONE & OTHER=…           several that move together

Examples:
  ceasefire sweep scenarios/baseline.toml --axis us_support.logistics.chance=0:1:0.1
  ceasefire sweep scenarios/baseline.toml --axis us_support.logistics.chance=0:1:0.25 --axis 'contributors.*.chance*=0.5,1,1.5'
  ceasefire sweep scenarios/sweeps/us_support.toml --dry-run
  ceasefire sweep scenarios/baseline.toml --axis us_support.logistics.chance=0:1:0.01 --shard 3/10")]
pub struct Sweep {
    /// The scenario, or a file that describes a sweep
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// What is varied, and its values; may be repeated
    #[arg(long, value_name = "AXIS")]
    pub axis: Vec<String>,
    /// How several axes are put together [default: grid]
    #[arg(long, value_name = "HOW", value_parser = combination(), conflicts_with = "design")]
    pub combine: Option<Combination>,
    /// Spread points evenly over all axes, which are ranges then
    #[arg(long, value_name = "METHOD", value_parser = design())]
    pub design: Option<Method>,
    /// How many points a design has
    #[arg(long, value_name = "N", value_parser = count, default_value = "64", requires = "design")]
    pub design_points: u64,
    /// Where the spreading of a design starts from
    #[arg(long, value_name = "N", value_parser = whole, default_value = "1", requires = "design")]
    pub design_seed: u64,
    /// A figure that is wanted, such as `objectives.safe_skies:ready_by@365`; may be repeated [default: the usual ones]
    #[arg(long, value_name = "[SUBJECT:]METRIC[@DAY]")]
    pub metric: Vec<String>,
    /// Replace one value of the scenario before it is varied; may be repeated
    #[arg(long = "set", value_name = "ADDRESS=VALUE")]
    pub set: Vec<String>,
    /// Only check and list the points
    #[arg(long)]
    pub points: bool,
    /// Only say how many points and futures there are, and about how long and how much they take
    #[arg(long, conflicts_with = "points")]
    pub dry_run: bool,
    /// Play a part of the points, such as 3/10: the third of ten
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// How many futures each point has [default: the scenario's, or 200000]
    #[arg(long, value_name = "N", value_parser = count)]
    pub trials: Option<u64>,
    /// Where the draws start from, the same for all points [default: the scenario's, or 1]
    #[arg(long, value_name = "N", value_parser = whole)]
    pub seed: Option<u64>,
    /// How the draws of the futures are spread [default: the scenario's, or random]
    #[arg(long, value_name = "SAMPLER", value_parser = method())]
    pub sampler: Option<Method>,
    /// How many threads to use, at most 256; the result does not depend on it [default: one for each core]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub threads: Option<u64>,
    /// Confidence of the intervals, between 0 and 1 [default: the scenario's, or 0.95]
    #[arg(long, value_name = "C", value_parser = confidence)]
    pub confidence: Option<f64>,
    /// The folder to write [default: results/NAME-sweep, with NAME from the file and what was set]
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, value_parser = place())]
    pub out: Option<PathBuf>,
    /// Replace a result of another scenario
    #[arg(long)]
    pub force: bool,
    /// Print the points as JSON instead of a plot
    #[arg(long)]
    pub json: bool,
    /// Print no progress, no warnings and no plot
    #[arg(long, short)]
    pub quiet: bool,
}

/// Options of `test`.
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  ceasefire test scenarios
  ceasefire test 'plans/*.toml' --max-time 2min --junit claims.xml
  ceasefire test plan.toml --set us_support.logistics.chance=0.8
  ceasefire test plan.toml --baseline results/old

Exit codes: 0 every claim holds, 1 one fails, 2 the command line or a scenario is wrong, 3 one is undecided, 4 reading or writing failed.")]
pub struct Test {
    /// The scenarios: files, folders (their *.toml) and patterns
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// Replace one value in each of them; may be repeated
    #[arg(long = "set", value_name = "ADDRESS=VALUE")]
    pub set: Vec<String>,
    /// The most futures of each scenario; what is not decided by then is undecided [default: 10000000]
    #[arg(long, value_name = "N", value_parser = count)]
    pub max_trials: Option<u64>,
    /// The longest time for each scenario, such as 90s, 10min or 2h [default: none]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub max_time: Option<Duration>,
    /// Where the draws start from [default: the scenario's, or 1]
    #[arg(long, value_name = "N", value_parser = whole)]
    pub seed: Option<u64>,
    /// How many threads to use, at most 256 [default: one for each core]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub threads: Option<u64>,
    /// Refuse a scenario that claims nothing, instead of passing it
    #[arg(long)]
    pub require_claims: bool,
    /// Also say what has changed since an earlier result: a folder that `run` has written, or one that holds several
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub baseline: Option<PathBuf>,
    /// Also write the outcome as the XML of `JUnit`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = place())]
    pub junit: Option<PathBuf>,
    /// Also write the outcome as a table in Markdown
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = place())]
    pub markdown: Option<PathBuf>,
    /// Also print annotations of GitHub Actions on stderr; on by itself there
    #[arg(long)]
    pub github: bool,
    /// Print the outcome as JSON instead of words
    #[arg(long)]
    pub json: bool,
    /// Print only what does not hold, and no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Options of `new`.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  ceasefire new plan.toml && ceasefire run plan.toml")]
pub struct New {
    /// The file to write
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Replace a file that exists
    #[arg(long)]
    pub force: bool,
}

/// Options of `selftest`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  ceasefire selftest
  ceasefire selftest --quick
  ceasefire selftest --trials 100_000_000 --repetitions 1000 --seed 7")]
pub struct Selftest {
    /// How many futures of each scenario, and draws of each family, of these at most 1000000 [default: 1000000]
    #[arg(long, value_name = "N", value_parser = count)]
    pub trials: Option<u64>,
    /// How many intervals of each kind [default: 10000]
    #[arg(long, value_name = "N", value_parser = count)]
    pub repetitions: Option<u64>,
    /// Be less thorough: 50000 futures, 1000 intervals
    #[arg(long)]
    pub quick: bool,
    /// Where the draws start from [default: 1]
    #[arg(long, value_name = "N", value_parser = whole, default_value = "1", hide_default_value = true)]
    pub seed: u64,
    /// Print all that was found as JSON instead of tables
    #[arg(long)]
    pub json: bool,
}

/// Options of `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// The name of a sampler.
fn method() -> impl TypedValueParser<Value = Method> {
    let names = SAMPLERS
        .iter()
        .map(|sampler| PossibleValue::new(sampler.name).help(sampler.summary));
    PossibleValuesParser::new(names)
        .map(|name| sampler(&name).map_or_else(Method::default, |known| known.method))
}

/// The name of a way to put axes together.
fn combination() -> impl TypedValueParser<Value = Combination> {
    let names = COMBINATIONS.map(|(name, _)| name);
    PossibleValuesParser::new(names).map(|name| {
        let found = COMBINATIONS.iter().find(|(known, _)| *known == name);
        found.map_or_else(Combination::default, |(_, combination)| *combination)
    })
}

/// The name of a sampler that spreads points evenly.
fn design() -> impl TypedValueParser<Value = Method> {
    let names = super::sweep::designs().map(|sampler| PossibleValue::new(sampler.name));
    PossibleValuesParser::new(names)
        .map(|name| sampler(&name).map_or_else(Method::default, |known| known.method))
}

/// A whole number, in which `_` may group digits.
fn whole(text: &str) -> Result<u64, String> {
    text.replace('_', "")
        .parse()
        .map_err(|_| "a whole number is expected, such as 200000 or 200_000".to_owned())
}

/// A whole number of at least 1.
fn count(text: &str) -> Result<u64, String> {
    whole(text).and_then(|count| {
        if count == 0 {
            Err("at least 1 is expected".to_owned())
        } else {
            Ok(count)
        }
    })
}

/// The number of a trial, which has one after it.
fn trial(text: &str) -> Result<u64, String> {
    let last = u64::MAX - 1;
    whole(text).and_then(|trial| {
        if trial > last {
            Err(format!("the last trial is {last}"))
        } else {
            Ok(trial)
        }
    })
}

/// `PART/PARTS`, counted from 1.
fn shard(text: &str) -> Result<Shard, String> {
    let expected = || "a part such as 3/10 is expected, the third of ten".to_owned();
    let (number, of) = text.split_once('/').ok_or_else(expected)?;
    let (number, of) = (count(number)?, count(of)?);
    if number > of {
        return Err(expected());
    }
    Ok(Shard { number, of })
}

/// A place that is to be written.
fn place() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(super::store::without_parents)
}

/// A number of threads: each has a tally of its own, so their number has a limit.
fn threads(text: &str) -> Result<u64, String> {
    count(text).and_then(|count| {
        if count > MOST_THREADS {
            Err(format!("at most {MOST_THREADS} are possible"))
        } else {
            Ok(count)
        }
    })
}

/// A half-width: a number above 0.
fn half_width(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(half_width) if half_width > 0.0 && half_width.is_finite() => Ok(half_width),
        _ => Err("a number above 0 is expected, such as 0.002 for 0.2 percentage points".to_owned()),
    }
}

/// A time: a number of seconds, or one with its unit.
fn time(text: &str) -> Result<Duration, String> {
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let seconds = match &text[number.len()..] {
        "" | "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        _ => f64::NAN,
    };
    let time = number.parse::<f64>().map(|number| number * seconds);
    time.ok()
        .filter(|&time| time > 0.0)
        .and_then(|time| Duration::try_from_secs_f64(time).ok())
        .ok_or_else(|| "a time is expected, such as 90s, 10min or 2h".to_owned())
}

fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(confidence) if confidence > 0.0 && confidence < 1.0 => Ok(confidence),
        _ => Err("a number between 0 and 1 is expected, such as 0.95".to_owned()),
    }
}

/// `A..B`, with A before B.
fn range(text: &str) -> Result<Range<u64>, String> {
    let expected = || "a range such as 0..100 is expected, the first before the last".to_owned();
    let (first, last) = text.split_once("..").ok_or_else(expected)?;
    let range = whole(first)?..whole(last)?;
    if range.is_empty() {
        Err(expected())
    } else {
        Ok(range)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn numbers_may_be_grouped_and_ranges_are_half_open() {
        assert_eq!(whole("200_000"), Ok(200_000));
        assert_eq!(range("3..5"), Ok(3..5));
        assert_eq!(shard("3/10"), Ok(Shard { number: 3, of: 10 }));
        assert!(shard("0/3").is_err() && shard("4/3").is_err() && shard("3").is_err());
        assert!(range("5..5").is_err() && range("5").is_err() && count("0").is_err());
        assert!(confidence("95").is_err());
        assert!(half_width("0").is_err() && half_width("inf").is_err() && half_width("2e-3") == Ok(0.002));
    }

    #[test]
    fn shards_cover_the_whole_without_overlap() {
        for (all, count) in [(0, 3), (1, 3), (10, 3), (101, 10), (u64::MAX - 1, 7)] {
            let parts: Vec<Range<u64>> = (1..=count)
                .map(|number| Shard { number, of: count }.share(all))
                .collect();
            assert_eq!(
                (parts[0].start, parts.last().map(|part| part.end)),
                (1, Some(all + 1))
            );
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }

    #[test]
    fn times_have_units() {
        assert_eq!(time("90"), Ok(Duration::from_secs(90)));
        assert_eq!(time("1.5min"), time("90s"));
        assert_eq!(time("2h"), Ok(Duration::from_hours(2)));
        for wrong in ["", "s", "0s", "-1s", "5 days", "3d", "inf", "nan"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
