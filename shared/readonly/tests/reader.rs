//! The reader before a transport in the same process, under a clock that does not wait.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::{Method, Request, Response};
use readonly::allow::{AllowList, Read};
use readonly::body::whole;
use readonly::limits::Limits;
use readonly::reader::{Reader, Spent};
use readonly::refusal::{Kind, Refusal};
use readonly::transport::{Body, Transport};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// What the upstream does with each request.
type Answer = fn(usize) -> BoxFuture<'static, Result<Response<Body>, Refusal>>;

struct Upstream {
    answer: Answer,
    sent: AtomicUsize,
    at: Mutex<Vec<Instant>>,
}

impl Transport for Upstream {
    fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        self.at.lock().unwrap().push(Instant::now());
        (self.answer)(self.sent.fetch_add(1, Ordering::SeqCst))
    }
}

fn reader(answer: Answer) -> (Reader, Arc<Upstream>) {
    reader_within(answer, Limits::default())
}

fn reader_within(answer: Answer, limits: Limits) -> (Reader, Arc<Upstream>) {
    let upstream = Arc::new(Upstream { answer, sent: AtomicUsize::new(0), at: Mutex::default() });
    let allow = AllowList::new(vec![Read::new(Method::GET, "/ok").unwrap()]);
    let reader = Reader::new("test", Arc::clone(&upstream) as Arc<dyn Transport>, allow, limits);
    (reader.with_jitter(|| 0.5), upstream)
}

fn get(target: &str) -> Request<Bytes> {
    Request::get(target).body(Bytes::new()).unwrap()
}

