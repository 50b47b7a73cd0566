//! Numbers as a reader wants them: few digits, and the unit.

use evidence::fact::metric::{Signal, Unit};

/// A value of a signal in words: `62 %`, `1.8 s`, `240/s`.
pub fn value(signal: Signal, value: f64) -> String {
    match signal.unit() {
        Unit::Share => format!("{} %", digits(value * 100.0)),
        Unit::Seconds => seconds(value),
        Unit::PerSecond => format!("{}/s", digits(value)),
        Unit::Cores if value < 1.0 => format!("{}m of CPU", digits(value * 1000.0)),
        Unit::Cores => format!("{} CPUs", digits(value)),
        Unit::Count => digits(value),
        Unit::Truth => if value >= 0.5 { "yes" } else { "no" }.to_owned(),
    }
}

/// What a signal is, in words that follow "its".
pub fn name(signal: Signal) -> &'static str {
    match signal {
        Signal::CertificateLeft => "certificate's time left",
        Signal::ApiserverRejected => "requests turned away",
        Signal::ApiserverLatency => "slowest answers (p99)",
        Signal::ConntrackUse => "connection tracking in use",
        Signal::ConnectionsUse => "connections in use",
        Signal::CpuUse => "CPU",
        Signal::CpuUseOfLimit => "CPU of its limit",
        Signal::CpuThrottled => "throttled periods",
        Signal::DnsErrors => "failed answers",
        Signal::ErrorRatio => "errors",
        Signal::EtcdFsync => "slowest writes to disk (p99)",
        Signal::EtcdLeader => "knowing a leader",
        Signal::EtcdSpace => "database of its allowed size",
        Signal::LatencyP99 => "slowest answers (p99)",
        Signal::LoadOfEven => "requests as times an even share",
        Signal::MemoryUseOfLimit => "memory of its limit",
        Signal::MeshOverflow => "requests turned away by a circuit breaker",
        Signal::NodeCpuUse => "CPU in use",
        Signal::NodeDiskFree => "free disk space",
        Signal::NodeInodesFree => "free inodes",
        Signal::NodeMemoryAvailable => "available memory",
        Signal::NodeRetransmits => "segments sent again",
        Signal::PoolUse => "connections of its pool in use",
        Signal::PoolWaiting => "callers waiting for a connection",
        Signal::ProbeSuccess => "answering probes",
        Signal::QueueLag => "messages not read yet",
        Signal::QuotaUse => "quota in use",
        Signal::ReplicasOfMaximum => "replicas of the most allowed",
        Signal::RequestRate => "requests",
        Signal::VolumeFree => "free space",
        Signal::VolumeInodesFree => "free inodes",
    }
}

/// A number of times: `3.2`.
pub fn times(now: f64, usual: f64) -> String {
    digits(now / usual)
}

fn seconds(value: f64) -> String {
    match value.abs() {
        it if it < 1.0 => format!("{} ms", digits(value * 1000.0)),
        it if it < 7200.0 => format!("{} s", digits(value)),
        it if it < 172_800.0 => format!("{} h", digits(value / 3600.0)),
        _ => format!("{} days", digits(value / 86_400.0)),
    }
}

/// Two significant digits, whole numbers whole.
fn digits(value: f64) -> String {
    let text = match value.abs() {
        it if it >= 10.0 => format!("{value:.0}"),
        it if it >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::value;
    use evidence::fact::metric::Signal;

    #[test]
    fn numbers_are_short_and_have_their_unit() {
        assert_eq!(value(Signal::ErrorRatio, 0.625), "62 %");
        assert_eq!(value(Signal::LatencyP99, 1.84), "1.8 s");
        assert_eq!(value(Signal::LatencyP99, 0.034), "34 ms");
        assert_eq!(value(Signal::RequestRate, 240.4), "240/s");
        assert_eq!(value(Signal::CertificateLeft, 259_200.0), "3 days");
        assert_eq!(value(Signal::CpuUse, 0.25), "250m of CPU");
    }
}
