//! Releases as Helm 3.22.0 and 4.3.1 wrote them into the Secrets of a real API server.

use crate::script::Script;
use crate::sent::{helm, web};
use clients::helm::kept::{Driver, Kept};
use clients::helm::release::Release;
use readonly::refusal::Kind;
use serde_json::json;

const HELM_3: &str = include_str!("helm-3.22.0.txt");
const HELM_4: &str = include_str!("helm-4.3.1.txt");
const PATH: &str = "/api/v1/namespaces/shop/secrets/sh.helm.release.v1.web.v4";

async fn read(payload: &str) -> Result<Release, Kind> {
    let object = json!({"kind": "Secret", "data": {"release": payload}}).to_string();
    let script = Script::new(&[(PATH, 200, &object)]);
    let got = helm(&script).release(&web()).await;
    got.map(|got| got.release).map_err(|refusal| refusal.kind)
}

#[tokio::test]
async fn one_that_helm_3_could_not_upgrade() {
    let release = read(HELM_3).await.unwrap();
    assert_eq!((release.name.as_str(), release.version), ("web", 3));
    assert_eq!(release.info.status, "failed");
    assert!(release.info.description.contains("Invalid value: 99999999"));
    assert_eq!(release.config.read(), Ok(json!({"broken": true})));
    assert!(release.manifest.contains("kind: Service"));
}

#[tokio::test]
async fn one_that_helm_4_installed() {
    let release = read(HELM_4).await.unwrap();
    assert_eq!((release.namespace.as_str(), release.info.status.as_str()), ("blog", "deployed"));
    let chart = &release.chart.metadata;
    assert_eq!((chart.name.as_str(), chart.version.as_str()), ("web", "0.1.0"));
    assert_eq!((chart.app_version.as_str(), release.apply_method.as_str()), ("1.0", "ssa"));
    assert_eq!(release.chart.values.read().unwrap()["image"]["tag"], "1.0");
    assert_eq!(release.config.read(), Ok(json!({})));
    let moment = release.info.last_deployed.unwrap().to_string();
    assert_eq!(moment, "2026-11-21T18:47:17.425346894Z");
    assert_eq!(release.info.deleted, None);
    let [hook] = release.hooks.as_slice() else { panic!("{:?}", release.hooks) };
    assert_eq!((hook.name.as_str(), hook.weight), ("cache-hook", -5));
    assert_eq!(
        (hook.events.join(","), hook.last_run.phase.as_str()),
        ("pre-install,pre-upgrade".into(), "Succeeded")
    );
}

#[tokio::test]
async fn one_that_was_cut_off() {
    let refused = read(&HELM_4[..HELM_4.len() / 2]).await.unwrap_err();
    assert!(matches!(refused, Kind::Malformed(_)), "{refused}");
}

#[tokio::test]
async fn one_in_a_config_map_is_wrapped_once_less() {
    let path = PATH.replace("secrets", "configmaps");
    let kept = Kept { driver: Driver::ConfigMap, ..web() };
    for (payload, wrapped_alike) in [(HELM_4, false), ("e30=", true)] {
        let object = json!({"data": {"release": payload}}).to_string();
        let script = Script::new(&[(&path, 200, &object)]);
        assert_eq!(helm(&script).release(&kept).await.is_ok(), wrapped_alike, "{payload}");
    }
}
