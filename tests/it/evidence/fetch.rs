//! Fetching attachments: from Discord alone, within the limits, and with an answer for whatever goes wrong.

use super::files::{MOST, honest};
use crate::harness::{World, stories};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::routing::get;
use discord_local::{DiscordLocal, Options, Upload};
use insta::{allow_duplicates, assert_snapshot};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tandem::config::DiscordRoute;
use tandem::domain::evidence::{Attachment, EvidenceFile, Kind};
use tandem::evidence::Untaken;
use tandem::evidence::fetch::{Fetcher, HOSTS, Unfetched, is_public};
use tandem::evidence::unfit::Unfit;
use tandem::playground::seed::{self, ACME, Who};

const LIMIT: usize = 2_000;

fn attachment(url: &str, bytes: i64) -> Attachment {
    Attachment {
        name: "a.txt".to_owned(),
        content_type: Some("text/plain".to_owned()),
        bytes,
        url: url.to_owned(),
    }
}

/// A server that misbehaves; how often it was asked, and its address.
async fn strange_server() -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let endless = || async {
        let pieces =
            futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 512])));
        Body::from_stream(pieces)
    };
    let stalls = || async {
        let first = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"x"))]);
        Body::from_stream(futures_util::StreamExt::chain(first, futures_util::stream::pending()))
    };
    let breaks = || async {
        let pieces = [Ok(Bytes::from_static(b"xx")), Err(std::io::Error::other("gone"))];
        Body::from_stream(futures_util::stream::iter(pieces))
    };
    let elsewhere =
        || async { (StatusCode::FOUND, [(header::LOCATION, "http://169.254.169.254/attachments/1")]) };
    let counted = Arc::clone(&asked);
    let app = Router::new()
        .route("/attachments/1/2/exact", get(|| async { "x".repeat(LIMIT) }))
        .route("/attachments/1/2/more", get(|| async { "x".repeat(LIMIT + 1) }))
        .route("/attachments/1/2/empty", get(|| async { "" }))
        .route("/attachments/1/2/endless", get(endless))
        .route("/attachments/1/2/stalls", get(stalls))
        .route("/attachments/1/2/breaks", get(breaks))
        .route("/attachments/1/2/elsewhere", get(elsewhere))
        .route("/attachments/1/2/broken", get(|| async { StatusCode::BAD_GATEWAY }))
        .route("/attachments/1/2/forbidden", get(|| async { StatusCode::FORBIDDEN }))
        .route("/other", get(|| async { "x" }))
        .layer(axum::middleware::from_fn(move |request, next: axum::middleware::Next| {
            counted.fetch_add(1, Ordering::SeqCst);
            next.run(request)
        }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (base, asked)
}

#[tokio::test]
async fn sizes_and_troubles_have_their_names() {
    let (base, _) = strange_server().await;
    let route = DiscordRoute::Proxy { api_url: base.clone() };
    let fetcher = Fetcher::patient(&route, LIMIT, Duration::from_millis(400)).unwrap();
    let fetch = async |name: &str, declared: usize| {
        let url = format!("{base}/attachments/1/2/{name}?ex=1&hm=2");
        fetcher.fetch(&attachment(&url, i64::try_from(declared).unwrap())).await.map(|bytes| bytes.len())
    };
    let too_large = Err(Unfetched::Unfit(Unfit::TooLarge(LIMIT)));
    assert_eq!(fetch("exact", LIMIT).await, Ok(LIMIT));
    assert_eq!(fetch("exact", LIMIT + 1).await, too_large, "declared too large");
    assert_eq!(fetch("more", LIMIT).await, too_large, "come too large, with its length");
    assert_eq!(fetch("endless", LIMIT).await, too_large, "come too large, without an end");
    assert_eq!(fetch("exact", LIMIT - 1).await, Err(Unfetched::Incomplete), "another size than declared");
    assert_eq!(fetch("exact", 0).await, Err(Unfetched::Unfit(Unfit::Empty)));
    assert_eq!(fetch("empty", 1).await, Err(Unfetched::Unfit(Unfit::Empty)));
    assert_eq!(fetch("missing", 1).await, Err(Unfetched::Gone));
    assert_eq!(fetch("forbidden", 1).await, Err(Unfetched::Gone));
    assert_eq!(fetch("elsewhere", 1).await, Err(Unfetched::Elsewhere), "a redirect is not followed");
    assert_eq!(fetch("broken", 1).await, Err(Unfetched::Unreachable("HTTP 502".to_owned())));
    for trouble in ["stalls", "breaks"] {
        let began = Instant::now();
        let Err(Unfetched::Unreachable(reason)) = fetch(trouble, 5).await else { panic!("{trouble}") };
        assert!(!reason.contains("hm=2") && !reason.is_empty(), "no link in a log: {reason}");
        assert!(began.elapsed() < Duration::from_secs(5), "{trouble} is given up");
    }
    let nobody =
        Fetcher::new(&DiscordRoute::Proxy { api_url: "http://127.0.0.1:9".to_owned() }, LIMIT).unwrap();
    let silence = nobody.fetch(&attachment("http://127.0.0.1:9/attachments/1/2/a", 5)).await;
    assert!(matches!(silence, Err(Unfetched::Unreachable(_))), "{silence:?}");
}

#[tokio::test]
async fn links_lead_to_attachments_or_nowhere() {
    let (base, asked) = strange_server().await;
    let port = base.rsplit(':').next().unwrap();
    let own = Fetcher::new(&DiscordRoute::Proxy { api_url: base.clone() }, LIMIT).unwrap();
    let public = Fetcher::new(&DiscordRoute::Public, LIMIT).unwrap();
    let refused = [
        format!("{base}/other"),
        format!("{base}/attachments/../other"),
        format!("https://127.0.0.1:{port}/attachments/1/2/exact"),
        format!("http://localhost:{port}/attachments/1/2/exact"),
        format!("http://x@127.0.0.1:{port}/attachments/1/2/exact"),
        format!("http://127.0.0.1:{port}0/attachments/1/2/exact"),
        "http://cdn.discordapp.com/attachments/1/2/a".to_owned(),
        "https://cdn.discordapp.com:8443/attachments/1/2/a".to_owned(),
        "https://cdn.discordapp.com/avatars/1/2".to_owned(),
        "https://cdn.discordapp.com.evil.example/attachments/1/2/a".to_owned(),
        "https://cdn.discordapp.com@evil.example/attachments/1/2/a".to_owned(),
        "https://cdn.discordapp.com./attachments/1/2/a".to_owned(),
        "https://evil.example/attachments/1/2/a".to_owned(),
        "https://discord.com/attachments/1/2/a".to_owned(),
        "http://169.254.169.254/attachments/1/2/a".to_owned(),
        "file:///attachments/1/2/a".to_owned(),
        "ftp://cdn.discordapp.com/attachments/1/2/a".to_owned(),
        "/attachments/1/2/a".to_owned(),
        String::new(),
    ];
    for link in &refused {
        for fetcher in [&own, &public] {
            assert_eq!(fetcher.fetch(&attachment(link, 5)).await, Err(Unfetched::Elsewhere), "{link}");
        }
    }
    let local = attachment(&format!("{base}/attachments/1/2/exact"), 2_000);
    assert_eq!(public.fetch(&local).await, Err(Unfetched::Elsewhere), "no local server is configured");
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody was asked");
    assert!(own.fetch(&local).await.is_ok());
}

#[test]
fn inner_addresses_are_not_public() {
    let public = |text: &str| is_public(text.parse::<IpAddr>().unwrap());
    for inner in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "100::1",
    ] {
        assert!(!public(inner), "{inner}");
    }
    for outer in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "162.159.135.233",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
    ] {
        assert!(public(outer), "{outer}");
    }
}

