//! Settings of traces.

use url::Url;

/// Settings of traces.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TraceSettings {
    /// OTLP receiver for a span of each call, as http://collector:4318; JSON over HTTP. Unset: no traces
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<Url>,
}
