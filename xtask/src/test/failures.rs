//! What failing tests said, kept for the end: of a long run only the end is looked at, and often only the end is kept.

/// Lines kept of each program of tests, at most.
const LINES: usize = 40;

/// Reads what `cargo test` prints, line by line.
#[derive(Default)]
pub(super) struct Failures {
    kept: Vec<String>,
    /// Lines kept of the program that prints its failures now.
    of_this: Option<usize>,
}

impl Failures {
    /// A program of tests lists what its failing tests said between `failures:` and its `test result:`.
    pub(super) fn read(&mut self, line: &str) {
        if line == "failures:" && self.of_this.is_none() {
            self.of_this = Some(0);
            return;
        }
        if line.starts_with("test result: ") {
            self.of_this = None;
        }
        let Some(kept) = &mut self.of_this else { return };
        if *kept < LINES && !line.trim().is_empty() {
            *kept += 1;
            self.kept.push(format!("FAILED {line}"));
        }
    }

    /// All that was kept.
    pub(super) fn told(self) -> Vec<String> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::Failures;

    #[test]
    fn what_failing_tests_said_is_kept() {
        let mut failures = Failures::default();
        let printed = "test a ... ok\ntest b ... FAILED\n\nfailures:\n\n---- b ----\nnot right\n\nfailures:\n    b\n\n\
                       test result: FAILED. 1 passed; 1 failed\ntest c ... ok";
        printed.lines().for_each(|line| failures.read(line));
        let kept = ["FAILED ---- b ----", "FAILED not right", "FAILED failures:", "FAILED     b"];
        assert_eq!(failures.told(), kept);
    }
}
