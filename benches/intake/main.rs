//! What a durable acknowledgement of a webhook costs: requests a second over loopback, side by side in one run.
//!
//! Compared are a bare handler that verifies the signature and answers, the intake as it runs in production, the same
//! with events being folded beside it, and a handler with one transaction for each request. All verify the same signed
//! requests, sent by the same number of connections from this process. Run it with `cargo bench --bench intake`;
//! `BENCH_REQUESTS`, `BENCH_CONNECTIONS` and `BENCH_ROUNDS` change its size, `TEST_POSTGRES_URL` adds PostgreSQL.

mod client;
mod contender;
mod databases;

use client::{Measured, Prepared};
use contender::{Contender, Kind};
use std::time::Duration;
use tandem::clock::Clock;

/// Handlers that store each request by itself are so slow that a part of the requests shows it.
const ONE_BY_ONE_PART: usize = 10;

struct Size {
    requests: usize,
    connections: usize,
    rounds: usize,
}

impl Size {
    fn asked() -> Self {
        Self {
            requests: number("BENCH_REQUESTS", 20_000),
            connections: number("BENCH_CONNECTIONS", 64),
            rounds: number("BENCH_ROUNDS", 3),
        }
    }
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).filter(|n| *n > 0).unwrap_or(default)
}

/// What was measured of one contender: one value a round.
struct Line {
    name: String,
    requests: usize,
    rounds: Vec<Measured>,
}

fn main() {
    let size = Size::asked();
    let server = runtime(2);
    let sender = runtime(1);
    let mut lines = server.block_on(contenders(&size));
    println!(
        "{} requests a round, {} keep-alive connections over loopback, median of {} rounds; sender and server share this machine's {} processors",
        size.requests,
        size.connections,
        size.rounds,
        std::thread::available_parallelism().map_or(0, usize::from),
    );
    for round in 0..size.rounds {
        for (contender, line) in &mut lines {
            let requests = Prepared::signed(round, line.requests, &Clock::system());
            let address = contender.address;
            let measured = sender.block_on(client::send(address, requests, size.connections));
            server.block_on(contender.rests());
            line.rounds.push(measured);
        }
    }
    let stored = server.block_on(check(&lines, &size));
    report(lines.into_iter().map(|(_, line)| line).collect());
    println!("{stored}");
}

fn runtime(threads: usize) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .expect("a runtime")
}

async fn contenders(size: &Size) -> Vec<(Contender, Line)> {
    let mut all = Vec::new();
    let mut add = |contender: Contender, part: usize| {
        let line = Line {
            name: contender.name.clone(),
            requests: (size.requests / part).max(1),
            rounds: Vec::new(),
        };
        all.push((contender, line));
    };
    add(Contender::open(Kind::Bare, None).await, 1);
    for database in databases::available() {
        add(Contender::open(Kind::Grouped, Some(database)).await, 1);
        add(Contender::open(Kind::GroupedAndFolded, Some(database)).await, 1);
        add(Contender::open(Kind::OneByOne, Some(database)).await, ONE_BY_ONE_PART);
    }
    all
}

/// What was acknowledged has to be there: a benchmark of something that loses requests says nothing.
async fn check(lines: &[(Contender, Line)], size: &Size) -> String {
    let mut total = 0;
    for (contender, line) in lines {
        let Some(stored) = contender.stored().await else { continue };
        let expected = line.requests * size.rounds;
        assert_eq!(stored, expected, "{}: every acknowledged request is stored", line.name);
        total += stored;
    }
    for (contender, _) in lines {
        contender.close().await;
    }
    format!("Every one of the {total} requests acknowledged by a storing contender is in its database.")
}

fn median<T: Copy + PartialOrd>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values[values.len() / 2]
}

fn report(lines: Vec<Line>) {
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let bare: Vec<f64> = lines[0].rounds.iter().map(|round| round.per_second).collect();
    println!("{:<46} {:>10} {:>9} {:>9} {:>8}", "", "requests/s", "p50 ms", "p99 ms", "of bare");
    for line in &lines {
        let of = |value: fn(&Measured) -> Duration| median(line.rounds.iter().map(value).collect());
        let per_second = median(line.rounds.iter().map(|round| round.per_second).collect());
        let ratios = line.rounds.iter().zip(&bare).map(|(round, bare)| round.per_second / bare);
        println!(
            "{:<46} {:>10.0} {:>9.2} {:>9.2} {:>8.2}",
            line.name,
            per_second,
            ms(of(|round| round.p50)),
            ms(of(|round| round.p99)),
            median(ratios.collect()),
        );
    }
}
