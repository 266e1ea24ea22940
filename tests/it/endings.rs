//! How the program ends when the outside does not help: it stops in time.

use crate::harness::World;
use std::time::Duration;
use tandem::clock::Clock;
use tandem::playground::seed::{self, Addresses};
use tandem::run::{self, Settings};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Longer than any part of stopping may take, and far shorter than "never".
const SOON: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_request_does_not_keep_it_from_stopping() {
    crate::harness::database::on_sqlite(async |url| {
        let world = World::open(url).await;
        let mut idle = TcpStream::connect(world.running.address).await.unwrap();
        idle.write_all(b"POST /v1/in/standard/northwind.forms HTTP/1.1\r\nHost: x\r\n").await.unwrap();
        tokio::time::timeout(SOON, world.running.stop()).await.expect("it stops");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stops_while_discord_is_unreachable() {
    crate::harness::database::on_sqlite(async |url| {
        let folder = tempfile::tempdir().unwrap();
        let addresses = Addresses {
            // A port that nobody listens on.
            discord: "http://127.0.0.1:9".to_owned(),
            database_url: url,
            evidence: folder.path().display().to_string(),
            listen: "127.0.0.1:0".to_owned(),
            public_url: "https://hooks.example.com".to_owned(),
            crm: "http://127.0.0.1:9".to_owned(),
        };
        let config = seed::configuration(&addresses, "a.b.c").unwrap_or_else(|problems| panic!("{problems}"));
        let started = run::start(&config, Clock::system(), Settings::default());
        match tokio::time::timeout(SOON, started).await.expect("it starts, or says why not") {
            Ok(running) => tokio::time::timeout(SOON, running.stop()).await.expect("it stops"),
            Err(fault) => assert!(fault.to_string().contains("logging in"), "{fault}"),
        }
    })
    .await;
}
