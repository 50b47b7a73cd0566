//! Events, grouped by the object they are about, their reason and their message.

use super::meta::shortened;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use jiff::Timestamp;
use k8s_openapi::api::core::v1 as api;
use std::collections::BTreeMap;

/// Events that were seen, those of the same object, reason and message as one.
#[derive(Debug, Default)]
pub struct Groups {
    groups: BTreeMap<(Entity, String, String, String), Event>,
}

impl Groups {
    /// Takes in one more event.
    pub fn add(&mut self, event: api::Event) {
        let event = one(event);
        let (subject, uid) = (event.subject.clone(), event.uid.clone());
        let key = (subject, uid, event.reason.clone(), event.message.clone());
        match self.groups.get_mut(&key) {
            Some(group) => merge(group, event),
            None => {
                self.groups.insert(key, event);
            }
        }
    }

    /// The groups, by subject, then by reason and message.
    pub fn all(self) -> impl Iterator<Item = Event> {
        self.groups.into_values()
    }
}

/// Kinds of which there is one for the whole cluster. An event stands in some namespace all the same, and some of those
/// who write events about nodes say that the node is in that, too.
const WITHOUT_NAMESPACE: [&str; 5] =
    ["Namespace", "Node", "PersistentVolume", "PriorityClass", "StorageClass"];

/// One event. It was told of in several ways over the years: a series, an event time, or a first and a last time.
pub fn one(from: api::Event) -> Event {
    let series = from.series.unwrap_or_default();
    let made = from.metadata.creation_timestamp.map(|time| time.0);
    let happened = from.event_time.map(|time| time.0);
    let first = from.first_timestamp.map(|time| time.0).or(happened).or(made);
    let last = series.last_observed_time.map(|time| time.0);
    let last = last.or(from.last_timestamp.map(|time| time.0)).or(happened).or(first);
    let count = super::meta::count(series.count.or(from.count).or(Some(1)));
    let component = from.source.and_then(|source| source.component);
    let kind = from.involved_object.kind.unwrap_or_default();
    let namespace = from.involved_object.namespace;
    let namespace = namespace.filter(|_| !WITHOUT_NAMESPACE.contains(&kind.as_str()));
    Event {
        subject: Entity {
            kind,
            namespace: namespace.unwrap_or_default(),
            name: from.involved_object.name.unwrap_or_default(),
        },
        uid: from.involved_object.uid.unwrap_or_default(),
        field: from.involved_object.field_path.unwrap_or_default(),
        warning: from.type_.as_deref() == Some("Warning"),
        reason: from.reason.unwrap_or_default(),
        message: shortened(from.message.unwrap_or_default()),
        component: component
            .filter(|it| !it.is_empty())
            .or(from.reporting_component)
            .unwrap_or_default(),
        count: count.max(1),
        first,
        last,
    }
}

fn merge(group: &mut Event, event: Event) {
    group.count = group.count.saturating_add(event.count);
    group.first = earlier(group.first, event.first);
    group.last = group.last.max(event.last);
    group.warning |= event.warning;
}

fn earlier(left: Option<Timestamp>, right: Option<Timestamp>) -> Option<Timestamp> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(values: Vec<Value>) -> Vec<Event> {
        let mut groups = Groups::default();
        for value in values {
            groups.add(serde_json::from_value(value).unwrap());
        }
        groups.all().collect()
    }

    fn pull(uid: &str, message: &str, count: u32, first: &str, last: &str) -> Value {
        json!({"metadata": {}, "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-1", "uid": uid,
            "fieldPath": "spec.containers{web}"}, "type": "Warning", "reason": "Failed", "message": message,
            "source": {"component": "kubelet"}, "count": count, "firstTimestamp": first, "lastTimestamp": last})
    }

    #[test]
    fn the_same_thing_said_twice_is_one_group() {
        let events = read(vec![
            pull("1", "no", 2, "2026-11-01T10:00:00Z", "2026-11-01T10:05:00Z"),
            pull("1", "no", 3, "2026-11-01T09:00:00Z", "2026-11-01T10:02:00Z"),
        ]);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].count, 5);
        assert_eq!(events[0].first, Some("2026-11-01T09:00:00Z".parse().unwrap()));
        assert_eq!(events[0].last, Some("2026-11-01T10:05:00Z".parse().unwrap()));
    }

    #[test]
    fn an_object_made_again_under_its_name_is_another() {
        let at = "2026-11-01T10:00:00Z";
        assert_eq!(read(vec![pull("1", "no", 1, at, at), pull("2", "no", 1, at, at)]).len(), 2);
    }

    #[test]
    fn a_series_counts_and_times_by_itself() {
        let events = read(vec![json!({"metadata": {"creationTimestamp": "2026-11-01T10:00:00Z"},
            "involvedObject": {"kind": "Pod", "name": "web-1"}, "reason": "FailedScheduling",
            "reportingComponent": "default-scheduler", "source": {"component": ""},
            "eventTime": "2026-11-01T10:00:00.000000Z",
            "series": {"count": 9, "lastObservedTime": "2026-11-01T10:30:00.000000Z"}})]);
        assert_eq!(events[0].count, 9);
        assert_eq!(events[0].component, "default-scheduler");
        assert_eq!(events[0].first, Some("2026-11-01T10:00:00Z".parse().unwrap()));
        assert_eq!(events[0].last, Some("2026-11-01T10:30:00Z".parse().unwrap()));
    }

    #[test]
    fn a_node_is_in_no_namespace_whatever_is_said() {
        let events = read(vec![json!({"metadata": {"namespace": "default"}, "reason": "Drain",
            "involvedObject": {"kind": "Node", "namespace": "default", "name": "node-1"}})]);
        assert_eq!(events[0].subject, Entity::new("Node", "", "node-1"));
    }

    #[test]
    fn an_event_that_says_no_time_has_that_of_its_making() {
        let events = read(vec![json!({"metadata": {"creationTimestamp": "2026-11-01T10:00:00Z"},
            "involvedObject": {"kind": "Pod", "name": "web-1"}, "reason": "Killing"})]);
        assert_eq!(events[0].last, Some("2026-11-01T10:00:00Z".parse().unwrap()));
        assert_eq!(events[0].count, 1);
    }
}
