//! Whether callers reach a Service: every step from its name to its pods, judged by what was seen.

pub(crate) mod backends;
pub(crate) mod caller;
pub(crate) mod entries;
pub(crate) mod external;
pub(crate) mod grants;
pub(crate) mod near;
pub(crate) mod others;
pub(crate) mod outside;
pub(crate) mod policies;
pub(crate) mod ports;
pub(crate) mod reading;
pub(crate) mod routes;
pub(crate) mod verdict;

/// How far a step lets a connection come, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pass {
    /// It ends here.
    Closed,
    /// Not all was seen that decides it.
    Unknown,
    /// What was seen speaks against it and does not prove it.
    Doubtful,
    /// For some callers, ports, pods or address families.
    Partly,
    /// Nothing stops it.
    Open,
}

/// One step of the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What it is called: `pods`, `port 80/TCP`, `Ingress web`.
    pub(crate) name: String,
    /// How far it lets a connection come.
    pub(crate) pass: Pass,
    /// A clause that says so.
    pub(crate) says: String,
    /// What shows it or what to do; empty where the clause says all.
    pub(crate) detail: String,
}

impl Step {
    /// A step, in one clause.
    pub(crate) fn new(name: impl Into<String>, pass: Pass, says: impl Into<String>) -> Self {
        Step { name: name.into(), pass, says: says.into(), detail: String::new() }
    }

    /// The same, with what shows it.
    pub(crate) fn because(self, detail: impl Into<String>) -> Self {
        Step { detail: detail.into(), ..self }
    }
}

/// What several ways side by side come to: one that is open makes the whole open in part.
pub(crate) fn together(passes: impl IntoIterator<Item = Pass>) -> Pass {
    let passes: Vec<Pass> = passes.into_iter().collect();
    let worst = passes.iter().copied().min().unwrap_or(Pass::Open);
    let best = passes.iter().copied().max().unwrap_or(Pass::Open);
    if passes.contains(&Pass::Unknown) && best < Pass::Partly {
        // What was not seen may be open.
        return Pass::Unknown;
    }
    if worst != best && best >= Pass::Partly && worst != Pass::Unknown {
        Pass::Partly
    } else {
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_open_way_beside_a_closed_one_is_open_in_part() {
        assert_eq!(together([]), Pass::Open);
        assert_eq!(together([Pass::Open, Pass::Open]), Pass::Open);
        assert_eq!(together([Pass::Open, Pass::Closed]), Pass::Partly);
        assert_eq!(together([Pass::Closed, Pass::Closed]), Pass::Closed);
        assert_eq!(together([Pass::Closed, Pass::Doubtful]), Pass::Closed);
        assert_eq!(together([Pass::Open, Pass::Unknown]), Pass::Unknown);
        assert_eq!(together([Pass::Closed, Pass::Unknown]), Pass::Unknown);
        assert_eq!(together([Pass::Closed, Pass::Unknown, Pass::Doubtful]), Pass::Unknown);
        assert_eq!(together([Pass::Closed, Pass::Unknown, Pass::Open]), Pass::Partly);
    }
}
