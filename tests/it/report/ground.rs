//! A program with two partners, a signed plan and its campaigns, written through the store; and what happens on it.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeSet;
use tandem::app::App;
use tandem::clock::Clock;
use tandem::domain::actor::Side;
use tandem::domain::cadence::Cadence;
use tandem::domain::campaign::{BudgetLine, Campaign, CampaignState, FundingSource, ResultsBy};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::canonical::sha256;
use tandem::domain::capacity::Efforts;
use tandem::domain::curve::CurveOverrides;
use tandem::domain::fund::{Fund, FundKind, Move};
use tandem::domain::log::{Entry, EntryKind};
use tandem::domain::money::{Currency, Money};
use tandem::domain::period::Period;
use tandem::domain::plan::own::Before;
use tandem::domain::plan::terms::Terms;
use tandem::domain::plan::{Attribution, BySide, Plan, PlanState};
use tandem::domain::program::{Partner, Program};
use tandem::domain::request::{FirstFiling, MdfRequest, RequestState};
use tandem::fault::Fault;
use tandem::store::{Store, Tx, audit, campaign, decision, ledger, outbox, plan, program, request};
use tandem::text::card::Post;
use tandem::{args, in_read, in_tx};

/// The shared channels.
pub const ACME: &str = "3003";
pub const GLOBEX: &str = "3004";

pub struct Ground {
    pub app: App,
    pub plan: Plan,
    pub campaigns: Vec<Campaign>,
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An instant from what a clock in Berlin shows.
pub fn berlin(text: &str) -> DateTime<Utc> {
    let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    chrono_tz::Europe::Berlin.from_local_datetime(&local).single().unwrap().to_utc()
}

pub fn eur(amount: &str) -> Money {
    Money::from_decimal(amount.parse::<Decimal>().unwrap(), Currency::parse("EUR").unwrap()).unwrap()
}

pub fn a_program() -> Program {
    Program {
        id: "northwind".into(),
        key: "northwind".into(),
        name: "Northwind".into(),
        guild_id: "1".into(),
        zone: chrono_tz::Europe::Berlin,
        currency: eur("0").currency(),
        approvals_channel: "3002".into(),
        confirm_from: eur("10000"),
        thresholds: r#"{"amber_below":"10","red_below":"25"}"#.into(),
        fiscal_year: Default::default(),
        single_partner: Default::default(),
    }
}

pub fn a_partner(key: &str, name: &str, channel: &str) -> Partner {
    Partner {
        id: key.into(),
        program_id: "northwind".into(),
        key: key.into(),
        name: name.into(),
        channel_id: channel.into(),
        tier: None,
        currency: eur("0").currency(),
    }
}

/// PLN-1 of Acme, the first quarter of 2026, every second Monday.
pub fn a_plan() -> Plan {
    Plan {
        id: "plan1".into(),
        partner_id: "acme".into(),
        number: 1,
        name: "Spring push".into(),
        period: Period::new(day("2026-01-01"), day("2026-03-31")).unwrap(),
        currency: eur("0").currency(),
        zone: chrono_tz::Europe::Berlin,
        attribution: Attribution::FirstTouch,
        cadence: Cadence::parse("fortnightly monday 09:00").unwrap(),
        sign_by: day("2026-01-31"),
        jbp: None,
        routing_hours: None,
        hours: BySide::default(),
        before: Before::default(),
        state: PlanState::Proposed,
        returned_reason: None,
        rev: 2,
        revision: 0,
        created_at: berlin("2025-12-01 10:00"),
        created_by: "2001".into(),
        proposed_at: Some(berlin("2025-12-02 10:00")),
        agreed_at: None,
    }
}

/// A campaign with targets of 90 leads, 90,000 pipeline and a budget of 9,000, half of it MDF.
pub fn a_campaign(number: i64, name: &str, kind: CampaignType, from: &str, to: &str) -> Campaign {
    Campaign {
        id: format!("cmp{number}"),
        partner_id: "acme".into(),
        plan_id: "plan1".into(),
        number,
        name: name.into(),
        kind,
        segment: String::new(),
        message: String::new(),
        offer: String::new(),
        channel: String::new(),
        period: Period::new(day(from), day(to)).unwrap(),
        sends: Vec::new(),
        target_leads: 90,
        target_pipeline: eur("90000"),
        target_won: None,
        results_by: ResultsBy::Crm,
        slug: format!("slug{number}"),
        utm_id: format!("utm{number}"),
        owner_vendor: None,
        owner_partner: None,
        budget: vec![BudgetLine {
            what: "Campaign".into(),
            planned: eur("9000"),
            shares: vec![(FundingSource::Mdf, eur("4500")), (FundingSource::Partner, eur("4500"))],
        }],
        effort: BySide::default(),
        curve: CurveOverrides::default(),
        checked: BTreeSet::new(),
        state: CampaignState::Proposed,
        cancelled_from: None,
        stopped: None,
    }
}

/// Paid search over the whole quarter, a webinar in February, and e-mail whose leads are counted by hand.
pub fn three_campaigns() -> Vec<Campaign> {
    let mut email = a_campaign(3, "Nurture *mail*", CampaignType::Email, "2026-01-12", "2026-03-20");
    email.results_by = ResultsBy::Hand;
    email.sends = vec![day("2026-01-12"), day("2026-02-09")];
    vec![
        a_campaign(1, "Always-on search", CampaignType::PaidSearch, "2026-01-01", "2026-03-31"),
        a_campaign(2, "Spring webinar", CampaignType::Webinar, "2026-02-10", "2026-02-11"),
        email,
    ]
}

impl Ground {
    /// Opens the database at a local time of Berlin, with the plan proposed.
    pub async fn proposed(url: &str, now: &str) -> Self {
        Self::with(url, now, a_plan(), three_campaigns()).await
    }

