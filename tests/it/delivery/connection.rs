//! The two ways to another Discord, and settings that lead nowhere.

use super::bench::on_sqlite;
use super::place::{Place, quick, settings};
use discord_local::{Bucket, Options, RateLimits};
use std::time::{Duration, Instant};
use tandem::delivery::Delivery;
use tandem::delivery::connect::{self, ConnectError, DiscordSettings};

/// As in production: TLS, `discord.com`, serenity's own rate limiter, which waits as long as Discord says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_production_path_keeps_to_the_rate_limits() {
    on_sqlite(async |bench| {
        let bucket = Bucket { limit: 2, window: Duration::from_millis(400) };
        let rate_limits = RateLimits { create_message: bucket, ..RateLimits::on() };
        let place = Place::open_with(bench, Options { tls: true, rate_limits, ..Options::default() }).await;
        let http = connect::http(&DiscordSettings {
            api_url: None,
            connect_to: Some(place.server.address()),
            ca_pem: place.server.ca_pem(),
            ..settings(&place.server, &place.bot)
        })
        .unwrap();
        let delivery =
            Delivery::new(place.bench.store.clone(), place.bench.clock.clone(), std::sync::Arc::new(http))
                .with_timing(quick());
        let texts: Vec<_> = (0..7).map(|n| format!("message {n}")).collect();
        for text in &texts {
            place.say(place.general, text).await;
        }
        let started = Instant::now();
        place.drain(&delivery).await;
        assert_eq!(place.titles(place.general), texts);
        assert!(started.elapsed() >= Duration::from_millis(1_000), "{:?}", started.elapsed());
        let ran_into = place.server.requests().iter().filter(|line| line.status == 429).count();
        assert!(ran_into <= 1, "it waits before it is told to: {:?}", place.server.requests());
        assert_eq!(place.dead().await, []);
    })
    .await;
}

/// Without serenity's limiter (`api_url`) the schedule of delivery is the only one, and it is enough.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_limiter_of_its_own_the_schedule_gets_through() {
    on_sqlite(async |bench| {
        let bucket = Bucket { limit: 2, window: Duration::from_millis(200) };
        let rate_limits = RateLimits { create_message: bucket, ..RateLimits::on() };
        let place = Place::open_with(bench, Options { rate_limits, ..Options::default() }).await;
        let texts: Vec<_> = (0..7).map(|n| format!("message {n}")).collect();
        for text in &texts {
            place.say(place.general, text).await;
        }
        place.drain(&place.delivery(quick())).await;
        assert_eq!(place.titles(place.general), texts);
        assert!(place.server.requests().iter().any(|line| line.status == 429));
    })
    .await;
}

#[test]
fn settings_that_lead_nowhere_are_refused_before_anything_is_sent() {
    let good = DiscordSettings {
        token: "secret-token".into(),
        application_id: 7,
        api_url: None,
        connect_to: None,
        ca_pem: None,
    };
    let address = Some(([127, 0, 0, 1], 1).into());
    let refused = |settings: DiscordSettings| connect::http(&settings).map(|_| ()).unwrap_err();
    connect::http(&good).unwrap();
    connect::http(&DiscordSettings { api_url: Some("http://127.0.0.1:8787".into()), ..good.clone() })
        .unwrap();

    assert!(matches!(refused(DiscordSettings { token: " ".into(), ..good.clone() }), ConnectError::NoToken));
    let no_application = DiscordSettings { application_id: 0, ..good.clone() };
    assert!(matches!(refused(no_application), ConnectError::NoApplication));
    let no_authority = DiscordSettings { connect_to: address, ..good.clone() };
    assert!(matches!(refused(no_authority), ConnectError::NoAuthority));
    let two_ways = DiscordSettings { connect_to: address, api_url: Some("http://a".into()), ..good.clone() };
    assert!(matches!(refused(two_ways), ConnectError::TwoWays));
    let not_a_certificate =
        DiscordSettings { connect_to: address, ca_pem: Some("no PEM".into()), ..good.clone() };
    assert!(matches!(refused(not_a_certificate), ConnectError::Tls(_) | ConnectError::NoAuthority));
    for url in ["", "127.0.0.1:8787", "ftp://a", "http://a/api/v10", "http://a/?b"] {
        let settings = DiscordSettings { api_url: Some(url.into()), ..good.clone() };
        assert!(matches!(refused(settings), ConnectError::Url(_)), "{url}");
    }
    assert!(!format!("{good:?}").contains("secret-token"));
}