fn answer(status: u16, text: &'static str) -> BoxFuture<'static, Result<Response<Body>, Refusal>> {
    let body = stream::iter([Ok(Bytes::from_static(text.as_bytes()))]).boxed();
    futures::future::ready(Ok(Response::builder().status(status).body(body).unwrap())).boxed()
}

fn unreachable() -> Refusal {
    let kind = Kind::Unreachable { address: "here".to_owned(), source: "reset".into() };
    Refusal { system: "transport", request: String::new(), kind }
}

#[tokio::test]
async fn what_is_not_a_read_is_not_sent() {
    let (reader, upstream) = reader(|_| answer(200, ""));
    let upgrade = Request::get("/ok").header("Upgrade", "websocket").body(Bytes::new()).unwrap();
    let disguised =
        Request::get("/ok").header("X-HTTP-Method-Override", "DELETE").body(Bytes::new()).unwrap();
    let post = Request::post("/ok").body(Bytes::new()).unwrap();
    let elsewhere = get("http://169.254.169.254/ok");
    for request in [get("/other"), get("/ok/../secrets"), post, elsewhere, upgrade, disguised] {
        let refusal = reader.read(request).await.map(|_| ()).unwrap_err();
        assert!(matches!(refusal.kind, Kind::NotARead(_)), "{refusal}");
    }
    assert_eq!(upstream.sent.load(Ordering::SeqCst), 0);
    assert_eq!(reader.spent(), Spent::default());
}

#[tokio::test]
async fn a_refusal_names_the_system_and_the_request_without_its_query() {
    let (reader, _) = reader(|_| answer(404, r#"{"message":"no such thing"}"#));
    let refusal = reader.read(get("/ok?token=x")).await.map(|_| ()).unwrap_err();
    assert_eq!((refusal.system, refusal.request.as_str()), ("test", "GET /ok"));
    assert_eq!(refusal.to_string(), "test: not found (404): no such thing");
}

#[tokio::test]
async fn read_raw_gives_any_status_as_it_is() {
    let (reader, _) = reader(|_| answer(401, "who?"));
    let response = reader.read_raw(get("/ok")).await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(whole(response, 100).await.unwrap(), b"who?");
    assert!(matches!(
        reader.read(get("/ok")).await.map(|_| ()).unwrap_err().kind,
        Kind::Unauthorized
    ));
}

#[tokio::test]
async fn a_metered_reader_counts_apart_and_the_original_counts_all() {
    let (reader, _) = reader(|_| answer(200, "12345"));
    let metered = reader.metered();
    whole(metered.read(get("/ok")).await.unwrap(), 100).await.unwrap();
    whole(reader.read(get("/ok")).await.unwrap(), 100).await.unwrap();
    assert_eq!(metered.spent(), Spent { requests: 1, bytes: 5 });
    assert_eq!(reader.spent(), Spent { requests: 2, bytes: 10 });
}

#[tokio::test(start_paused = true)]
async fn trouble_that_passes_is_tried_again_after_a_pause() {
    let (reader, upstream) = reader(|sent| match sent {
        0 => futures::future::ready(Err(unreachable())).boxed(),
        1 => answer(503, ""),
        _ => answer(200, ""),
    });
    assert!(reader.read(get("/ok")).await.is_ok());
    let at = upstream.at.lock().unwrap().clone();
    let pauses: Vec<u128> = at.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
    assert_eq!(pauses, [300, 550], "half of the way between 100 ms and 500, then 1,000");
    assert_eq!(reader.spent().requests, 3);
}

#[tokio::test(start_paused = true)]
async fn trouble_that_stays_is_told_after_two_retries() {
    let (reader, upstream) = reader(|_| answer(503, "overloaded"));
    let refusal = reader.read(get("/ok")).await.map(|_| ()).unwrap_err();
    assert!(matches!(refusal.kind, Kind::Status { status: 503, .. }));
    assert_eq!(upstream.sent.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_storm_is_not_fed() {
    let (reader, upstream) = reader(|_| answer(503, ""));
    let calls = 500;
    let all = stream::iter(0..calls).map(|_| reader.read(get("/ok"))).buffer_unordered(16);
    assert!(all.all(|outcome| async move { outcome.is_err() }).await);
    let sent = upstream.sent.load(Ordering::SeqCst);
    assert!(sent as f64 <= 1.2 * f64::from(calls), "{sent} requests for {calls} calls");
    assert!(sent > calls as usize, "a few are retried");
}

/// A minute brings ten retries, and ten are saved up: so many more are sent, however many are asked for.
#[tokio::test(start_paused = true)]
async fn five_minutes_of_trouble_are_met_with_sixty_retries_at_most() {
    for per_second in [1, 10, 100] {
        let (reader, upstream) = reader_within(
            |_| answer(503, ""),
            Limits { in_flight: usize::from(u16::MAX), ..Limits::default() },
        );
        let (began, reader) = (Instant::now(), &reader);
        let calls = 300 * per_second;
        let all = (0..calls).map(|at| async move {
            tokio::time::sleep_until(began + Duration::from_secs(1) * at / per_second).await;
            reader.read(get("/ok")).await.is_err()
        });
        assert!(futures::future::join_all(all).await.into_iter().all(|failed| failed));
        let sent = upstream.sent.load(Ordering::SeqCst);
        let times = sent as f64 / f64::from(calls);
        eprintln!("{per_second} a second: {sent} requests for {calls} calls, {times:.3} times");
        assert!(sent <= calls as usize + 60, "{sent} requests for {calls} calls");
        assert!(times <= 1.2, "{times}");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured_where_there_is_time() {
    fn throttled(seconds: &str) -> BoxFuture<'static, Result<Response<Body>, Refusal>> {
        let response = Response::builder().status(429).header("Retry-After", seconds);
        futures::future::ready(Ok(response.body(stream::empty().boxed()).unwrap())).boxed()
    }
    let (patient, upstream) = reader(|sent| match sent {
        0 => throttled("3"),
        _ => answer(200, ""),
    });
    assert!(patient.read(get("/ok")).await.is_ok());
    let at = upstream.at.lock().unwrap().clone();
    assert_eq!(at[1] - at[0], Duration::from_secs(3));
    let (hurried, upstream) = reader(|_| throttled("60"));
    let refusal = hurried.read(get("/ok")).await.map(|_| ()).unwrap_err();
    assert!(matches!(refusal.kind, Kind::Throttled { retry_after: Some(60) }));
    assert_eq!(upstream.sent.load(Ordering::SeqCst), 1, "there was no time to wait for it");
}

#[tokio::test(start_paused = true)]
async fn silence_before_the_headers_ends() {
    let (reader, upstream) = reader(|_| futures::future::pending().boxed());
    let began = Instant::now();
    let refusal = reader.read(get("/ok")).await.map(|_| ()).unwrap_err();
    assert!(matches!(refusal.kind, Kind::TimedOut { seconds: 10, phase: "headers" }));
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    assert_eq!(upstream.sent.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn silence_within_the_body_ends() {
    let (reader, _) = reader(|_| {
        let first = stream::iter([Ok(Bytes::from_static(b"a"))]);
        let body = first.chain(stream::pending()).boxed();
        futures::future::ready(Ok(Response::new(body))).boxed()
    });
    let began = Instant::now();
    let refusal = whole(reader.read(get("/ok")).await.unwrap(), 100).await.unwrap_err();
    assert!(matches!(refusal.kind, Kind::TimedOut { seconds: 5, phase: "body" }));
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_dripping_body_ends_with_the_whole_time() {
    let (reader, _) = reader(|_| {
        let drip = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(4)).await;
            Some((Ok(Bytes::from_static(b"a")), ()))
        });
        futures::future::ready(Ok(Response::new(drip.boxed()))).boxed()
    });
    let began = Instant::now();
    let refusal = whole(reader.read(get("/ok")).await.unwrap(), 100).await.unwrap_err();
    assert!(matches!(refusal.kind, Kind::TimedOut { seconds: 20, phase: "total" }));
    assert_eq!(began.elapsed(), Duration::from_secs(20));
}

#[tokio::test]
async fn a_body_may_be_as_large_as_its_limit_and_no_larger() {
    for (limit, fits) in [(5, true), (4, false)] {
        let limits = Limits { body_bytes: limit, ..Limits::default() };
        let (reader, _) = reader_within(|_| answer(200, "12345"), limits);
        let outcome = whole(reader.read(get("/ok")).await.unwrap(), 100).await;
        assert_eq!(outcome.is_ok(), fits, "{limit}");
        assert!(fits || matches!(outcome.unwrap_err().kind, Kind::TooLarge { limit: 4 }));
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_are_under_way_than_there_are_slots() {
    let limits = Limits { in_flight: 2, ..Limits::default() };
    let (reader, upstream) = reader_within(|_| answer(200, "x"), limits);
    let first = reader.read(get("/ok")).await.unwrap();
    let second = reader.read(get("/ok")).await.unwrap();
    let refusal = reader.read(get("/ok")).await.map(|_| ()).unwrap_err();
    assert!(matches!(refusal.kind, Kind::TimedOut { phase: "total", .. }), "{refusal}");
    assert_eq!(upstream.sent.load(Ordering::SeqCst), 2, "a body that is still open holds its slot");
    drop(first);
    assert!(reader.read(get("/ok")).await.is_ok());
    drop(second);
}