    /// The same, agreed on 20 December 2025 at 10:00.
    pub async fn agreed(url: &str, now: &str) -> Self {
        let mut ground = Self::proposed(url, now).await;
        ground.agree("2025-12-20 10:00").await;
        ground
    }

    pub async fn with(url: &str, now: &str, plan: Plan, campaigns: Vec<Campaign>) -> Self {
        let store = Store::open(url).await.unwrap();
        let app = App::new(store, Clock::manual(berlin(now)));
        in_tx!(app.store, |tx| {
            program::save(tx, &a_program()).await?;
            program::save_partner(tx, &a_partner("acme", "Acme GmbH", ACME)).await?;
            program::save_partner(tx, &a_partner("globex", "Globex", GLOBEX)).await?;
            plan::insert(tx, &plan).await?;
            plan::save(tx, &plan).await?;
            for campaign in &campaigns {
                campaign::insert(tx, &app.clock, campaign, "2001").await?;
            }
            Ok(())
        })
        .unwrap();
        Self { app, plan, campaigns }
    }

    pub async fn agree(&mut self, at: &str) {
        let content = self.terms().canonical();
        self.plan.state = PlanState::Agreed;
        self.plan.revision = 1;
        self.plan.agreed_at = Some(berlin(at));
        in_tx!(self.app.store, |tx| {
            plan::save(tx, &self.plan).await?;
            plan::add_revision(tx, &self.plan, &content, &sha256(&content)).await?;
            for campaign in &self.campaigns {
                campaign::save_state(tx, &campaign.id, CampaignState::Planned).await?;
            }
            Ok(())
        })
        .unwrap();
    }

    fn terms(&self) -> Terms {
        Terms {
            plan: self.plan.clone(),
            campaigns: self.campaigns.clone(),
            tasks: Vec::new(),
            promises: Vec::new(),
            rates: Vec::new(),
            efforts: Efforts::default(),
        }
    }

    /// Leaves the database for another process to open.
    pub async fn close(self) {
        self.app.store.close().await;
    }

    pub fn at(&self, local: &str) {
        assert!(self.app.clock.advance_to(berlin(local)), "time goes forward");
    }

    /// A fact of the CRM, recorded now. `minor` is a count for leads.
    pub async fn fact(&self, campaign: &str, on: &str, measure: &str, minor: i64, currency: Option<&str>) {
        let id = self.app.clock.new_id();
        let now = self.app.clock.now();
        in_tx!(self.app.store, |tx| {
            let sql = "INSERT INTO fact (id, campaign_id, occurred_on, occurred_at, recorded_at, measure, delta, currency, rule)
                       VALUES ($1, $2, $3, $4, $4, $5, $6, $7, 'utm_id')";
            tx.exec_one("fact", sql, args![&id, campaign, on, now, measure, minor, currency]).await
        })
        .unwrap();
    }

    /// Logs spend (minor units) or leads, recorded now, and gives the entry.
    pub async fn log(&self, number: i64, campaign: &str, kind: EntryKind, on: &str, amount: i64) -> Entry {
        let entry = Entry {
            id: self.app.clock.new_id(),
            campaign_id: campaign.into(),
            number,
            kind,
            occurred_on: day(on),
            recorded_at: self.app.clock.now(),
            amount,
            source: (kind == EntryKind::Spend).then_some(FundingSource::Mdf),
            payer: None,
            invoice_number: None,
            note: None,
            logged_by: "2004".into(),
            reverses: None,
        };
        self.write_entry(&entry).await;
        entry
    }

    pub async fn write_entry(&self, entry: &Entry) {
        in_tx!(self.app.store, |tx| { campaign::insert_entry(tx, "acme", entry).await }).unwrap();
    }

    /// A fund with money in it: an allocation to a partner, or a pool.
    pub async fn fund(&self, key: &str, partner: Option<&str>, amount: &str) -> Fund {
        let fund = Fund {
            id: key.into(),
            program_id: "northwind".into(),
            partner_id: partner.map(str::to_owned),
            parent_id: None,
            key: key.into(),
            name: format!("Fund {key}"),
            kind: FundKind::Mdf,
            currency: eur("0").currency(),
            valid_from: day("2026-01-01"),
            valid_until: day("2026-03-31"),
            terms: Default::default(),
        };
        in_tx!(self.app.store, |tx| {
            ledger::insert_fund(tx, &fund).await?;
            self.transfer(tx, &fund, Move::Allocate, eur(amount), None).await
        })
        .unwrap();
        fund
    }

