//! Workloads that are not ready and say nothing, while a store says that it turns them away again and again.

use super::Case;
use super::complaints::Complaint;
use super::containers::Running;
use super::selecting::selects;
use super::words::said::Said;
use super::words::store::Store;
use super::words::turned_away::{Origin, Turned, Why, turned_away};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};
use evidence::fact::meta::condition;
use evidence::fact::pod::State;
use evidence::fact::spec::{Container, EnvVar};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// How often a store must have said it: a human who mistypes a password tries it twice.
const REPEATED: u32 = 3;

/// A container that starts becomes ready later than its pod was said not to be by less than this.
const STARTING: SignedDuration = SignedDuration::from_mins(1);

/// Parts of names of variables that hold a user.
const USERS: [&str; 3] = ["USER", "LOGIN", "ROLE"];

/// A workload that a store turns away.
#[derive(Clone, Debug)]
pub struct TurnedAway<'a> {
    /// The object at the top of the store's owners.
    pub server: &'a Entity,
    /// The container of the client that is not ready.
    pub client: Running<'a>,
    /// As whom it comes, and why it is turned away.
    pub turned: Turned,
    /// What the store says, as if the client said it.
    pub complaint: Complaint<'a>,
    /// Where the store says it.
    pub cite: Cite,
}

impl Case {
    /// Workloads of which a store says now, again and again, that it turns them away, and that say nothing themselves.
    pub fn turned_away(&self) -> Vec<TurnedAway<'_>> {
        let mut all: Vec<TurnedAway<'_>> = Vec::new();
        for server in self.containers().filter(|it| !it.spec.init) {
            let Some(store) = Store::of_image(&server.spec.image) else { continue };
            let Some(log) = self.log_now(&server) else { continue };
            for line in log.it.lines.iter().filter(|it| self.is_said_now(it)) {
                let Some(turned) = turned_away(store, log.it, &line.text) else { continue };
                let Some(client) = self.client_of(&server, &turned) else { continue };
                note(&mut all, &server, client, (log, line), turned, store);
            }
        }
        all.retain(|it| it.complaint.count >= REPEATED);
        if all.is_empty() {
            return all;
        }
        let heard = self.complaints();
        let heard: BTreeSet<&Entity> = heard.iter().map(Complaint::root).collect();
        all.retain(|it| !heard.contains(it.client.root));
        all
    }

    /// The container that is not ready of the client of a store: by the address of its pod, or where the store names none by
    /// its user's name, where one client alone is told that.
    fn client_of<'a>(&'a self, server: &Running<'a>, turned: &Turned) -> Option<Running<'a>> {
        let root = match turned.from {
            Some(Origin::Name) => return None,
            Some(Origin::Address(address)) => {
                let address = address.to_string();
                let pod = |it: &Running<'_>| it.pod.it.address == address;
                let mut all = self.containers().filter(|it| !it.pod.it.spec.host_network);
                return all.find(|it| pod(it) && it.root != server.root && is_unready(it));
            }
            None => self.only_client_named(server, &turned.user)?,
        };
        self.containers().find(|it| *it.root == root && is_unready(it))
    }

    /// The one client of a store that is told of a user.
    fn only_client_named(&self, server: &Running<'_>, user: &str) -> Option<Entity> {
        let meta = &server.pod.it.meta;
        let before = self.services_in(&meta.namespace).filter(|it| selects(it.it, &meta.labels));
        let mut clients: BTreeSet<Entity> = BTreeSet::new();
        for service in before {
            let told = self.clients_of(&service.it.meta.namespace, &service.it.meta.name);
            let named = told.filter(|it| {
                it.it.template.containers.iter().any(|it| told_user(it, user).is_some())
            });
            clients.extend(named.map(|it| it.meta.entity(&it.kind)));
        }
        let only = clients.pop_first()?;
        (clients.is_empty() && only != *server.root).then_some(only)
    }
}

impl TurnedAway<'_> {
    /// Where a client that came as this user for long, or was ready in this very run, is told of it: the user was there.
    pub fn came_before(&self, case: &Case) -> Option<Cite> {
        let variable = told_user(self.client.spec, &self.turned.user)?;
        let made = case.template_made(self.client.root);
        let of_old = made.is_some_and(|it| !case.is_news(Some(it)));
        let root = self.client.root;
        let says = format!("{root}: variable {} is written in it", variable.name);
        let was = of_old || was_ready(&self.client);
        was.then(|| Cite::new(self.client.pod.exhibit, says))
    }
}

/// Takes a line in: with what is known already of the same client and user.
fn note<'a>(
    all: &mut Vec<TurnedAway<'a>>,
    server: &Running<'a>,
    client: Running<'a>,
    (log, line): (Seen<'a, Log>, &'a Line),
    turned: Turned,
    store: Store,
) {
    let count = line.count.max(1);
    let since = line.first.or(line.last);
    let known = all.iter_mut().find(|it| {
        let same = (&it.turned.user, it.turned.why) == (&turned.user, turned.why);
        it.server == server.root && it.client.root == client.root && same
    });
    if let Some(known) = known {
        let complaint = &mut known.complaint;
        complaint.count = complaint.count.saturating_add(count);
        complaint.since = complaint.since.into_iter().chain(since).min();
        return;
    }
    let does = match turned.why {
        Why::NoUser => "has no such user as",
        Why::Refused => "refuses the credentials of",
    };
    let pod = server.pod.meta.entity("Pod");
    let name = &server.spec.name;
    let says = format!("{pod}: container {name} wrote that it {does} {}", client.root);
    let cite = Cite::quoting(log.exhibit, says, &line.text);
    let said = Said::Unauthenticated { peer: None };
    let complaint = Complaint {
        container: client,
        log,
        line,
        said,
        store: Some(store),
        count,
        since,
        of_all: count,
        fails: true,
    };
    all.push(TurnedAway { server: server.root, client, turned, complaint, cite });
}

fn is_unready(container: &Running<'_>) -> bool {
    !container.spec.init && !container.status.ready && container.pod.it.phase != "Succeeded"
}

/// Whether a container that is not ready was so in the run that goes on: its pod has ceased to be it since.
fn was_ready(container: &Running<'_>) -> bool {
    let Some(State::Running { since: Some(started) }) = container.status.state else {
        return false;
    };
    let ready = condition(&container.pod.it.conditions, "Ready");
    let ceased = ready.filter(|it| it.status == "False").and_then(|it| it.since);
    ceased.is_some_and(|it| it.duration_since(started) > STARTING)
}

/// The variable in which a container is told of a user: alone, where its name says so, or in a URL or a list of settings.
fn told_user<'a>(container: &'a Container, user: &str) -> Option<&'a EnvVar> {
    container.env.iter().find(|it| {
        let Some(value) = it.value.as_deref() else { return false };
        let own = it.name.to_ascii_uppercase();
        let alone = value == user && USERS.iter().any(|word| own.contains(word));
        let url = [':', '@'].iter().any(|end| value.contains(&format!("://{user}{end}")));
        let mut pairs = value.split([' ', ';', '&', '?']).filter_map(|it| it.split_once('='));
        let listed = pairs.any(|(key, it)| {
            let key = key.trim().to_ascii_lowercase();
            it == user && matches!(key.as_str(), "user" | "username" | "user id" | "uid")
        });
        alone || url || listed
    })
}