/// As in production: TLS, and the host by which Discord hands files out; only where that name leads to is another place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_production_path_trusts_the_host_and_its_certificate() {
    let server = DiscordLocal::start(Options { tls: true, ..Options::default() }).await.unwrap();
    seed::people(&server);
    let bytes = honest(Kind::Pdf);
    let pat = server.person(Who::Pat.id());
    pat.say(ACME, "the invoice", vec![Upload::new("invoice.pdf", "application/pdf", bytes.clone())])
        .await
        .unwrap();
    let file = pat.messages(ACME).last().unwrap().attachments[0].clone();
    let path = file.url.split_once("/attachments/").unwrap().1;
    let at = |host: &str| {
        attachment(&format!("https://{host}/attachments/{path}"), i64::try_from(file.size).unwrap())
    };
    let ca_pem = server.ca_pem().unwrap();
    let route = DiscordRoute::Redirected { address: server.address(), ca_pem };
    let fetcher = Fetcher::new(&route, MOST).unwrap();
    assert_eq!(fetcher.fetch(&at(HOSTS[0])).await, Ok(bytes));
    let other = fetcher.fetch(&at(HOSTS[1])).await;
    assert!(
        matches!(other, Err(Unfetched::Unreachable(_))),
        "its certificate is for another host: {other:?}"
    );
    assert_eq!(fetcher.fetch(&at("discord.com")).await, Err(Unfetched::Elsewhere));
    server.stop().await;
}

stories!(what_is_attached_is_taken_or_refused_with_a_sentence);

/// What somebody posted, as the bot is told of it.
async fn posted(w: &World, name: &str, content_type: &str, bytes: Vec<u8>) -> Attachment {
    let pat = w.discord.person(Who::Pat.id());
    pat.say(ACME, "proof", vec![Upload::new(name, content_type, bytes)]).await.unwrap();
    let file = pat.messages(ACME).last().unwrap().attachments[0].clone();
    Attachment {
        name: file.filename,
        content_type: Some(file.content_type),
        bytes: i64::try_from(file.size).unwrap(),
        url: file.url,
    }
}