    pub async fn transfer(
        &self,
        tx: &mut Tx,
        fund: &Fund,
        what: Move,
        amount: Money,
        request: Option<&str>,
    ) -> Result<(), Fault> {
        let id = self.app.clock.new_id();
        let transfer = ledger::Transfer {
            idempotency_key: id.clone(),
            id,
            fund,
            what,
            amount,
            about: ledger::About { request_id: request, ..ledger::About::default() },
            actor: "2002",
            at: self.app.clock.now(),
        };
        assert_eq!(ledger::transfer(tx, &transfer).await?, ledger::Moved::Done);
        Ok(())
    }

    /// An MDF request filed now, waiting for its decision.
    pub async fn request(
        &self,
        number: i64,
        partner: &str,
        campaign: &str,
        fund: &Fund,
        amount: &str,
    ) -> MdfRequest {
        let request = MdfRequest {
            id: format!("{partner}-mdf{number}"),
            partner_id: partner.into(),
            campaign_id: campaign.into(),
            fund_id: fund.id.clone(),
            fund_kind: fund.kind,
            number,
            cost: eur(amount),
            amount: eur(amount),
            share_percent: 50.into(),
            considered: None,
            approved: None,
            claimed: Money::zero(eur(amount).currency()),
            claim_due: None,
            amendment: None,
            quotes: None,
            purpose: "Speaker".into(),
            expected_leads: None,
            expected_pipeline: None,
            state: RequestState::Submitted,
            reason: None,
            rev: 1,
            filed_by: "2004".into(),
            on_behalf_of: None,
            filed_at: self.app.clock.now(),
            first_filed: Some(FirstFiling { at: self.app.clock.now(), side: Side::Partner }),
            decided_at: None,
            warnings: Vec::new(),
        };
        let line = audit::Line {
            id: self.app.clock.new_id(),
            at: self.app.clock.now(),
            program_id: "northwind",
            partner_id: Some(partner),
            actor: "2004",
            company: partner,
            code: "request_submitted",
            item: &request.id,
            detail: json!({"rev": 1, "amount": request.amount.decimal().to_string()}),
        };
        in_tx!(self.app.store, |tx| {
            audit::append(tx, &line);
            request::insert(tx, &request).await
        })
        .unwrap();
        request
    }

    /// Approves a request whole, now.
    pub async fn approve(&self, request: &MdfRequest, fund: &Fund) {
        let approved = MdfRequest {
            approved: Some(request.amount),
            state: RequestState::Approved,
            decided_at: Some(self.app.clock.now()),
            ..request.clone()
        };
        let taken = decision::Decision {
            id: self.app.clock.new_id(),
            on: decision::On::Request(&request.id),
            rev: request.rev,
            outcome: approved.state.code(),
            amount: approved.approved,
            reason: None,
            person: "2002",
            stands_for: None,
            at: self.app.clock.now(),
        };
        in_tx!(self.app.store, |tx| {
            self.transfer(tx, fund, Move::Approve, request.amount, Some(&request.id)).await?;
            decision::insert(tx, &taken).await?;
            request::save(tx, &approved).await
        })
        .unwrap();
    }

    /// What was posted into a channel, oldest first, with the names of the files.
    pub async fn posts(&self, channel: &str) -> Vec<(Post, Vec<String>)> {
        in_read!(self.app.store, |read| {
            let sql = "SELECT id, body FROM outbox WHERE channel_id = $1 AND kind = 'post' ORDER BY id";
            let mut posts = Vec::new();
            for row in read.all(sql, args![channel]).await? {
                let files = outbox::files(read, &row.text("id")?).await?;
                posts.push((
                    serde_json::from_str(&row.text("body")?)?,
                    files.into_iter().map(|file| file.name).collect(),
                ));
            }
            Ok(posts)
        })
        .unwrap()
    }

    /// The posts of checkpoints into Acme's channel.
    pub async fn reports(&self) -> Vec<Post> {
        let is_report = |post: &Post| post.thread.is_some();
        self.posts(ACME).await.into_iter().map(|(post, _)| post).filter(is_report).collect()
    }

    pub async fn campaign_states(&self) -> Vec<CampaignState> {
        let read = in_read!(self.app.store, |read| { campaign::of_plan(read, "plan1").await });
        read.unwrap().into_iter().map(|campaign| campaign.state).collect()
    }

    pub async fn plan_state(&self) -> PlanState {
        in_read!(self.app.store, |read| { plan::by_id(read, "plan1").await }).unwrap().unwrap().state
    }
}

/// A card as one text, for snapshots.
pub fn read_aloud(card: &tandem::text::card::Card) -> String {
    let mut text = format!("# {}\n{}\n", card.title, card.body);
    for field in &card.fields {
        text.push_str(&format!("\n## {}\n{}\n", field.name, field.value));
    }
    text.push_str(&format!("\n-- {}", card.footer));
    text
}
