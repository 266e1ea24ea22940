//! The command road alone, without a chat around it: the playground's program on a database, and people who ask.
//! For what has to be done hundreds of times, or by several copies of the program at once.

use super::world::start;
use std::sync::atomic::{AtomicU64, Ordering};
use tandem::app::App;
use tandem::clock::Clock;
use tandem::domain::command::{Command, NewCampaign, NewPlan, PlanDecision};
use tandem::flow::{self, Asker, Reply, Request, declare};
use tandem::in_read;
use tandem::playground::seed::{self, ACME, APPROVALS, Addresses, GLOBEX, GUILD, Who};
use tandem::store::{Store, plan, program};

pub struct Desk {
    pub app: App,
    pub url: String,
}

static ASKED: AtomicU64 = AtomicU64::new(0);

/// The roles that the playground gives.
fn roles(who: Who) -> Vec<String> {
    let roles: &[&str] = match who {
        Who::Vera => &["4001"],
        Who::Amir => &["4002"],
        Who::Finn => &["4003"],
        Who::Pat => &["4004"],
        Who::Olga => &["4005"],
        Who::Gil => &["4006"],
        Who::Ines => &["4007"],
        Who::Nobody => &[],
        Who::Both => &["4004", "4006"],
    };
    roles.iter().map(|role| (*role).to_owned()).collect()
}

/// Somebody in a channel, as chat says it.
pub fn asker(who: Who, channel: u64) -> Asker {
    Asker {
        guild: GUILD.to_string(),
        channel: channel.to_string(),
        parent: None,
        user: who.id().to_string(),
        roles: roles(who),
        manages_server: false,
    }
}

/// A request of its own, never asked before.
pub fn request(who: Who, channel: u64, command: Command) -> Request {
    let number = ASKED.fetch_add(1, Ordering::SeqCst);
    Request { key: format!("desk:{number}"), asker: asker(who, channel), command }
}

impl Desk {
    /// The program on a fresh database, on a clock that stands still.
    pub async fn open(url: String) -> Self {
        let app = App::new(Store::open(&url).await.unwrap(), Clock::manual(start()));
        let addresses = Addresses {
            discord: "http://127.0.0.1:9".to_owned(),
            database_url: url.clone(),
            evidence: "evidence".to_owned(),
            listen: "127.0.0.1:0".to_owned(),
            public_url: "https://hooks.example.com".to_owned(),
            crm: "http://127.0.0.1:9".to_owned(),
        };
        let config = seed::configuration(&addresses, "token").unwrap_or_else(|problems| panic!("{problems}"));
        declare::apply(&app, &config).await.unwrap();
        Self { app, url }
    }

    /// Another copy of the program on the same database, on the machine's clock.
    pub async fn replica(&self) -> App {
        App::new(Store::open(&self.url).await.unwrap(), Clock::system())
    }

    /// Asks for something in somebody's name.
    pub async fn asks(&self, who: Who, channel: u64, command: Command) -> Reply {
        flow::handle(&self.app, &request(who, channel, command)).await.unwrap()
    }

    /// A plan over the first quarter with one campaign, signed by both, for the partner of `channel`.
    pub async fn agrees_on_a_plan(&self, channel: u64) {
        let [writer, signer] = if channel == GLOBEX { [Who::Gil, Who::Ines] } else { [Who::Pat, Who::Olga] };
        let new = NewPlan { period: "Q1 2026".into(), ..NewPlan::default() };
        self.asks(writer, channel, Command::CreatePlan(new)).await;
        self.asks(writer, channel, Command::AddCampaign(a_campaign())).await;
        self.asks(writer, channel, Command::ProposePlan { partner: None, plan: None }).await;
        for who in [Who::Vera, signer] {
            let (id, seen_rev) = self.newest_plan(channel).await;
            let sign = Command::DecidePlan { id, seen_rev, decision: PlanDecision::Sign };
            let reply = self.asks(who, channel, sign).await;
            assert_eq!(reply.refused, None, "{}", reply.text);
        }
    }

    async fn newest_plan(&self, channel: u64) -> (String, i64) {
        let partner_id = self.partner(channel).await;
        let plans = in_read!(self.app.store, |read| { plan::of_partner(read, &partner_id).await }).unwrap();
        (plans[0].id.clone(), plans[0].rev)
    }

    /// The id of the partner that a channel is shared with.
    pub async fn partner(&self, channel: u64) -> String {
        assert_ne!(channel, APPROVALS);
        let key = if channel == ACME { "acme" } else { "globex" };
        let partners = in_read!(self.app.store, |read| {
            let program = program::by_key(read, "northwind").await?.unwrap();
            program::partners(read, &program.id).await
        });
        partners.unwrap().into_iter().find(|partner| partner.key == key).unwrap().id
    }
}

/// A campaign with everything that it needs.
pub fn a_campaign() -> NewCampaign {
    NewCampaign {
        name: "Spring webinar".into(),
        kind: "webinar".into(),
        start: "2026-02-10".into(),
        leads: 40,
        pipeline: "120k".into(),
        budget: Some("20k".into()),
        mdf: Some("50%".into()),
        ..NewCampaign::default()
    }
}
