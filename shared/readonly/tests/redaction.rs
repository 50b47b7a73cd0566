//! What is redacted and what survives, over many kinds, carriers and look-alikes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use readonly::redact::Redactor;

fn redactor() -> Redactor {
    Redactor::with_key([7; 32])
}

fn redacted(text: &str) -> String {
    redactor().text(text).into_owned()
}

/// A number series that is the same in every run.
struct Series(u64);

impl Series {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }

    /// Fills a form: `A` letters and digits, `U` upper case, `h` hexadecimal, `d` digits, each followed by a count in braces.
    fn fill(&mut self, form: &str) -> String {
        let mut filled = String::new();
        let mut rest = form;
        while let Some((head, tail)) = rest.split_once('{') {
            let (count, after) = tail.split_once('}').unwrap();
            let (literal, class) = head.split_at(head.len() - 1);
            let alphabet = match class {
                "A" => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                "U" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
                "h" => "0123456789abcdef",
                "d" => "0123456789",
                _ => panic!("{class}"),
            };
            filled += literal;
            filled += &self.text(alphabet, count.parse().unwrap());
            rest = after;
        }
        filled + rest
    }
}

/// Secrets known by their own form.
const FORMS: [&str; 50] = [
    "AKIAU{16}",
    "ASIAU{16}",
    "AIzaA{35}",
    "ya29.A{60}",
    "GOCSPX-A{28}",
    "A{3}8Q~A{34}",
    "dop_v1_h{64}",
    "dapih{32}",
    "pscale_pw_A{43}",
    "sbp_h{40}",
    "ghp_A{36}",
    "gho_A{36}",
    "ghs_A{36}",
    "ghu_A{36}",
    "ghr_A{36}",
    "github_pat_A{22}_A{59}",
    "glpat-A{20}",
    "gldt-A{20}",
    "npm_A{36}",
    "pypi-AgEIcHlwaS5vcmcA{70}",
    "rubygems_h{48}",
    "dckr_pat_A{27}",
    "ATATT3A{180}",
    "xoxb-d{12}-d{12}-A{24}",
    "xoxp-d{12}-d{12}-h{32}",
    "xapp-1-U{11}-d{13}-h{64}",
    "sk_live_A{24}",
    "sk_test_A{24}",
    "rk_live_A{24}",
    "whsec_A{32}",
    "sq0atp-A{22}",
    "shpat_h{32}",
    "SG.A{22}.A{43}",
    "d{9}:AAA{33}",
    "PMAK-h{24}-h{34}",
    "sk-A{48}",
    "sk-proj-A{60}",
    "sk-ant-api03-A{80}",
    "hf_A{34}",
    "gsk_A{52}",
    "hvs.A{24}",
    "glsa_A{32}_h{8}",
    "NRAK-U{27}",
    "sntrys_A{64}",
    "dt0c01.U{24}.U{64}",
    "dp.pt.A{43}",
    "lin_api_A{40}",
    "A{14}.atlasv1.A{67}",
    "AGE-SECRET-KEY-1U{58}",
    "eyJhbGciOiJIUzI1NiJ9.eyJA{60}.A{43}",
];

/// Ways in which a token comes along without a name that says so.
const CARRIERS: [&str; 11] = [
    "@",
    "connecting with @ now",
    "level=info msg=\"using @\" n=1",
    "{\"msg\":\"using @\",\"n\":1}",
    "{\\\"value\\\":\\\"@\\\"}",
    "https://example.com/path?x=@&y=1",
    "Authorization: Bearer @",
    "curl -H 'X-Thing: @' https://example.com",
    "first line\n  @\nlast line",
    "{\"msg\":\"first\\n@\"}",
    "GET /?next=%2Fa%3Dx%26y%3D@",
];

#[test]
fn known_forms_are_found_in_every_carrier() {
    let mut series = Series(1);
    let (mut found, mut all, mut missed) = (0, 0, Vec::new());
    for form in FORMS {
        for carrier in CARRIERS {
            for _ in 0..3 {
                let secret = series.fill(form);
                // What remains of the three leading characters of an Azure secret identifies nothing.
                let telling = &secret[secret.len() / 2..];
                let text = carrier.replace('@', &secret);
                all += 1;
                match redacted(&text).contains(telling) {
                    true => missed.push(text),
                    false => found += 1,
                }
            }
        }
    }
    assert!(
        found * 1000 >= all * 995,
        "{found} of {all}; missed {:#?}",
        &missed[..missed.len().min(10)]
    );
}

