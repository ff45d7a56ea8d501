//! `ceasefire test`: judges the claims of scenarios.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::arguments::Test;
use super::baseline::Baseline;
use super::compared::Compared;
use super::scenario::{Checked, Meant, check, show};
use super::store::save;
use super::{Failure, Outcome, files, interrupt, play, repository, terminal};
use crate::diagnostic::{Severity, Sources};
use crate::model::{Claim, Model};
use crate::plan::Plan;
use crate::report::claims::{self, Counts, Fault, Place, Said, Scenario};
use crate::sampling::Source;
use crate::verdict::{Answer, Court, Judgement, questions};

/// The most futures of a scenario, if nothing else is said.
pub const MOST_TRIALS: u64 = 10_000_000;

/// Judges the claims of all scenarios, those of one after those of the other.
pub fn test(options: &Test) -> Outcome {
    interrupt::heed();
    play::heed_threads(options.threads);
    let files = files::scenarios(&options.files)?;
    refuse_overwriting(options)?;
    let baseline = options.baseline.as_deref();
    let baseline = baseline
        .map(|place| Baseline::open(place, files.len()))
        .transpose()?;
    let pool = play::pool(options.threads, u64::MAX)?;
    let (mut outcomes, mut unread) = (Vec::new(), None);
    for file in &files {
        let (outcome, failure) = judge(file, options, baseline.as_ref(), &pool)?;
        unread = unread.or(failure);
        let is_told = !options.json && (!options.quiet || !is_fine(&outcome));
        if is_told {
            let colour = terminal::stdout_has_colour();
            terminal::print(&claims::scenario(&outcome, colour, options.quiet))?;
        }
        outcomes.push(outcome);
    }
    write(options, &outcomes)?;
    if options.json {
        terminal::print(&text("json", &outcomes))?;
    } else if !options.quiet {
        terminal::print(&claims::summary(&outcomes))?;
    }
    unread.map_or_else(|| outcome(Counts::of(&outcomes)), Err)
}

/// Refuses to write over a scenario (behind `--junit` without a name stands what was to be judged), and two files in one place.
fn refuse_overwriting(options: &Test) -> Outcome {
    if options.junit.is_some() && options.junit == options.markdown {
        let message = "--junit and --markdown name one file; name two";
        return Err(Failure::Usage(message.to_owned()));
    }
    for (option, file) in [("--junit", &options.junit), ("--markdown", &options.markdown)] {
        let Some(file) = file else {
            continue;
        };
        let is_scenario = files::is_scenario(file);
        if is_scenario || file.is_dir() {
            let (name, what) = (file.display(), if is_scenario { "scenario" } else { "folder" });
            return Err(Failure::Usage(format!(
                "{option} would write over the {what} `{name}`; name a file for it"
            )));
        }
    }
    Ok(())
}

/// Whether there is nothing about a scenario that somebody must look at.
fn is_fine(outcome: &Scenario) -> bool {
    let holds = outcome.claims.iter().all(|claim| claim.answer == Answer::Holds);
    outcome.faults.is_empty() && !outcome.claims.is_empty() && holds
}

/// What the process answers: a scenario that cannot be judged weighs most, then a claim that fails.
fn outcome(counts: Counts) -> Outcome {
    if counts.faulty > 0 {
        Err(Failure::Shown)
    } else if counts.fail > 0 {
        Err(Failure::Off)
    } else if counts.undecided > 0 {
        Err(Failure::Undecided)
    } else {
        Ok(())
    }
}

