//! Ctrl-C, and what a system sends to end a program: the first asks a run to stop at the next block, the second ends it. A program
//! that has not stopped after a moment is ended too, whatever it does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{exit, terminal};

static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// How long a program that is asked to stop may take to keep what it has.
const PATIENCE: Duration = Duration::from_millis(1_800);

/// From now on, the first signal asks to stop.
pub fn heed() {
    // Without it, a signal ends the program at once, and the last checkpoint counts.
    let _ = ctrlc::set_handler(|| {
        if IS_ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
        std::thread::spawn(end_after_patience);
    });
}

/// Ends a program that is at something long, such as a large file; a kill at any moment does no harm either.
fn end_after_patience() {
    std::thread::sleep(PATIENCE);
    tell_unfinished();
    std::process::exit(i32::from(exit::INTERRUPTED));
}

/// Says that a program ends without keeping what it was at, whoever says so first.
pub fn tell_unfinished() {
    static IS_TOLD: AtomicBool = AtomicBool::new(false);
    if !IS_TOLD.swap(true, Ordering::Relaxed) {
        terminal::tell("stopped: what was being done is not kept; the same command does it again");
    }
}

/// Whether somebody has asked to stop.
pub fn is_asked() -> bool {
    IS_ASKED.load(Ordering::Relaxed)
}

/// From now on, a file that grows beyond the limit of the system fails to be written, and does not end the program.
pub fn heed_file_limit() {
    #[cfg(unix)]
    {
        // That there is something that heeds the signal is enough: writing then says what is wrong.
        let heard = std::sync::Arc::new(AtomicBool::new(false));
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, heard);
    }
}
