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
