//! Where in a trace a call stands, in the words of W3C Trace Context: <https://www.w3.org/TR/trace-context/>.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// The name of the header, and of the field of a request's `_meta`.
pub(crate) const TRACEPARENT: &str = "traceparent";

tokio::task_local! {
    /// The span of the call that this task answers, for calls that it makes of other servers.
    pub(crate) static CURRENT: Context;
}

/// A span's place in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    /// The whole trace; never 0.
    pub(crate) trace: u128,
    /// The span; never 0.
    pub(crate) span: u64,
    /// Who began the trace wants it recorded.
    pub(crate) sampled: bool,
}

impl Context {
    /// Reads `00-TRACE-SPAN-FLAGS`; none where it is not in that form, which then counts as not given.
    pub(crate) fn read(traceparent: &str) -> Option<Context> {
        let mut fields = traceparent.trim().split('-');
        let version = digits(fields.next()?, 2)?;
        let (trace, span) = (digits(fields.next()?, 32)?, digits(fields.next()?, 16)?);
        let flags = digits(fields.next()?, 2)?;
        // Later versions may have more fields; version ff is none.
        let is_known = version != 0xff && (version != 0 || fields.next().is_none());
        if !is_known || trace == 0 || span == 0 {
            return None;
        }
        Some(Context { trace, span: u64::try_from(span).ok()?, sampled: flags & 1 == 1 })
    }

    /// A new trace.
    pub(crate) fn root() -> Context {
        let trace = u128::from(drawn()) << 64 | u128::from(drawn());
        Context { trace, span: drawn(), sampled: true }
    }

    /// A new span within the same trace.
    pub(crate) fn child(self) -> Context {
        Context { span: drawn(), ..self }
    }
}

/// As it goes over the wire.
impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

/// So many hexadecimal digits in lower case.
fn digits(text: &str, count: usize) -> Option<u128> {
    let plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == count && text.bytes().all(plain))
        .then(|| u128::from_str_radix(text, 16).ok())
        .flatten()
}

/// A number that nobody else draws, from the keys that the standard library draws for its hash maps; never 0.
fn drawn() -> u64 {
    RandomState::new().hash_one(()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_read_is_written_as_it_was() {
        let context = Context::read(GIVEN).expect("a context");
        assert!(context.sampled);
        assert_eq!(context.to_string(), GIVEN);
        assert!(!Context::read(&GIVEN.replace("-01", "-00")).expect("a context").sampled);
    }

    #[test]
    fn a_later_version_may_say_more() {
        assert!(Context::read(&format!("cc{}-what", &GIVEN[2..])).is_some());
        assert_eq!(Context::read(&format!("{GIVEN}-what")), None);
    }

    #[test]
    fn what_is_not_in_the_form_is_not_given() {
        for text in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        ] {
            assert_eq!(Context::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_child_stays_in_the_trace() {
        let parent = Context::root();
        let child = parent.child();
        assert_eq!((child.trace, child.sampled), (parent.trace, true));
        assert_ne!(child.span, parent.span);
    }
}
