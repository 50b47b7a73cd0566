//! The rules that decide precision, each of which can be switched off to measure what it is worth.

/// Which rules are in force. All are, but for `docs/accuracy.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// R1: events count only for objects that are still there.
    pub live_objects: bool,
    /// R2: a symptom must be current.
    pub current_state: bool,
    /// R3: what was so before, or is so everywhere, does not count.
    pub baseline: bool,
    /// R4: what is configured but not used is not a cause.
    pub used: bool,
    /// R5: of several constraints, the one that binds is to blame.
    pub binding_constraint: bool,
    /// R6: many victims of one dependency blame the dependency.
    pub shared_dependency: bool,
    /// R7: the deepest abnormal thing is the cause.
    pub deepest: bool,
    /// R8: changes are attributed, and a recurring actor outranks the field that it changes.
    pub attribution: bool,
    /// R10: nothing is concluded where nothing is proven.
    pub abstain: bool,
    /// R11: an experiment that runs on purpose is a cause.
    pub experiments: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            live_objects: true,
            current_state: true,
            baseline: true,
            used: true,
            binding_constraint: true,
            shared_dependency: true,
            deepest: true,
            attribution: true,
            abstain: true,
            experiments: true,
        }
    }
}

impl Rules {
    /// The names of the rules that have a switch, as `../research/failure-modes.md` numbers them. R9 has none: arithmetic is
    /// computed everywhere.
    pub const NAMES: [&str; 10] = ["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R10", "R11"];

    /// Switches the rule of that name off; false where no rule is called so.
    pub fn drop(&mut self, name: &str) -> bool {
        let rule = match name {
            "R1" => &mut self.live_objects,
            "R2" => &mut self.current_state,
            "R3" => &mut self.baseline,
            "R4" => &mut self.used,
            "R5" => &mut self.binding_constraint,
            "R6" => &mut self.shared_dependency,
            "R7" => &mut self.deepest,
            "R8" => &mut self.attribution,
            "R10" => &mut self.abstain,
            "R11" => &mut self.experiments,
            _ => return false,
        };
        *rule = false;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;

    #[test]
    fn every_name_is_a_switch_of_its_own() {
        let mut all = Rules::default();
        for name in Rules::NAMES {
            let before = all;
            assert!(all.drop(name) && all != before, "{name}");
        }
    }

    #[test]
    fn what_is_no_rule_is_said_to_be_none() {
        assert!(!Rules::default().drop("R99"));
    }
}
