//! Fields that are `null` where there is nothing, as Go writes empty lists.

use serde::{Deserialize, Deserializer};

/// The value, or nothing of its kind where it is `null`.
pub(crate) fn or_nothing<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
