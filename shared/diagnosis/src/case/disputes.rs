//! Who complains of whom, and who does not: rule R6. Many victims of one dependency blame it; one victim of what serves
//! others has itself to blame.

use super::Case;
use super::complaints::Complaint;
use super::containers::all_read_by;
use super::touching::data_toucher;
use super::words::said::Said;
use super::words::store::Store;
use super::words::turned_away::turned_away;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::pod::State;
use evidence::question::Question;
use jiff::Timestamp;

/// Logs of other clients that are worth reading: what two of them say, all say.
const MOST_OTHERS: usize = 3;

/// Complaints of one kind about one thing.
#[derive(Clone, Debug)]
pub struct Dispute<'a> {
    /// The Service that they are about, where it is known.
    pub service: Option<Seen<'a, Service>>,
    /// The object behind it: the workload, or else the Service. None where nobody can tell whom they are about.
    pub accused: Option<Entity>,
    /// One complaint of each object that complains.
    pub complaints: Vec<Complaint<'a>>,
    /// The objects that only repeat the words of one of these.
    pub echoes: Vec<Entity>,
    /// Clients of the same Service whose log was read, and that do not complain.
    pub content: Vec<Cite>,
}

impl Dispute<'_> {
    /// The objects that complain, or repeat that.
    pub fn victims(&self) -> Vec<Entity> {
        let complain = self.complaints.iter().map(|it| it.root().clone());
        complain.chain(self.echoes.iter().cloned()).collect()
    }

    /// Where they say so: two of them at most, a report is no archive.
    pub fn cites(&self) -> Vec<Cite> {
        self.complaints.iter().take(2).map(Complaint::cite).collect()
    }

    /// When the first of the complaints that were heard was made.
    pub fn began(&self) -> Option<Timestamp> {
        self.complaints.iter().filter_map(|it| it.since).min()
    }

    /// Whether more than one client complains, and none that was heard is content.
    pub fn is_shared(&self) -> bool {
        self.complaints.len() > 1 && self.content.is_empty()
    }
}

/// How a sentence names those who suffer.
pub fn whom(victims: &[Entity]) -> String {
    match victims {
        [] => "nobody".to_owned(),
        [one] => one.to_string(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    }
}

impl Dispute<'_> {
    /// What they come to where the one who is complained of is to blame, whoever complains: `what` says why, after its
    /// name.
    pub fn charge(&self, what: &str, strength: Strength) -> Option<Judgement> {
        let subject = self.accused.clone()?;
        let victims = self.victims();
        let fail = if victims.len() == 1 { "fails" } else { "fail" };
        Some(Judgement::Proven(Finding {
            field: None,
            value: None,
            statement: format!("{} {fail} because {subject} {what}.", whom(&victims)),
            proofs: self.cites(),
            doubts: Vec::new(),
            strength,
            explains: victims,
            subject,
        }))
    }
}

impl Dispute<'_> {
    /// The judgement that the one client who complains has itself to blame. It is a guess where nobody else is known to
    /// be content, and the server became what it is lately, after its client: most databases have one client alone.
    pub fn doubted(&self, case: &Case, judgement: Judgement) -> Judgement {
        let (Judgement::Proven(mut finding), Some(news)) = (judgement.clone(), self.news(case))
        else {
            return judgement;
        };
        finding.strength = Strength::Suggestive;
        finding.doubts.push(news);
        Judgement::Proven(finding)
    }

    /// That the server is newer than its client, or a Secret or ConfigMap that it reads is. One that nobody could look into
    /// is no news: most Secrets are so.
    fn news(&self, case: &Case) -> Option<Cite> {
        let accused = self.accused.as_ref().filter(|_| self.content.is_empty())?;
        let client = self.complaints.first()?.root();
        let server = case.workload(accused).seen()?;
        let own = case.template_made(client)?;
        let read = all_read_by(&server.it.template).filter_map(|from| {
            let config = case.config(&from.kind, &accused.namespace, &from.name).seen()?;
            let at =
                data_toucher(&config.it.meta).and_then(|it| it.at).or(config.it.meta.created)?;
            Some((config.it.meta.entity(&config.it.kind), config.exhibit, at))
        });
        let template = case.template_made(accused).map(|at| (accused.clone(), server.exhibit, at));
        let mut changes = template.into_iter().chain(read);
        // What the client reads, too, was changed for both.
        let reads = |object: &Entity| {
            case.workload(client).seen().is_some_and(|it| {
                all_read_by(&it.it.template)
                    .any(|it| it.kind == object.kind && it.name == object.name)
            })
        };
        let (object, exhibit, at) = changes
            .find(|(object, _, at)| *at > own && case.is_news(Some(*at)) && !reads(object))?;
        Some(Cite::new(exhibit, format!("{object} is so since {at}, and {client} since {own}")))
    }
}

