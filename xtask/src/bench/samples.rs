//! Measured times, and how much memory a process has taken.

use std::fs;
use std::time::Duration;

/// Times of one thing done several times.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples {
    times: Vec<Duration>,
}

impl Samples {
    pub(super) fn add(&mut self, time: Duration) {
        self.times.push(time);
    }

    /// The middle, in milliseconds.
    pub(super) fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The time in milliseconds that this many percent are not longer than; nothing was ever measured in no time.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let mut times = self.times.clone();
        times.sort();
        let rank = (times.len() * percent).div_ceil(100).saturating_sub(1);
        times.get(rank).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }
}

impl Extend<Duration> for Samples {
    fn extend<T: IntoIterator<Item = Duration>>(&mut self, times: T) {
        self.times.extend(times);
    }
}

/// A line of `/proc/PID/status` in megabytes: `VmRSS`, or `VmHWM` for the most that there ever was. None of a process
/// that has ended.
pub(super) fn memory(pid: u32, line: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let found = status.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(':'))?;
    let kilobytes: f64 = found.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::{Samples, memory};
    use std::time::Duration;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let mut samples = Samples::default();
        samples.extend((1..=200).rev().map(Duration::from_millis));
        assert_eq!([samples.median(), samples.percentile(99)], [100.0, 198.0]);
    }

    #[test]
    fn without_a_measurement_there_is_no_number() {
        assert!(Samples::default().median().is_nan());
    }

    #[test]
    fn memory_is_read_in_megabytes() {
        // The kernel counts both apart and late, so they are not compared with each other.
        let us = std::process::id();
        assert!(memory(us, "VmHWM") > Some(0.5));
        assert!(memory(us, "VmRSS") > Some(0.5));
    }
}
