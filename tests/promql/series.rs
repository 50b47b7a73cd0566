//! Series made from a fixed seed: counters with resets, gauges with gaps and odd values, histograms, colliding labels,
//! and what kube-state-metrics, the kubelet and the API server tell of a cluster that is not well.

use std::fmt::Write;

/// When the series begin; two hours later they end.
pub(crate) const START: i64 = 1_700_000_000;
/// Their end.
pub(crate) const END: i64 = START + 7200;
/// Seconds between two samples.
const SCRAPE: i64 = 15;

/// OpenMetrics text.
pub(crate) struct Text {
    written: String,
    chance: u64,
}

/// All of them.
pub(crate) fn all() -> String {
    let mut text = Text { written: String::new(), chance: 42 };
    text.plain();
    text.odd();
    text.matching();
    text.histograms();
    text.cluster();
    text.written.push_str("# EOF\n");
    text.written
}

impl Text {
    /// A number from 0 to 1 (splitmix64).
    pub(crate) fn next(&mut self) -> f64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.chance;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn sample(&mut self, series: &str, value: f64, at: f64) {
        let value = match value {
            _ if value.is_nan() => "NaN".to_owned(),
            _ if value == f64::INFINITY => "+Inf".to_owned(),
            _ if value == f64::NEG_INFINITY => "-Inf".to_owned(),
            _ => value.to_string(),
        };
        writeln!(self.written, "{series} {value} {at}").unwrap();
    }

    /// A sample at each scrape at which `value` gives one.
    pub(crate) fn series(
        &mut self,
        series: &str,
        mut value: impl FnMut(&mut Text, i64) -> Option<f64>,
    ) {
        for number in 0..=(END - START) / SCRAPE {
            if let Some(value) = value(self, number) {
                self.sample(series, value, (START + number * SCRAPE) as f64);
            }
        }
    }

    pub(crate) fn counter(&mut self, series: &str, step: f64, resets: f64) {
        let mut total = 0.0;
        self.series(series, |text, _| {
            total += (text.next() * step).floor();
            if text.next() < resets {
                total = (text.next() * step).floor();
            }
            Some(total)
        });
    }

    pub(crate) fn gauge(&mut self, series: &str, middle: f64, spread: f64) {
        self.series(series, |text, _| Some(middle + (text.next() - 0.5) * spread));
    }

    /// The same value all the time.
    pub(crate) fn constant(&mut self, series: &str, value: f64) {
        self.series(series, |_, _| Some(value));
    }

    /// One value before the middle, another after it.
    pub(crate) fn turned(&mut self, series: &str, before: f64, after: f64) {
        self.series(series, |_, number| Some(if number < 240 { before } else { after }));
    }

    fn plain(&mut self) {
        for (job, instance) in [("api", "a:1"), ("api", "b:1"), ("web", "a:2"), ("web", "c:2")] {
            for code in ["200", "404", "500"] {
                let name = format!(
                    "requests_total{{job=\"{job}\",instance=\"{instance}\",code=\"{code}\"}}"
                );
                self.counter(&name, 20.0, if code == "500" { 0.05 } else { 0.002 });
            }
            self.gauge(&format!("memory_bytes{{job=\"{job}\",instance=\"{instance}\"}}"), 3e8, 2e8);
            self.gauge(
                &format!("temperature{{job=\"{job}\",instance=\"{instance}\",unit=\"c\"}}"),
                0.0,
                50.0,
            );
            self.turned(
                &format!("up{{job=\"{job}\",instance=\"{instance}\"}}"),
                1.0,
                f64::from(u8::from(instance != "c:2")),
            );
        }
        self.constant("build_info{version=\"1.2.3\",job=\"api\"}", 1.0);
        self.constant("build_info{version=\"1.2.4\",job=\"web\"}", 1.0);
        // A line, and one that bends.
        self.series("line", |_, number| Some(number as f64 * 1.5 - 100.0));
        self.series("parabola", |_, number| Some((number * number) as f64));
        self.series("saw{teeth=\"10\"}", |_, number| Some((number % 10) as f64));
    }