/// Ways in which a name stands before its value.
const PAIRS: [&str; 22] = [
    "NAME=@",
    "export NAME=\"@\"",
    "NAME='@' ./run",
    "NAME: @",
    "  NAME: \"@\"",
    "\"NAME\":\"@\"",
    "{\"a\":1,\"NAME\" : \"@\",\"b\":2}",
    "{\\\"NAME\\\":\\\"@\\\",\\\"b\\\":2}",
    "ts=1 level=info NAME=@ user=x",
    "ts=1 NAME=\"@\" user=x",
    "NAME := \"@\"",
    "'NAME' => '@',",
    "https://example.com/?a=1&NAME=@&b=2",
    "run --NAME=@ --verbose",
    "run --NAME @ --verbose",
    "<NAME>@</NAME>",
    "Server=db;User=x;NAME=@;Encrypt=true",
    "- name: NAME\n  value: @\n",
    "- name: NAME\n  value: \"@\"\n",
    "{\"name\":\"NAME\",\"value\":\"@\"}",
    "map[NAME:@ user:x]",
    "Config{NAME:@, User:x}",
];

const NAMES: [&str; 12] = [
    "password",
    "DB_PASSWORD",
    "dbPassword",
    "PGPASSWORD",
    "api_key",
    "apiKey",
    "client_secret",
    "access_token",
    "AWS_SECRET_ACCESS_KEY",
    "spring.datasource.password",
    "REDIS_AUTH",
    "AccountKey",
];

#[test]
fn the_values_of_secret_names_are_found_in_every_form() {
    let mut series = Series(2);
    let (mut found, mut all, mut missed) = (0, 0, Vec::new());
    for name in NAMES {
        for pair in PAIRS {
            for form in ["A{8}", "A{20}", "A{10}+A{5}/A{6}==", "h{40}", "S3cr3t!A{4}"] {
                let secret = series.fill(form);
                let text = pair.replace("NAME", name).replace('@', &secret);
                all += 1;
                match redacted(&text).contains(&secret) {
                    true => missed.push(text),
                    false => found += 1,
                }
            }
        }
    }
    assert!(
        found * 100 >= all * 99,
        "{found} of {all}; missed {:#?}",
        &missed[..missed.len().min(10)]
    );
}

#[test]
fn what_stands_around_a_secret_stays() {
    for (text, expected) in [
        (
            "postgres://app:hunter2@db:5432/shop?sslmode=off",
            "postgres://app:#@db:5432/shop?sslmode=off",
        ),
        ("redis://:p@ss@cache:6379", "redis://:#@cache:6379"),
        ("Authorization: Basic dXNlcjpwYXNz, x", "Authorization: Basic #, x"),
        ("{\"a\":1,\"password\":\"x\\\"y\",\"b\":2}", "{\"a\":1,\"password\":\"#\",\"b\":2}"),
        ("password=hunter2 user=web", "password=# user=web"),
        ("user=web, password: hunter2, host=db", "user=web, password: #, host=db"),
        ("GET / Cookie: sid=abc; theme=d\nHost: a", "GET / Cookie: #\nHost: a"),
        ("AccountName=a;AccountKey=Zm9vYmFy+/==;Suffix=x", "AccountName=a;AccountKey=#;Suffix=x"),
        (
            "https://a.blob/x?sv=1&sig=abcdefghij%2Bklmnop%3D&se=2",
            "https://a.blob/x?sv=1&sig=#&se=2",
        ),
        ("two password=aaa1 token=bbb2", "two password=# token=#"),
    ] {
        let redacted = redacted(text);
        let mut shown = redacted.as_str();
        let mut plain = String::new();
        while let Some((head, tail)) = shown.split_once("<redacted len=") {
            plain += head;
            plain += "#";
            shown = tail.split_once('>').unwrap().1;
        }
        assert_eq!(plain + shown, expected);
    }
}

#[test]
fn a_private_key_goes_whole_even_when_it_is_cut() {
    let mut series = Series(3);
    let lines: Vec<String> = (0..20).map(|_| series.fill("A{64}")).collect();
    let body = lines.join("\n");
    for kind in ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "] {
        let key =
            format!("-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----");
        assert!(redacted(&format!("key:\n{key}\nend")).ends_with(">\nend"));
        assert!(!redacted(&key[..key.len() / 2]).contains(&lines[0]));
        assert!(!redacted(&key.replace('\n', "\\n")).contains(&lines[0]));
    }
    let public = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    assert_eq!(redacted(public), public);
}

