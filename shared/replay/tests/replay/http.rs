//! The same over HTTP, as other programs read it.

use crate::written::api;
use replay::serve::{kubeconfig, serve};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

#[tokio::test]
async fn a_request_is_answered_and_serving_stops_when_told() {
    let api = api(&[("kubernetes/a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, Arc::new(api), async { drop(stopped.await) }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /api/v1/pods HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\"kind\":\"PodList\""), "{answer}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[test]
fn a_kubeconfig_points_at_it() {
    let text = kubeconfig("127.0.0.1:8001".parse().unwrap(), "a: \"b\"");
    let config: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    assert_eq!(config["clusters"][0]["cluster"]["server"], "http://127.0.0.1:8001");
    assert_eq!(config["contexts"][0]["context"]["cluster"], "a: \"b\"");
    assert_eq!(config["current-context"], "a: \"b\"");
}
