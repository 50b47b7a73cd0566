//! What `--explain` shows: every candidate, and what its confidence is made of.

use diagnosis::engine::explain::Weighed;

/// The candidates, the most probable first.
pub fn text(weighed: &[Weighed]) -> String {
    if weighed.is_empty() {
        return "weighed: no failure mode explains a symptom\n".to_owned();
    }
    let mut text = "\nWeighed, in log-odds; an unknown cause stands at 0\n".to_owned();
    for it in weighed {
        let (explained, symptoms) = it.explains;
        let named = match it.confidence {
            Some(confidence) => format!("named, {:.0} %", confidence * 100.0),
            None => "not named".to_owned(),
        };
        text.push_str(&format!(
            "{} {}: {:+.1}, {named}, explains {explained} of {symptoms} symptoms\n",
            it.failure_mode, it.subject, it.log_odds
        ));
        for term in &it.terms {
            text.push_str(&format!("  {:+.1}  {}\n", term.weight, term.why));
        }
    }
    text
}