/// What looks like a secret and is what a diagnosis needs.
const LOOK_ALIKES: [&str; 13] = [
    "image: registry.example.com/shop/web@sha256:h{64}",
    "uid: h{8}-h{4}-h{4}-h{4}-h{12}",
    "trace_id=h{32} span_id=h{16}",
    "traceparent: 00-h{32}-h{16}-01",
    "pod-template-hash: h{10}",
    "resourceVersion: \"d{9}\"",
    "web-h{10}-A{5}",
    "sha256sum h{64}  web.tar",
    "commit h{40} (tag: v1.2.3)",
    "checksum/config: h{64}",
    "etag: \"h{32}\" fingerprint=SHA256:A{43}",
    "pod/sk-web-frontend-deployment-h{10}-A{5} task-runner-h{32}",
    "containerd://h{64} kube-api-access-A{5}",
];

#[test]
fn look_alikes_survive() {
    let mut series = Series(4);
    let texts: Vec<String> =
        (0..10_000).map(|at| series.fill(LOOK_ALIKES[at % LOOK_ALIKES.len()])).collect();
    let lost: Vec<&String> = texts.iter().filter(|text| redacted(text) != **text).collect();
    assert!(lost.len() <= 10, "{} lost: {:#?}", lost.len(), &lost[..lost.len().min(10)]);
}

#[test]
fn sentences_about_secrets_survive() {
    for text in [
        "MountVolume.SetUp failed for volume \"tls\" : secret \"web-tls\" not found",
        "Error: couldn't find key password in Secret shop/db-credentials",
        "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.docker.io/token?scope=repository%3Alibrary%2Fnope%3Apull&service=registry.docker.io: 401 Unauthorized",
        "failed to fetch oauth token: denied: requested access to the resource is denied",
        "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        "FATAL: password authentication failed for user \"app\"",
        "invalid token: signature is invalid",
        "password: incorrect",
        "basic authentication is required",
        "the bearer of this message",
        "tokens_total=512 max_tokens=4096 prompt_tokens: 12",
        "secretName: web-tls",
        "secretKeyRef:\n  name: db-credentials\n  key: password",
        "valueFrom: {\"secretKeyRef\":{\"name\":\"db\",\"key\":\"token\"}}",
        "automountServiceAccountToken: false",
        "PASSWORD=${DB_PASSWORD} TOKEN=$(cat /run/token)",
        "PASSWORD_FILE=/run/secrets/password",
        "password: ****",
        "auth: true",
        "secret: null",
        "secret:\n  defaultMode: 420",
        "token == expected",
        "Authorization: Bearer <redacted len=24 hmac=9c1e>",
        "projected service account token volume kube-api-access",
        "system:serviceaccount:shop:web cannot list resource \"secrets\" in API group \"\"",
        "http://web.shop.svc:8080/healthz",
        "dial tcp 10.0.0.1:5432: connect: connection refused",
        "git@github.com:shop/web.git",
        "see https://example.com:443/a for user@example.com",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn equal_secrets_have_equal_marks_and_others_do_not() {
    let text = redacted("a password=hunter2 b password=hunter2 c password=hunter3");
    let marks: Vec<&str> = text.split("password=").skip(1).map(|tail| &tail[..25]).collect();
    assert_eq!(marks[0], marks[1]);
    assert_ne!(marks[1], marks[2]);
    let other = Redactor::with_key([8; 32]);
    assert_ne!(redactor().value("hunter2"), other.value("hunter2"), "the key is part of the mark");
    assert!(redactor().value("hunter2").starts_with("<redacted len=7 hmac="));
}

#[test]
fn redacting_twice_changes_nothing() {
    let mut series = Series(5);
    let pieces = [
        "password",
        "=",
        ": ",
        "\"",
        "'",
        " ",
        "token",
        "Bearer ",
        "://",
        "user",
        ":",
        "@",
        "hunter2",
        "<",
        ">",
        "\\\"",
        "\n",
        ",",
        "--api-key",
        "value",
        "{",
        "}",
        "sk-proj-abcdefghijklmnopqrstuvwxyz",
        "secret",
        "eyJhbGciOiJIUzI1NiJ9.e30.x",
        "AKIAABCDEFGHIJKLMNOP",
        "ü",
        "Authorization",
        "&sig=abcdefghijklmnopqrst",
        "-----BEGIN PRIVATE KEY-----",
        ";",
    ];
    for round in 0..20_000 {
        let text: String =
            (0..series.below(16)).map(|_| pieces[series.below(pieces.len())]).collect();
        let once = redacted(&text);
        assert_eq!(redacted(&once), once, "{round}: {text:?}");
    }
}

#[test]
fn a_value_that_is_a_mark_stays_that_mark() {
    let mark = redactor().value("hunter2");
    assert_eq!(redactor().value(&mark), mark);
}
