//! Processor time: what a bench measures, since it does not count what other programs take.

use std::time::Duration;

/// Processor time of the whole process, all threads together, while `work` runs.
#[cfg(unix)]
pub fn processor_time(work: impl FnOnce()) -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(
            time.tv_sec.unsigned_abs(),
            u32::try_from(time.tv_nsec).unwrap_or(0),
        )
    };
    let start = now();
    work();
    now().saturating_sub(start)
}

/// The time that `work` takes, where processor time is not to be had.
#[cfg(not(unix))]
pub fn processor_time(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}