async fn take(w: &World, attachment: &Attachment, restricted: bool) -> Result<EvidenceFile, String> {
    w.running.app.evidence.take(attachment, restricted).await.map_err(|why| match why {
        Untaken::Refused(refusal) => format!("{} {}", refusal.sentence, refusal.hint),
        Untaken::Fault(fault) => panic!("{fault}"),
    })
}

async fn what_is_attached_is_taken_or_refused_with_a_sentence(w: &mut World) {
    let evidence = w.running.app.evidence.clone();
    let invoice = posted(w, "invoice.pdf", "application/pdf", honest(Kind::Pdf)).await;
    let file = take(w, &invoice, false).await.unwrap();
    assert_eq!(
        (file.name.as_str(), file.content_type.as_str(), file.rows),
        ("invoice.pdf", "application/pdf", None)
    );
    assert_eq!((file.bytes, file.restricted), (invoice.bytes, false));
    assert_eq!(evidence.read(&file.object()).await.unwrap(), honest(Kind::Pdf));
    let again = posted(w, "copy.pdf", "application/pdf", honest(Kind::Pdf)).await;
    assert_eq!(take(w, &again, false).await.unwrap().sha256, file.sha256, "the same bytes are the same file");

    let list = posted(w, "leads.xlsx", Kind::Xlsx.content_type(), honest(Kind::Xlsx)).await;
    let list = take(w, &list, true).await.unwrap();
    assert_eq!((list.restricted, list.rows), (true, Some(2)));
    assert_eq!(evidence.read(&list.object()).await.unwrap(), honest(Kind::Xlsx));

    let stored = stored(w);
    let mut said = Vec::new();
    assert_eq!(stored, 2, "an invoice, and a list");
    let program = posted(w, "invoice.pdf.exe", "application/pdf", honest(Kind::Pdf)).await;
    said.push(take(w, &program, false).await.unwrap_err());
    let disguised = posted(w, "invoice.pdf", "application/pdf", b"MZ\x90\0".to_vec()).await;
    said.push(take(w, &disguised, false).await.unwrap_err());
    let archive = posted(w, "photos.zip", "application/zip", super::files::archive(&[])).await;
    said.push(take(w, &archive, false).await.unwrap_err());
    let path = Attachment { name: "../../etc/passwd".to_owned(), ..invoice.clone() };
    said.push(take(w, &path, false).await.unwrap_err());
    let large = Attachment { bytes: 11 * 1024 * 1024, ..invoice.clone() };
    said.push(take(w, &large, false).await.unwrap_err());
    let forged = Attachment { url: invoice.url.replace("hm=", "hm=0"), ..invoice.clone() };
    said.push(take(w, &forged, false).await.unwrap_err());
    let elsewhere =
        Attachment { url: "https://evil.example/attachments/1/2/a".to_owned(), ..invoice.clone() };
    said.push(take(w, &elsewhere, false).await.unwrap_err());
    let cut = Attachment { bytes: invoice.bytes + 1, ..invoice.clone() };
    said.push(take(w, &cut, false).await.unwrap_err());
    w.moves_to("2026-01-06T09:30:00Z").await;
    said.push(take(w, &invoice, false).await.unwrap_err());
    allow_duplicates! { assert_snapshot!(said.join("\n"), @r#"
    invoice.pdf.exe is not of a type that is accepted as evidence. Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    invoice.pdf is called a PDF file, but what is in it is a Windows program. Save it anew in the format that its name says. Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    photos.zip is an archive; archives are not accepted. Attach what is in it, file by file. Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    ../../etc/passwd: the file's name holds a path. Give it a plain name, such as invoice-1042.pdf, and attach it again.
    invoice.pdf is larger than 10 MiB. Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    invoice.pdf is no longer there: it was deleted, or its link is too old. Attach the file again.
    invoice.pdf is no attachment of this chat. Attach the file itself. Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    invoice.pdf did not arrive whole. Nothing was stored. Try again in a minute.
    invoice.pdf is no longer there: it was deleted, or its link is too old. Attach the file again.
    "#); }
    assert_eq!(self::stored(w), stored, "nothing was stored of what was refused");
}

/// How many files there are in the world's folder for evidence.
fn stored(w: &World) -> usize {
    let mut folders = vec![std::path::PathBuf::from(&w.addresses.evidence)];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files += 1 }
        }
    }
    files
}

#[tokio::test]
async fn without_a_folder_it_is_a_fault_and_no_refusal() {
    let nowhere = tandem::evidence::Evidence::nowhere();
    let taken = nowhere.take(&attachment("https://cdn.discordapp.com/attachments/1/2/a", 5), false).await;
    let Err(Untaken::Fault(fault)) = taken else { panic!("{taken:?}") };
    assert_eq!(fault.to_string(), "this program has no folder for evidence");
}