/// Judges the claims of one scenario, and compares it with its earlier result. What cannot be read is told, and returned beside
/// the outcome: it keeps no other scenario from being judged.
fn judge(
    file: &Path,
    options: &Test,
    baseline: Option<&Baseline>,
    pool: &rayon::ThreadPool,
) -> Result<(Scenario, Option<Failure>), Failure> {
    let mut checked = check(file, &options.set);
    show(&checked, options.quiet);
    let mut outcome = Scenario {
        file: file.display().to_string(),
        faults: faults(&checked),
        trials: 0,
        seed: 0,
        claims: Vec::new(),
        took: Duration::ZERO,
        since: None,
    };
    let begun = Instant::now();
    let Some(meant) = checked.meant.take() else {
        return Ok((outcome, None));
    };
    outcome.seed = options.seed.unwrap_or(meant.model.simulation.seed());
    let judged = require_claims(&meant, options)
        .and_then(|()| claims_of(&meant, &checked, options, &mut outcome, pool));
    outcome.took = begun.elapsed();
    let judged = judged.and_then(|()| {
        let since = baseline.map(|baseline| baseline.since(&meant, options, pool));
        outcome.since = since.transpose()?;
        Ok(())
    });
    // What shows only when it is played, or compared, is the fault of this one scenario too.
    let (message, failure) = match judged {
        Ok(()) => return Ok((outcome, None)),
        Err(Failure::Usage(message)) => (message, None),
        Err(Failure::Io(message)) => (message, Some(Failure::ShownIo)),
        Err(stop) => return Err(stop),
    };
    terminal::complain(&format!("{}: {message}", outcome.file));
    outcome.faults.push(Fault { place: None, message });
    Ok((outcome, failure))
}

/// Refuses a scenario without claims, if there must be some.
fn require_claims(meant: &Meant, options: &Test) -> Outcome {
    if options.require_claims && meant.model.claims.is_empty() {
        let message =
            "it has no claims, and --require-claims asks for one at least; a claim is an [[expect]] table";
        return Err(Failure::Usage(message.to_owned()));
    }
    Ok(())
}

/// Judges the claims of a scenario that has a meaning.
fn claims_of(
    meant: &Meant,
    checked: &Checked,
    options: &Test,
    outcome: &mut Scenario,
    pool: &rayon::ThreadPool,
) -> Outcome {
    if meant.model.claims.is_empty() {
        return Ok(());
    }
    let plan = Plan::new(&meant.model);
    let Compared { models, places } = &checked.compared;
    let others: Vec<Plan> = models.iter().map(Plan::new).collect();
    let plans = std::iter::once(&plan).chain(&others).collect();
    let mut court = Court::new(plans, Source::random(outcome.seed), pool);
    for (claim, &other) in meant.model.claims.iter().zip(places) {
        let pair = other.map(|other| (&models[other], &others[other]));
        let asked = questions(claim, (&meant.model, &plan), pair)
            .map_err(|reason| Failure::Usage(format!("{}: {reason}", claim.address)))?;
        court.add(
            asked,
            other.map_or(0, |other| other + 1),
            confidence(claim, meant),
        );
    }
    let took = hear(&mut court, options)?;
    refuse_runaway(&court, meant, models)?;
    outcome.trials = court.played();
    let judged = meant.model.claims.iter().zip(court.judgements()).zip(took);
    outcome.claims = judged
        .map(|((claim, judgement), took)| claims::Claim {
            took,
            ..told(claim, judgement, meant, &checked.sources)
        })
        .collect();
    Ok(())
}

/// Plays until all is decided, or as long as it may take; returns how long it took until each claim was decided.
fn hear(court: &mut Court<'_>, options: &Test) -> Result<Vec<Duration>, Failure> {
    let most = options.max_trials.unwrap_or(MOST_TRIALS);
    let begun = Instant::now();
    let progress = super::progress::Progress::new(most, options.quiet, None);
    let mut took = vec![Duration::ZERO; court.judgements().len()];
    let mut is_open = vec![true; took.len()];
    while !court.is_decided() && court.played() < most && court.runaway().is_none() {
        let played = court.hear(most);
        for ((took, is_open), judgement) in took.iter_mut().zip(&mut is_open).zip(court.judgements()) {
            if *is_open {
                *took = begun.elapsed();
                *is_open = judgement.answer == Answer::Undecided;
            }
        }
        if !crate::study::run::Watch::played(&progress, played) {
            return Err(Failure::Interrupted);
        }
        if options.max_time.is_some_and(|time| begun.elapsed() >= time) {
            break;
        }
    }
    progress.finish();
    Ok(took)
}

