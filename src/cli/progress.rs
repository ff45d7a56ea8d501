//! Progress on stderr, where that is a terminal.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::trials::TrialsFile;
use super::{interrupt, store};
use crate::engine::Block;
use crate::study::run::{Watch, unpoisoned};

/// Shows trials played, trials a second and the time left, and hands blocks to the file of trials, if there is one.
pub struct Progress<'a> {
    bar: ProgressBar,
    trials: Option<&'a Mutex<TrialsFile>>,
    /// When the present stretch began, if there are stretches, and how long it may take before what has been counted is to be
    /// kept.
    begun: Mutex<Option<Instant>>,
    pace: Duration,
}

impl<'a> Progress<'a> {
    /// A bar over so many trials; hidden if `quiet` or if stderr is no terminal.
    pub fn new(count: u64, quiet: bool, trials: Option<&'a Mutex<TrialsFile>>) -> Self {
        let is_hidden = quiet || !std::io::stderr().is_terminal();
        let target = if is_hidden {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(count), target);
        let style =
            ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} trials, {speed}, {eta} left");
        let speed = |state: &ProgressState, text: &mut dyn Write| {
            let _ = write!(text, "{:.0} trials/s", state.per_sec());
        };
        bar.set_style(
            style
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .with_key("speed", speed),
        );
        Self {
            bar,
            trials,
            begun: Mutex::new(None),
            pace: store::pace(),
        }
    }

    /// Begins a stretch between two checkpoints.
    pub fn begin(&self) {
        *unpoisoned(self.begun.lock()) = Some(Instant::now());
    }

    fn is_due(&self) -> bool {
        unpoisoned(self.begun.lock()).is_some_and(|begun| begun.elapsed() >= self.pace)
    }

    /// How many trials it will be in all, as far as one can tell now.
    pub fn expect(&self, trials: u64) {
        self.bar.set_length(trials);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Progress<'_> {
    fn played(&self, trials: u64) -> bool {
        self.bar.inc(trials);
        let has_failed = |file: &Mutex<TrialsFile>| file.lock().is_ok_and(|file| file.has_failed());
        !interrupt::is_asked() && !self.is_due() && !self.trials.is_some_and(has_failed)
    }

    fn block(&self, number: u64, block: &Block) {
        if let Some(Ok(mut file)) = self.trials.map(Mutex::lock) {
            file.add(number, block);
        }
    }
}