impl Case {
    /// Complaints of a kind, by what they are about.
    pub fn disputes(&self, about: fn(&Said) -> bool) -> Vec<Dispute<'_>> {
        let complaints = self.complaints();
        let mut disputes: Vec<Dispute<'_>> = Vec::new();
        let mut echoes: Vec<(Entity, Entity)> = Vec::new();
        for complaint in complaints.iter().filter(|it| about(&it.said)) {
            if let Some(of) = self.echoed(complaint, &complaints) {
                echoes.push((complaint.root().clone(), of));
                continue;
            }
            let service = self.complained_of(complaint);
            let accused = match service {
                Some(service) => Some(self.behind(service)),
                None => self.only_store(complaint),
            };
            // A database's own log tells of others.
            let image = &complaint.container.spec.image;
            let own = complaint.store.is_some() && Store::of_image(image) == complaint.store;
            let turned = |it| turned_away(it, complaint.log.it, &complaint.line.text).is_some();
            let of_others = own && complaint.said.peer().is_none()
                || Store::of_image(image).is_some_and(turned);
            if of_others || accused.as_ref() == Some(complaint.root()) {
                continue;
            }
            let known = disputes.iter_mut().find(|it| accused.is_some() && it.accused == accused);
            match known {
                Some(it) if it.complaints.iter().any(|it| it.root() == complaint.root()) => {}
                Some(it) => it.complaints.push(complaint.clone()),
                None => {
                    let complaints = vec![complaint.clone()];
                    let (content, echoes) = (Vec::new(), Vec::new());
                    disputes.push(Dispute { service, accused, complaints, echoes, content });
                }
            }
        }
        for dispute in &mut disputes {
            let complains = |of: &Entity| dispute.complaints.iter().any(|it| it.root() == of);
            let repeat =
                echoes.iter().filter(|(_, of)| complains(of)).map(|(echo, _)| echo.clone());
            dispute.echoes = repeat.collect();
            dispute.content = self.content(dispute);
        }
        disputes
    }

    /// The logs that would tell whether other clients complain, too.
    pub fn ask_others(&self, about: fn(&Said) -> bool) -> Vec<Question> {
        let mut questions = Vec::new();
        for dispute in self.disputes(about) {
            let Some(service) = dispute.service else { continue };
            let victims = dispute.victims();
            let others = self.clients_of(&service.it.meta.namespace, &service.it.meta.name);
            let others = others.map(|it| it.meta.entity(&it.kind));
            for other in others.filter(|it| !victims.contains(it)).take(MOST_OTHERS) {
                // Most of them are ready and show nothing: just these tell whether they are content.
                let mut containers = self.all_containers().filter(|it| {
                    *it.root == other
                        && !it.spec.init
                        && matches!(it.status.state, Some(State::Running { .. }))
                });
                questions.extend(containers.next().map(|it| it.ask_for_log(false)));
            }
        }
        questions
    }

    /// The one workload of the complaint's namespace that runs a store of its kind.
    pub fn only_store(&self, complaint: &Complaint<'_>) -> Option<Entity> {
        // A peer that is named and is no Service is another one.
        let named = complaint.said.peer();
        if named.is_some_and(|it| !self.is_caller(it, complaint.namespace())) {
            return None;
        }
        let kind: Store = complaint.store?;
        let mut stores = self.stores(kind).filter(|it| it.meta.namespace == complaint.namespace());
        let first = stores.next()?;
        stores.next().is_none().then(|| first.meta.entity(&first.kind))
    }

    /// Other clients of the same Service that run, whose log was read, and that complain of nothing like it.
    fn content(&self, dispute: &Dispute<'_>) -> Vec<Cite> {
        let Some(service) = dispute.service else { return Vec::new() };
        let victims = dispute.victims();
        let mut content = Vec::new();
        for client in self.clients_of(&service.it.meta.namespace, &service.it.meta.name) {
            let root = client.meta.entity(&client.kind);
            if victims.contains(&root) || client.ready == 0 {
                continue;
            }
            let log =
                self.containers().filter(|it| *it.root == root && it.status.ready).find_map(|it| {
                    self.log(&it.pod.meta.namespace, &it.pod.meta.name, &it.spec.name, false)
                });
            content.extend(log.map(|log| {
                let name = service.meta.entity("Service");
                Cite::new(
                    log.exhibit,
                    format!("{root} uses {name} too, and its log does not complain"),
                )
            }));
        }
        content
    }
}
