//! Ctrl-C, and what a system sends to end a program: the first asks a run to stop at the next block, the second ends it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::exit;

static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// From now on, the first signal asks to stop.
pub fn heed() {
    // Without it, a signal ends the program at once, and the last checkpoint counts.
    let _ = ctrlc::set_handler(|| {
        if IS_ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
    });
}

/// Whether somebody has asked to stop.
pub fn is_asked() -> bool {
    IS_ASKED.load(Ordering::Relaxed)
}