/// A process that never rests is a fault of the scenario that it belongs to.
fn refuse_runaway(court: &Court<'_>, meant: &Meant, compared: &[Model]) -> Outcome {
    let Some((plan, runaway)) = court.runaway() else {
        return Ok(());
    };
    let model = match plan.checked_sub(1) {
        None => &meant.model,
        Some(other) => &compared[other],
    };
    play::refuse_runaway(model, Some(runaway))
}

/// The confidence with which a claim is judged.
fn confidence(claim: &Claim, meant: &Meant) -> f64 {
    claim.confidence.unwrap_or(meant.model.simulation.confidence())
}

/// What came of a claim.
fn told(claim: &Claim, judgement: Judgement, meant: &Meant, sources: &Sources) -> claims::Claim {
    let said = Said {
        metric: &claim.metric,
        subject: &claim.subject,
        day: claim.day,
        quantile: claim.quantile,
        compared_with: claim.compared_with.as_deref(),
        bounds: (claim.at_least, claim.at_most),
        start: meant.model.start,
    };
    claims::Claim {
        address: claim.address.clone(),
        file: sources.get(claim.span).name.clone(),
        line: sources.line_and_column(claim.span).0,
        words: said.words(),
        note: claim.note.clone(),
        answer: judgement.answer,
        confidence: confidence(claim, meant),
        found: found(&said, &judgement, &meant.model),
        means: judgement.means,
        took: Duration::ZERO,
    }
}

/// What was found of a claim, and why more futures would not tell.
fn found(said: &Said<'_>, judgement: &Judgement, model: &Model) -> String {
    let found = said.found(&judgement.means);
    if !judgement.is_beyond {
        return found;
    }
    let days = model.horizon;
    format!("{found} (both the quantile and its bound lie beyond the horizon of {days} d)")
}

/// The faults of a scenario.
fn faults(checked: &Checked) -> Vec<Fault> {
    let found = checked.diagnostics.in_order();
    let errors = found
        .into_iter()
        .filter(|found| found.severity == Severity::Error);
    errors
        .map(|fault| Fault {
            place: fault.place.as_ref().and_then(|(span, _)| {
                let (line, column) = checked.sources.line_and_column(*span);
                let file = checked.sources.get(*span).name.clone();
                // A value that was replaced stands in no file.
                (!file.starts_with("--set ")).then_some(Place { file, line, column })
            }),
            message: fault.message.clone(),
        })
        .collect()
}

/// Writes the files that were asked for, and speaks to GitHub where it listens.
fn write(options: &Test, outcomes: &[Scenario]) -> Outcome {
    let in_actions = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    if options.github || in_actions {
        // Workflow commands are read from either stream; stdout may be JSON.
        let outcomes: Vec<Scenario> = outcomes.iter().map(repository::seen_from).collect();
        terminal::show(text("github", &outcomes).trim_end());
    }
    for (name, file) in [("junit", &options.junit), ("markdown", &options.markdown)] {
        if let Some(file) = file {
            save(file, text(name, outcomes).as_bytes())?;
        }
    }
    if let Some(summary) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|_| in_actions) {
        append(&PathBuf::from(summary), &text("markdown", outcomes))?;
    }
    Ok(())
}

/// The outcome of all scenarios in a form.
fn text(form: &str, outcomes: &[Scenario]) -> String {
    String::from_utf8_lossy(&(claims::format(form).write)(outcomes)).into_owned()
}

/// Adds a text to a file.
fn append(path: &Path, text: &str) -> Outcome {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
        .map_err(|error| Failure::Io(format!("cannot write `{}`: {error}", path.display())))
}
