//! Doing the steps of a scenario on a cluster.

use super::{Application, Expectation, Scenario, Step, document};
use crate::cluster::Cluster;
use crate::cluster::later::past;
use crate::cluster::pod_logs::Lines;
use crate::{program, settings};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(180);

impl Scenario {
    /// Does every step, in order; the first that fails ends it, by number.
    pub fn play(&self, cluster: &Cluster) -> Result<()> {
        play(&self.name, &self.script.steps, &self.folder, cluster)
    }
}

fn play(name: &str, steps: &[Step], folder: &Path, cluster: &Cluster) -> Result<()> {
    for (number, step) in (1..).zip(steps) {
        do_step(step, folder, cluster).with_context(|| format!("{name}, step {number}"))?;
    }
    Ok(())
}

fn do_step(step: &Step, folder: &Path, cluster: &Cluster) -> Result<()> {
    match step {
        Step::Application(name) => {
            let folder = settings::repository().join("tests/scenarios/applications").join(name);
            let application: Application = document(&folder.join("application.yaml"))?;
            play(name, &application.steps, &folder, cluster)
        }
        Step::Kubectl(line) => kubectl(line, folder, cluster).map(drop),
        Step::Eventually(line) => {
            program::retry(PATIENCE, || kubectl(line, folder, cluster)).map(drop)
        }
        Step::Later(duration) => cluster.later(duration),
        Step::Tags { repository, tags } => cluster.tags(repository, tags),
        Step::Hold(workload) => cluster.hold(workload),
        Step::Kubelet(account) => cluster.report(account),
        Step::Logs(log) => cluster.logs(&Lines {
            workload: &log.pods,
            only: log.only.as_deref(),
            container: log.container.as_deref(),
            current: &log.lines,
            previous: log.previous.as_deref(),
            until: past(log.until.as_deref())?,
        }),
        Step::Events(events) => cluster.say(&events.regarding, &events.component, &events.said),
        // Written once it is known what time it is then.
        Step::Metrics(_) => Ok(()),
        Step::Expect(expectation) => {
            program::retry(PATIENCE, || expect(expectation, folder, cluster))
        }
    }
}

fn expect(expectation: &Expectation, folder: &Path, cluster: &Cluster) -> Result<()> {
    let printed = kubectl(&expectation.kubectl, folder, cluster)?;
    for wanted in &expectation.prints {
        if !printed.contains(wanted) {
            bail!(
                "expected {wanted:?} of kubectl {}, but it printed\n{printed}",
                expectation.kubectl
            );
        }
    }
    Ok(())
}

fn kubectl(line: &str, folder: &Path, cluster: &Cluster) -> Result<String> {
    let mut command = cluster.kubectl_command();
    program::output(command.current_dir(folder).args(words(line)?))
}

/// The words of a command line: single and double quotes keep words together, and nothing else is special.
fn words(line: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (' ' | '\n', None) => words.extend(word.take()),
            (letter, _) => word.get_or_insert_default().push(letter),
        }
    }
    if quote.is_some() {
        bail!("a quote is not closed in: {line}");
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn quotes_keep_words_together() {
        let line = r#"patch svc catalog -p '{"spec": {"a": "b c"}}' --as=''"#;
        let expected = ["patch", "svc", "catalog", "-p", r#"{"spec": {"a": "b c"}}"#, "--as="];
        assert_eq!(words(line).unwrap(), expected);
    }

    #[test]
    fn an_open_quote_is_refused() {
        assert!(words("get 'pods").is_err());
    }
}
