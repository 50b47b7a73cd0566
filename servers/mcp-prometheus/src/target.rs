//! A scrape target as it may be told: without what stands in its address to let it be scraped.

use clients::prometheus::targets::Target;

/// The job that it belongs to.
pub(crate) fn job(target: &Target) -> &str {
    target.labels.get("job").map_or(target.scrape_pool.as_str(), String::as_str)
}

/// Which of the job's it is.
pub(crate) fn instance(target: &Target) -> String {
    target.labels.get("instance").cloned().unwrap_or_else(|| plain(&target.scrape_url))
}

/// Why the last scrape of it failed.
pub(crate) fn error(target: &Target) -> String {
    let url = &target.scrape_url;
    // Nothing is found between all characters.
    if url.is_empty() {
        return target.last_error.clone();
    }
    target.last_error.replace(url, &plain(url))
}

/// An address without its parameters and whoever stands before its host: tokens may be among them.
pub(crate) fn plain(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |it| it.1);
    format!("{scheme}://{host}/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_an_address_is_told() {
        let told = plain("https://prom:hunter2@10.0.0.1:8443/metrics?token=hunter2");
        assert_eq!(told, "https://10.0.0.1:8443/metrics");
        assert_eq!(plain("http://10.0.0.1:80"), "http://10.0.0.1:80/");
    }

    #[test]
    fn an_error_is_told_of_a_target_without_an_address_too() {
        let last_error = "context deadline exceeded".to_owned();
        let target = Target { last_error: last_error.clone(), ..Target::default() };
        assert_eq!(error(&target), last_error);
    }
}
