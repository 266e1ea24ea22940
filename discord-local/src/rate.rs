//! Rate limits: a global one per bot, and buckets per route and major parameter (channel, guild, webhook).
//!
//! Windows are real time. A refused request isn't applied.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::options::{Bucket, RateLimits};

/// What the limiter says to a request.
pub(crate) struct Ticket {
    pub headers: Vec<(&'static str, String)>,
    /// Set if the request is refused: seconds to wait, and whether the limit is the global one.
    pub refused: Option<(f64, bool)>,
}

#[derive(Default)]
pub(crate) struct Limiter {
    windows: HashMap<(u64, String), (Instant, u32)>,
}

impl Limiter {
    /// Counts a request of this bot. `now_ms` is only for the absolute header.
    pub fn take(
        &mut self,
        limits: &RateLimits,
        app: u64,
        method: &str,
        path: &[&str],
        now_ms: i64,
    ) -> Ticket {
        let (route, bucket, exempt) = route(limits, method, path);
        if !exempt {
            let global = Bucket { limit: limits.global_per_second, window: Duration::from_secs(1) };
            let (left, reset) = self.count(app, "global".to_owned(), global);
            if left.is_none() {
                let headers = vec![
                    ("X-RateLimit-Global", "true".to_owned()),
                    ("X-RateLimit-Scope", "global".to_owned()),
                ];
                return Ticket { headers, refused: Some((reset.as_secs_f64(), true)) };
            }
        }
        let hash = route
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        let (left, reset) = self.count(app, route, bucket);
        let after = reset.as_secs_f64();
        let at = std::time::Duration::from_millis(u64::try_from(now_ms).unwrap_or(0)).as_secs_f64() + after;
        let mut headers = vec![
            ("X-RateLimit-Limit", bucket.limit.to_string()),
            ("X-RateLimit-Remaining", left.unwrap_or(0).to_string()),
            ("X-RateLimit-Reset", format!("{at:.3}")),
            ("X-RateLimit-Reset-After", format!("{after:.3}")),
            ("X-RateLimit-Bucket", format!("{hash:016x}")),
        ];
        if left.is_none() {
            headers.push(("X-RateLimit-Scope", "user".to_owned()));
        }
        Ticket { headers, refused: left.is_none().then_some((after, false)) }
    }

    /// How many are left in the window after this one (`None`: it is refused), and when the window ends.
    fn count(&mut self, app: u64, key: String, bucket: Bucket) -> (Option<u32>, Duration) {
        let now = Instant::now();
        let entry = self.windows.entry((app, key)).or_insert((now, 0));
        if now.duration_since(entry.0) >= bucket.window {
            *entry = (now, 0);
        }
        let reset = bucket.window.saturating_sub(now.duration_since(entry.0));
        if entry.1 >= bucket.limit {
            return (None, reset);
        }
        entry.1 += 1;
        (Some(bucket.limit - entry.1), reset)
    }
}

/// The bucket a request counts in, and whether it is outside the global limit.
fn route(limits: &RateLimits, method: &str, path: &[&str]) -> (String, Bucket, bool) {
    match (method, path) {
        ("POST", ["channels", id, "messages"]) => (format!("create {id}"), limits.create_message, false),
        ("PATCH", ["channels", id, "messages", _]) => (format!("edit {id}"), limits.edit_message, false),
        (_, ["webhooks", _, token, ..]) => (format!("webhook {token}"), limits.webhook, true),
        (_, ["interactions", id, ..]) => (format!("callback {id}"), limits.other, true),
        (_, [family @ ("channels" | "guilds"), id, rest @ ..]) => {
            let rest: Vec<&str> =
                rest.iter().map(|part| if part.parse::<u64>().is_ok() { ":id" } else { part }).collect();
            (format!("{method} {family} {id} {}", rest.join("/")), limits.other, false)
        }
        _ => (format!("{method} {}", path.join("/")), limits.other, false),
    }
}
