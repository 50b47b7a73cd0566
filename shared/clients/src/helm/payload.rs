//! Takes a release out of its wrapping: base64 of gzip of JSON, and in a Secret base64 of that again.

use crate::helm::kept::Driver;
use crate::helm::release::Release;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use readonly::refusal::Kind;
use std::io::{BufReader, Read};

/// How a gzip stream begins. Releases of the first Helm 2 were not compressed.
const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];
/// Bytes of a release after decompression: a Secret holds a megabyte of text, which is five to ten of an ordinary
/// chart, and a thousand of one that was made to fill our memory.
pub(super) const MOST: u64 = 32 << 20;

/// The release in `text`, which is what an object of this kind has under `release`.
pub(super) fn decode(driver: Driver, text: &str) -> Result<Release, Kind> {
    if text.is_empty() {
        return Err(Kind::Malformed("there is no release in it".to_owned()));
    }
    let wrapped = match driver {
        Driver::Secret => base64(text.as_bytes())?,
        Driver::ConfigMap => text.as_bytes().to_vec(),
    };
    let packed = base64(&wrapped)?;
    if packed.starts_with(&GZIP) {
        return read(GzDecoder::new(packed.as_slice()));
    }
    read(packed.as_slice())
}

fn base64(text: &[u8]) -> Result<Vec<u8>, Kind> {
    STANDARD.decode(text.trim_ascii()).map_err(|error| {
        Kind::Malformed(format!("the release in it is not wrapped as Helm does it: {error}"))
    })
}

/// The release as it is unpacked, so that what is passed over takes no memory.
fn read(packed: impl Read) -> Result<Release, Kind> {
    let mut bounded = BufReader::new(packed.take(MOST));
    serde_json::from_reader(&mut bounded).map_err(|error| {
        let ended = bounded.buffer().is_empty() && bounded.get_ref().limit() == 0;
        match ended {
            true => Kind::TooLarge { limit: MOST },
            false => {
                Kind::Malformed(format!("the release in it is not as Helm writes it: {error}"))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn packed(json: &[u8]) -> String {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(json).unwrap();
        STANDARD.encode(gzip.finish().unwrap())
    }

    fn refused(text: &str) -> Kind {
        decode(Driver::ConfigMap, text).unwrap_err()
    }

    #[test]
    fn each_driver_wraps_in_its_own_way() {
        let inner = packed(br#"{"name":"web","version":4}"#);
        let of_map = decode(Driver::ConfigMap, &inner).unwrap();
        let of_secret = decode(Driver::Secret, &STANDARD.encode(&inner)).unwrap();
        assert_eq!((of_map.name.as_str(), of_map.version), ("web", 4));
        assert_eq!((of_secret.name.as_str(), of_secret.version), ("web", 4));
    }

    #[test]
    fn a_release_that_is_not_compressed_is_read_too() {
        let plain = STANDARD.encode(br#"{"name":"web"}"#);
        assert_eq!(decode(Driver::ConfigMap, &plain).unwrap().name, "web");
    }

    #[test]
    fn a_release_that_fills_the_memory_is_refused_by_its_size() {
        let size = usize::try_from(MOST).unwrap();
        let mut json = br#"{"chart":{"templates":[{"data":""#.to_vec();
        json.resize(size + 1, b'A');
        let bomb = packed(&json);
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        assert!(matches!(refused(&bomb), Kind::TooLarge { limit: MOST }));
    }

    #[test]
    fn what_is_no_release_says_where_it_stops_being_one() {
        for (text, said) in [
            ("", "there is no release in it"),
            ("not base64!", "not wrapped as Helm does it"),
            (&STANDARD.encode("[1]"), "not as Helm writes it"),
            (&STANDARD.encode([0x1f, 0x8b, 0x08, 0, 0]), "not as Helm writes it"),
            (&packed(&br#"{"name":"web"}"#[..9]), "not as Helm writes it"),
        ] {
            let Kind::Malformed(why) = refused(text) else { panic!("{text}") };
            assert!(why.contains(said), "{why}");
        }
    }
}
