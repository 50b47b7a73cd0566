//! The schema of a database is not what a program needs, or cannot be brought there.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::case::words::store::Store;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-13",
    title: "the schema of its database is not what it needs",
    category: Category::Dependency,
    proves: "a container's log says now, in the words of the tool that migrates or of the database, that a migration failed or a table, view or column is not there",
    refutes: "the database cannot be reached, or refuses the credentials",
    confused_with: &["CFG-05", "CTL-07", "RUN-10", "DEP-02"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(|it| one(&complaints, it)))
}

fn one(all: &[Complaint<'_>], complaint: &Complaint<'_>) -> Option<Judgement> {
    let what = match &complaint.said {
        Said::MigrationFailed if complaint.fails => {
            "the schema of its database cannot be migrated".to_owned()
        }
        said => {
            let (what, name) = said.lacking_of_schema()?;
            format!("its database has no {what} {name}")
        }
    };
    let (container, subject) = (&complaint.container, complaint.root().clone());
    // A server tells the mistakes of whoever asks it.
    if Store::of_image(&container.spec.image).is_some() {
        return None;
    }
    // A migration that could not connect, or log in, has failed for that.
    let deeper = all.iter().any(|it| {
        *it.root() == subject
            && (it.said.is_unreachable()
                || matches!(
                    it.said,
                    Said::Unauthenticated { .. } | Said::Forbidden { .. } | Said::ReadOnly { .. }
                ))
    });
    if deeper {
        return None;
    }
    let mut proofs = vec![complaint.cite()];
    proofs.extend(container.ended().filter(|_| complaint.fails).map(|it| container.cite_end(it)));
    Some(Judgement::Proven(Finding {
        field: Some(container.field("image")),
        value: Some(container.spec.image.clone()).filter(|it| !it.is_empty()),
        statement: format!("{subject} fails because {what}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Go back to the image of {subject} that fits the schema, or repair the failed migration with the tool that names it; take a copy of the data first."
        ),
        command: kubectl::object("logs", subject, "--all-containers --previous"),
        risk: "high".to_owned(),
        reversible: false,
        verify: "The migration ends, and the program starts.".to_owned(),
    }]
}
