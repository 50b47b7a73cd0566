//! The one system that a server reads: connected to when it is first asked about.

use crate::failure::{Code, Failure};
use futures::future::BoxFuture;
use std::fmt::Display;
use tokio::sync::OnceCell;

/// A system, and the way to it.
pub struct Upstream<C> {
    name: &'static str,
    connect: Box<Connect<C>>,
    opened: OnceCell<Connected<C>>,
}

/// Makes a connection.
type Connect<C> = dyn Fn() -> BoxFuture<'static, Result<Connected<C>, Failure>> + Send + Sync;

/// A connection.
#[derive(Clone, Debug)]
pub struct Connected<C> {
    /// What is asked.
    pub client: C,
    /// What is to be said with every answer, such as that the identity may do more than it needs.
    pub notice: Option<String>,
}

impl<C: Clone> Upstream<C> {
    /// What `connect` leads to, for the server `name`. Opens nothing yet, so that tools can be listed without it.
    pub fn new(
        name: &'static str,
        connect: impl Fn() -> BoxFuture<'static, Result<Connected<C>, Failure>> + Send + Sync + 'static,
    ) -> Self {
        Upstream { name, connect: Box::new(connect), opened: OnceCell::new() }
    }

    /// One that is connected to already.
    pub fn over(name: &'static str, client: C) -> Self
    where
        C: Send + Sync + 'static,
    {
        let connected = Connected { client, notice: None };
        let opened = OnceCell::new_with(Some(connected.clone()));
        let connect = move || -> BoxFuture<'static, Result<Connected<C>, Failure>> {
            let connected = connected.clone();
            Box::pin(async move { Ok(connected) })
        };
        Upstream { name, connect: Box::new(connect), opened }
    }

    /// The connection, made when it is first asked for; a failure is tried again the next time.
    ///
    /// # Errors
    /// As `connect` fails.
    pub async fn client(&self) -> Result<C, Failure> {
        let opened = self.opened.get_or_try_init(|| self.open()).await?;
        Ok(opened.client.clone())
    }

    async fn open(&self) -> Result<Connected<C>, Failure> {
        let connected = (self.connect)().await?;
        if let Some(notice) = &connected.notice {
            tracing::warn!(server = self.name, notice);
        }
        Ok(connected)
    }

    /// The connection, where there is one already.
    pub fn opened(&self) -> Option<&C> {
        self.opened.get().map(|connected| &connected.client)
    }

    /// What is to be said with every answer.
    pub fn notice(&self) -> Option<String> {
        self.opened.get().and_then(|connected| connected.notice.clone())
    }
}

/// The failure to connect as it is configured, with what to do about it.
pub fn unopened(error: &impl Display, hint: &str) -> Failure {
    Failure {
        code: Code::Unreachable,
        message: error.to_string(),
        retryable: false,
        hint: hint.to_owned(),
    }
}

/// The failure of an identity that may do more than its server needs; `server` as `inquest rbac` takes it.
pub fn overprivileged(error: &impl Display, server: &str) -> Failure {
    Failure {
        code: Code::Forbidden,
        message: error.to_string(),
        retryable: false,
        hint: format!(
            "give it the role that `inquest rbac {server}` prints and no other, or set --allow-overprivileged"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn it_is_opened_once_and_tried_again_where_it_failed() {
        let times = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&times);
        let upstream = Upstream::new("mcp-test", move || {
            let time = counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                match time {
                    0 => Err(unopened(&"no route", "check --address")),
                    client => Ok(Connected { client, notice: Some("it may write".to_owned()) }),
                }
            })
        });
        assert_eq!(upstream.client().await.map_err(|it| it.message), Err("no route".to_owned()));
        assert_eq!(upstream.notice(), None);
        assert_eq!(upstream.client().await, Ok(1));
        assert_eq!(upstream.client().await, Ok(1));
        assert_eq!(upstream.notice().as_deref(), Some("it may write"));
        assert_eq!(times.load(Ordering::Relaxed), 2);
    }
}