    fn odd(&mut self) {
        // Not a number, infinite, negative zero; large and small.
        self.series("odd{of=\"nan\"}", |_, number| {
            Some(if number % 7 == 0 { f64::NAN } else { number as f64 })
        });
        self.series("odd{of=\"inf\"}", |_, number| {
            Some(if number % 11 == 0 { f64::INFINITY } else { 1.0 })
        });
        self.series("odd{of=\"both\"}", |_, number| {
            Some(if number % 2 == 0 { f64::NEG_INFINITY } else { f64::INFINITY })
        });
        self.constant("odd{of=\"zero\"}", -0.0);
        self.constant("odd{of=\"all\"}", f64::NAN);
        self.series("size{of=\"large\"}", |text, _| Some(text.next() * 1e200));
        self.series("size{of=\"small\"}", |text, _| Some(text.next() * 1e-12));
        self.constant("size{of=\"huge\"}", 1e21);
        self.series("size{of=\"cancels\"}", |_, number| {
            Some([1e100, 1.0, -1e100][(number % 3) as usize])
        });
        // Gaps: a long one, some short ones, beginnings and ends inside, and samples too seldom for the lookback.
        self.series("gaps{of=\"middle\"}", |_, number| {
            (!(200..280).contains(&number)).then_some(number as f64)
        });
        self.series("gaps{of=\"some\"}", |text, number| {
            (text.next() > 0.3).then_some(number as f64)
        });
        self.series("gaps{of=\"late\"}", |_, number| (number > 300).then_some(number as f64));
        self.series("gaps{of=\"early\"}", |_, number| (number < 120).then_some(number as f64));
        self.series("gaps{of=\"seldom\"}", |_, number| (number % 24 == 0).then_some(number as f64));
        self.series("gaps{of=\"once\"}", |_, number| (number == 300).then_some(7.0));
        self.series("reset_gaps_total", |_, number| {
            (number % 5 != 0).then_some((number % 100) as f64)
        });
        // Samples between the scrapes.
        for number in 0..600 {
            self.sample(
                "uneven",
                f64::from(number % 37),
                START as f64 + f64::from(number) * 11.75 + 0.25,
            );
        }
        // Texts that need care.
        self.constant("texts{text=\"with \\\"quotes\\\" and \\\\\",also=\"line\\nbreak\"}", 1.0);
        self.constant("texts{text=\"grüße\",also=\"a.b|c\"}", 2.0);
    }

    fn matching(&mut self) {
        // What is the same on `x` alone, on both, or on neither.
        for (x, y, value) in
            [("1", "1", 10.0), ("1", "2", 20.0), ("2", "1", 30.0), ("3", "1", 40.0)]
        {
            self.gauge(&format!("left{{x=\"{x}\",y=\"{y}\"}}"), value, 8.0);
        }
        for (x, value) in [("1", 2.0), ("2", 4.0), ("4", 8.0)] {
            self.gauge(&format!("right{{x=\"{x}\"}}"), value, 1.0);
            self.constant(&format!("info{{x=\"{x}\",name=\"n{x}\",y=\"other\"}}"), 1.0);
        }
        self.gauge("right_twice{x=\"1\",z=\"1\"}", 1.0, 1.0);
        self.gauge("right_twice{x=\"1\",z=\"2\"}", 2.0, 1.0);
        // The same labels under two names.
        self.counter("same_one_total{x=\"1\"}", 3.0, 0.0);
        self.counter("same_two_total{x=\"1\"}", 5.0, 0.0);
        // The same labels one after another.
        self.series("shift_one{x=\"1\"}", |_, number| (number < 100).then_some(1.0));
        self.series("shift_two{x=\"1\"}", |_, number| (number > 200).then_some(2.0));
        // Many of one kind, with ties.
        for number in 0..30 {
            self.turned(
                &format!("many{{n=\"{number:02}\",group=\"{}\"}}", number % 3),
                f64::from(number * 7 % 10),
                f64::from(number % 4),
            );
        }
    }

    fn histograms(&mut self) {
        const BOUNDS: [&str; 7] = ["0.1", "0.25", "0.5", "1", "2.5", "10", "+Inf"];
        for (job, handler) in [("api", "/"), ("api", "/slow"), ("web", "/")] {
            let mut counts = [0.0; 7];
            for number in 0..=(END - START) / SCRAPE {
                let slow = if handler == "/slow" { 2 } else { 0 };
                for _ in 0..5 {
                    let place = ((self.next() * 5.0) as usize + slow).min(6);
                    counts.iter_mut().skip(place).for_each(|count| *count += 1.0);
                }
                for (bound, count) in BOUNDS.iter().zip(counts) {
                    let series = format!(
                        "latency_seconds_bucket{{job=\"{job}\",handler=\"{handler}\",le=\"{bound}\"}}"
                    );
                    self.sample(&series, count, (START + number * SCRAPE) as f64);
                }
                let of = format!("{{job=\"{job}\",handler=\"{handler}\"}}");
                self.sample(
                    &format!("latency_seconds_count{of}"),
                    counts[6],
                    (START + number * SCRAPE) as f64,
                );
                self.sample(
                    &format!("latency_seconds_sum{of}"),
                    counts[6] * 0.7,
                    (START + number * SCRAPE) as f64,
                );
            }
        }
        // Without a last bucket, with one alone, with two spellings of a bound, with falling counts, below zero, empty.
        for (of, buckets) in [
            ("endless", [("1", 3.0), ("2", 5.0), ("3", 9.0)]),
            ("alone", [("+Inf", 3.0), ("x", 5.0), ("", 9.0)]),
            ("twice", [("1", 3.0), ("1.0", 5.0), ("+Inf", 9.0)]),
            ("falling", [("1", 5.0), ("2", 3.0), ("+Inf", 9.0)]),
            ("negative", [("-2", 5.0), ("-1", 6.0), ("+Inf", 9.0)]),
            ("empty", [("1", 0.0), ("2", 0.0), ("+Inf", 0.0)]),
            ("odd", [("1", 2.0), ("2", f64::NAN), ("+Inf", 9.0)]),
        ] {
            for (bound, count) in buckets {
                self.constant(&format!("strange_bucket{{of=\"{of}\",le=\"{bound}\"}}"), count);
            }
        }
    }
}
