//! What both sides sign is bytes: whoever reads them and writes them again, in whatever order and with whatever spaces, gets
//! the same hash; and whoever changes anything at all gets another.

use crate::report::ground::{a_campaign, a_plan, day};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tandem::domain::actor::Side;
use tandem::domain::campaign::{BudgetLine, Campaign, CampaignState, FundingSource, ResultsBy};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::canonical::{canonical, sha256};
use tandem::domain::capacity::Efforts;
use tandem::domain::money::{Currency, Money};
use tandem::domain::plan::rate::Rate;
use tandem::domain::plan::terms::Terms;
use tandem::domain::plan::{Attribution, BySide, Jbp, Plan};
use tandem::domain::promise::{Promise, PromiseState};
use tandem::domain::task::{Task, TaskState};

fn at() -> DateTime<Utc> {
    "2026-01-05T08:00:00Z".parse().unwrap()
}

/// What people write: plain words, every script, what JSON escapes, what is seen by nobody.
fn text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => "[A-Za-z0-9 ]{0,20}",
        2 => "\\PC{0,20}",
        1 => any::<String>(),
        1 => prop_oneof![
            Just("“Frühling” – 春のウェビナー 🚀".to_owned()),
            Just("a\"b\\c/d\u{8}\u{c}\n\r\t\u{1f}\u{7f}\u{2028}".to_owned()),
            // The same letter written in two ways: they are two texts.
            Just("e\u{301} \u{e9}".to_owned()),
            Just("\u{fffd}\u{1f469}\u{200d}\u{1f680}\u{feff}".to_owned()),
        ],
    ]
    .boxed()
}

fn money(currency: Currency) -> impl Strategy<Value = Money> {
    prop_oneof![Just(0), 1..10_i64, 0..1_000_000_000_000_i64]
        .prop_map(move |minor| Money::from_minor(minor, currency).unwrap())
}

fn days() -> impl Strategy<Value = chrono::NaiveDate> {
    (0..90_u64).prop_map(|days| day("2026-01-01") + chrono::Days::new(days))
}

fn owner() -> impl Strategy<Value = Option<String>> {
    proptest::option::of((2001..2009_u32).prop_map(|id| id.to_string()))
}

fn sides() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Vendor), Just(Side::Partner)]
}

fn hours() -> impl Strategy<Value = BySide<Option<i64>>> {
    (proptest::option::of(0..168_i64), proptest::option::of(0..168_i64))
        .prop_map(|(vendor, partner)| BySide { vendor, partner })
}

fn line(currency: Currency) -> BoxedStrategy<BudgetLine> {
    let shares = proptest::sample::subsequence(FundingSource::ALL.to_vec(), 1..=FundingSource::ALL.len());
    (text(), money(currency), shares)
        .prop_map(move |(what, planned, sources)| {
            let weights = vec![1; sources.len()];
            let shares = sources.into_iter().zip(planned.split(&weights).unwrap()).collect();
            BudgetLine { what, planned, shares }
        })
        .boxed()
}

/// A campaign in any state, those among them that are signed as postponed and as cancelled.
fn campaign(number: i64, currency: Currency) -> BoxedStrategy<Campaign> {
    let texts = (text(), text(), text(), text(), text());
    let kind = proptest::sample::select(CampaignType::ALL.to_vec());
    let amounts = (0..1_000_000_i64, money(currency), proptest::option::of(money(currency)));
    let lines = proptest::collection::vec(line(currency), 0..4);
    let stands = (proptest::sample::select(CampaignState::ALL.to_vec()), proptest::option::of(days()));
    let rest = (owner(), owner(), hours(), proptest::option::of(0..60_u16), any::<bool>());
    (texts, kind, proptest::collection::vec(days(), 0..3), amounts, lines, stands, rest)
        .prop_map(
            move |(texts, kind, sends, (leads, pipeline, won), budget, (state, cancelled_from), rest)| {
                let mut one = a_campaign(number, "x", kind, "2026-01-01", "2026-03-31");
                (one.name, one.segment, one.message, one.offer, one.channel) = texts;
                (one.target_leads, one.target_pipeline, one.target_won) = (leads, pipeline, won);
                (one.owner_vendor, one.owner_partner, one.effort) = (rest.0, rest.1, rest.2);
                one.curve.pipeline_lag_days = rest.3;
                one.results_by = if rest.4 { ResultsBy::Hand } else { ResultsBy::Crm };
                (one.sends, one.budget, one.state) = (sends, budget, state);
                one.cancelled_from = cancelled_from.filter(|_| state == CampaignState::Cancelled);
                one
            },
        )
        .boxed()
}

fn tasks() -> BoxedStrategy<Vec<Task>> {
    let state = proptest::sample::select(TaskState::ALL.to_vec());
    let task = (1..4_i64, text(), sides(), owner(), days(), state);
    proptest::collection::vec(task, 0..6)
        .prop_map(|all| {
            let task = |(index, (campaign, what, side, owner, due_on, state)): (usize, _)| {
                let campaign: i64 = campaign;
                Task {
                    id: format!("t{index}"),
                    partner_id: "acme".into(),
                    plan_id: "plan1".into(),
                    campaign_id: format!("cmp{campaign}"),
                    number: i64::try_from(index).unwrap() + 1,
                    kind: None,
                    what,
                    side,
                    owner,
                    due_on,
                    due_by_hand: false,
                    state,
                    settled: None,
                }
            };
            all.into_iter().enumerate().map(task).collect()
        })
        .boxed()
}

fn promises() -> BoxedStrategy<Vec<Promise>> {
    let state = proptest::sample::select(PromiseState::ALL.to_vec());
    proptest::collection::vec((text(), sides(), days(), state), 0..5)
        .prop_map(|all| {
            let promise = |(index, (what, side, due_on, state)): (usize, _)| Promise {
                id: format!("p{index}"),
                partner_id: "acme".into(),
                plan_id: "plan1".into(),
                campaign_id: None,
                number: i64::try_from(index).unwrap() + 1,
                side,
                what,
                due_on,
                state,
                settled: None,
                made_at: at(),
                made_by: "2001".into(),
            };
            all.into_iter().enumerate().map(promise).collect()
        })
        .boxed()
}

fn rates() -> BoxedStrategy<Vec<Rate>> {
    let codes = proptest::sample::subsequence(vec!["AUD", "CHF", "GBP", "SEK"], 0..=4);
    (codes, proptest::collection::vec((1..10_000_000_i64, days()), 4))
        .prop_map(|(codes, rates)| {
            let rate = |(code, (scaled, entered_on)): (&str, _)| Rate {
                currency: Currency::parse(code).unwrap(),
                rate: Decimal::new(scaled, 4),
                entered_on,
            };
            codes.into_iter().zip(rates).map(rate).collect()
        })
        .boxed()
}

fn plan(currency: Currency) -> BoxedStrategy<Plan> {
    let jbp = proptest::option::of((money(currency), 1..10_000_i64, 1..10_000_i64));
    (text(), jbp, proptest::option::of(1..200_i64), hours(), any::<bool>())
        .prop_map(move |(name, jbp, routing_hours, hours, last)| Plan {
            name,
            currency,
            jbp: jbp.map(|(revenue, share, rate)| Jbp {
                revenue,
                marketing_share: Decimal::new(share, 2),
                win_rate: Decimal::new(rate, 2),
            }),
            routing_hours,
            hours,
            attribution: if last { Attribution::LastTouch } else { Attribution::FirstTouch },
            ..a_plan()
        })
        .boxed()
}

fn terms() -> BoxedStrategy<Terms> {
    let currency = prop_oneof![Just("JPY"), Just("USD"), Just("KWD")];
    currency
        .prop_flat_map(|code| {
            let currency = Currency::parse(code).unwrap();
            let campaigns =
                (campaign(1, currency), campaign(2, currency), campaign(3, currency), 0..=3_usize).prop_map(
                    |(one, two, three, count)| {
                        let mut all = vec![one, two, three];
                        all.truncate(count);
                        all
                    },
                );
            (plan(currency), campaigns, tasks(), promises(), rates()).prop_map(
                |(plan, campaigns, tasks, promises, rates)| Terms {
                    plan,
                    campaigns,
                    tasks,
                    promises,
                    rates,
                    efforts: Efforts::default(),
                },
            )
        })
        .boxed()
}

/// Choices that depend on a seed alone.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }
}

/// The same JSON as somebody else's program may write it: keys in any order, spaces and line ends anywhere, letters escaped
/// where nothing asks for it.
fn scrambled(value: &Value, chance: &mut Chance) -> String {
    let space = |chance: &mut Chance| ["", " ", "\n", "\t ", "\r\n  "][chance.below(5)];
    let written = match value {
        Value::Object(map) => {
            let mut members: Vec<(&String, &Value)> = map.iter().collect();
            for index in (1..members.len()).rev() {
                members.swap(index, chance.below(index + 1));
            }
            let members: Vec<String> = members
                .into_iter()
                .map(|(key, value)| {
                    let (before, after) = (space(chance), space(chance));
                    format!("{before}{}{after}:{}", letters(key, chance), scrambled(value, chance))
                })
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| scrambled(item, chance)).collect();
            format!("[{}{}]", space(chance), items.join(","))
        }
        Value::String(text) => letters(text, chance),
        scalar => scalar.to_string(),
    };
    format!("{}{written}{}", space(chance), space(chance))
}

fn letters(text: &str, chance: &mut Chance) -> String {
    let mut written = String::from("\"");
    for letter in text.chars() {
        let must = letter < ' ' || letter == '"' || letter == '\\';
        if must || chance.below(4) == 0 {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                written.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            written.push(letter);
        }
    }
    written.push('"');
    written
}

/// Everything that differs from `value` in one leaf: a word longer, a number more, a yes for a no, something for nothing,
/// one item or member less.
fn wounds(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!(""), json!(0), json!(false)],
        Value::Bool(yes) => vec![json!(!yes), Value::Null],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1), json!(number.to_string())],
        Value::String(text) => {
            let mut all = vec![json!(format!("{text} ")), json!(format!("\u{200b}{text}")), Value::Null];
            if let Some((last, _)) = text.char_indices().last() {
                all.push(json!(text[..last]));
            }
            all
        }
        Value::Array(items) => {
            let mut all = Vec::new();
            for (index, item) in items.iter().enumerate() {
                let with = |item: Option<Value>| {
                    let mut items = items.clone();
                    match item {
                        Some(item) => items[index] = item,
                        None => drop(items.remove(index)),
                    }
                    Value::Array(items)
                };
                all.push(with(None));
                all.extend(wounds(item).into_iter().map(|item| with(Some(item))));
            }
            all.push(Value::Array(items.iter().cloned().chain([Value::Null]).collect()));
            all
        }
        Value::Object(map) => {
            let mut all = Vec::new();
            for (key, member) in map {
                let mut less = map.clone();
                less.remove(key);
                let mut renamed = less.clone();
                renamed.insert(format!("{key}_"), member.clone());
                all.extend([Value::Object(less), Value::Object(renamed)]);
                all.extend(wounds(member).into_iter().map(|member| {
                    let mut map = map.clone();
                    map.insert(key.clone(), member);
                    Value::Object(map)
                }));
            }
            let mut more = map.clone();
            more.insert("more".into(), Value::Null);
            all.push(Value::Object(more));
            all
        }
    }
}

/// Any JSON without fractions, its keys in every script: RFC 8785 sorts them by UTF-16.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|yes| json!(yes)),
        any::<i32>().prop_map(|number| json!(number)),
        text().prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::btree_map(text(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn read_and_written_again_it_is_the_same_bytes(terms in terms(), seed in any::<u64>()) {
        let signed = terms.canonical();
        let read: Value = serde_json::from_str(&signed).unwrap();
        prop_assert_eq!(&canonical(&read), &signed);
        let pretty: Value = serde_json::from_str(&serde_json::to_string_pretty(&read).unwrap()).unwrap();
        prop_assert_eq!(&canonical(&pretty), &signed);
        let other = scrambled(&read, &mut Chance(seed));
        let again: Value = serde_json::from_str(&other).unwrap();
        prop_assert_eq!(sha256(&canonical(&again)), terms.sha256(), "{}", other);
        // A revision that an adjustment made holds what was signed for it, whole.
        let revision = terms.canonical_revision(read.clone());
        let read_again: Value = serde_json::from_str(&scrambled(&serde_json::from_str(&revision).unwrap(), &mut Chance(seed))).unwrap();
        prop_assert_eq!(&canonical(&read_again), &revision);
        prop_assert_eq!(&read_again["adjustment"]["sha256"], &json!(terms.sha256()));
        prop_assert_eq!(canonical(&read_again["adjustment"]["signed"]), signed);
    }

    #[test]
    fn no_fraction_is_ever_signed(terms in terms()) {
        fn whole(value: &Value) -> bool {
            match value {
                Value::Number(number) => number.is_i64() || number.is_u64(),
                Value::Array(items) => items.iter().all(whole),
                Value::Object(map) => map.values().all(whole),
                _ => true,
            }
        }
        prop_assert!(whole(&serde_json::from_str(&terms.canonical()).unwrap()), "{}", terms.canonical());
    }

    #[test]
    fn canonical_json_is_one_text_for_one_value(value in any_json(), other in any_json(), seed in any::<u64>()) {
        let written = canonical(&value);
        prop_assert_eq!(&serde_json::from_str::<Value>(&written).unwrap(), &value);
        let read: Value = serde_json::from_str(&scrambled(&value, &mut Chance(seed))).unwrap();
        prop_assert_eq!(&canonical(&read), &written);
        prop_assert_eq!(canonical(&other) == written, other == value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_change_of_any_leaf_is_another_hash(terms in terms()) {
        let read: Value = serde_json::from_str(&terms.canonical()).unwrap();
        let (signed, changed) = (terms.sha256(), wounds(&read));
        prop_assert!(changed.len() > 50, "only {} changes", changed.len());
        for value in &changed {
            prop_assert_ne!(sha256(&canonical(value)), signed.as_str(), "{}", value);
        }
    }

    #[test]
    fn whatever_the_plan_says_otherwise_is_another_hash(terms in terms()) {
        let mut full = terms;
        full.campaigns.truncate(1);
        let currency = full.plan.currency;
        if full.campaigns.is_empty() {
            full.campaigns.push(a_campaign(1, "x", CampaignType::Email, "2026-01-01", "2026-03-31"));
        }
        full.campaigns[0].state = CampaignState::Planned;
        full.campaigns[0].cancelled_from = None;
        full.campaigns[0].budget = vec![BudgetLine {
            what: "Ads".into(),
            planned: Money::from_minor(3, currency).unwrap(),
            shares: vec![
                (FundingSource::Mdf, Money::from_minor(1, currency).unwrap()),
                (FundingSource::Partner, Money::from_minor(2, currency).unwrap()),
            ],
        }];
        let signed = full.sha256();
        for (what, change) in changes() {
            let mut other = full.clone();
            change(&mut other);
            prop_assert_ne!(other.sha256(), signed.as_str(), "{}", what);
        }
        for (what, change) in not_signed() {
            let mut other = full.clone();
            change(&mut other);
            prop_assert_eq!(other.sha256(), signed.as_str(), "{}", what);
        }
    }
}

type Changed = (&'static str, fn(&mut Terms));

/// One minor unit more.
fn more(amount: Money) -> Money {
    amount.checked_add(Money::from_minor(1, amount.currency()).unwrap()).unwrap()
}

/// What both sides sign, changed in one place each by as little as it can.
fn changes() -> Vec<Changed> {
    [of_the_plan(), of_a_campaign(), of_what_hangs_on_it()].concat()
}

fn of_the_plan() -> Vec<Changed> {
    vec![
        ("plan name", |t| t.plan.name.push('x')),
        ("plan currency", |t| t.plan.currency = Currency::parse("EUR").unwrap()),
        ("time zone", |t| t.plan.zone = chrono_tz::Asia::Tokyo),
        ("routing", |t| t.plan.routing_hours = Some(t.plan.routing_hours.unwrap_or_default() + 1)),
        ("hours", |t| t.plan.hours.partner = Some(t.plan.hours.partner.unwrap_or_default() + 1)),
        ("cadence", |t| t.plan.cadence = tandem::domain::cadence::Cadence::parse("weekly friday").unwrap()),
        ("jbp", |t| {
            let revenue = Money::from_minor(i64::from(u32::MAX) * 4_000, t.plan.currency).unwrap();
            t.plan.jbp = Some(Jbp { revenue, marketing_share: 7.into(), win_rate: 7.into() });
        }),
        ("rate", |t| {
            let (currency, entered_on) = (Currency::parse("NOK").unwrap(), day("2026-01-01"));
            t.rates.push(Rate { currency, rate: Decimal::new(1, 4), entered_on });
        }),
    ]
}

fn of_a_campaign() -> Vec<Changed> {
    vec![
        ("campaign name", |t| t.campaigns[0].name.push('\u{301}')),
        ("segment", |t| t.campaigns[0].segment.push(' ')),
        ("message", |t| t.campaigns[0].message.push(' ')),
        ("offer", |t| t.campaigns[0].offer.push(' ')),
        ("channel", |t| t.campaigns[0].channel.push(' ')),
        ("leads", |t| t.campaigns[0].target_leads += 1),
        ("pipeline", |t| t.campaigns[0].target_pipeline = more(t.campaigns[0].target_pipeline)),
        ("won", |t| {
            t.campaigns[0].target_won =
                t.campaigns[0].target_won.map_or(Some(t.campaigns[0].target_pipeline), |won| Some(more(won)))
        }),
        ("sends", |t| t.campaigns[0].sends.push(day("2026-02-02"))),
        ("owner", |t| t.campaigns[0].owner_vendor = Some("9".into())),
        ("effort", |t| {
            t.campaigns[0].effort.vendor = Some(t.campaigns[0].effort.vendor.unwrap_or_default() + 1)
        }),
        ("curve", |t| t.campaigns[0].curve.won_lag_days = Some(77)),
        ("line", |t| t.campaigns[0].budget[0].what.push('x')),
        ("shares", |t| {
            let (first, second) =
                (t.campaigns[0].budget[0].shares[0].1, t.campaigns[0].budget[0].shares[1].1);
            t.campaigns[0].budget[0].shares[0].1 = second;
            t.campaigns[0].budget[0].shares[1].1 = first;
        }),
        ("payer", |t| t.campaigns[0].budget[0].shares[1].0 = FundingSource::Vendor),
        ("postponed", |t| t.campaigns[0].state = CampaignState::Postponed),
        ("cancelled", |t| {
            t.campaigns[0].state = CampaignState::Cancelled;
            t.campaigns[0].cancelled_from = Some(day("2026-02-02"));
        }),
        ("one campaign less", |t| t.campaigns.clear()),
    ]
}

fn of_what_hangs_on_it() -> Vec<Changed> {
    vec![
        ("one task more", |t| {
            t.tasks.push(Task {
                id: "more".into(),
                partner_id: "acme".into(),
                plan_id: "plan1".into(),
                campaign_id: t.campaigns[0].id.clone(),
                number: 99,
                kind: None,
                what: String::new(),
                side: Side::Vendor,
                owner: None,
                due_on: day("2026-02-02"),
                due_by_hand: false,
                state: TaskState::Open,
                settled: None,
            })
        }),
        ("one promise more", |t| {
            t.promises.push(Promise {
                id: "more".into(),
                partner_id: "acme".into(),
                plan_id: "plan1".into(),
                campaign_id: None,
                number: 99,
                side: Side::Vendor,
                what: String::new(),
                due_on: day("2026-02-02"),
                state: PromiseState::Open,
                settled: None,
                made_at: at(),
                made_by: "1".into(),
            })
        }),
    ]
}

/// What moves without a signature.
fn not_signed() -> Vec<Changed> {
    vec![
        ("a campaign runs", |t| t.campaigns[0].state = CampaignState::Running),
        ("a campaign is executed", |t| t.campaigns[0].state = CampaignState::Executed),
        ("an item is ticked off", |t| t.campaigns[0].checked = BTreeSet::from(["creative".to_owned()])),
        ("the plan's rev", |t| t.plan.rev += 1),
        ("tasks are done", |t| {
            for task in t.tasks.iter_mut().filter(|task| task.state == TaskState::Open) {
                task.state = TaskState::Done;
            }
        }),
        ("promises are kept", |t| {
            for promise in t.promises.iter_mut().filter(|one| one.state == PromiseState::Open) {
                promise.state = PromiseState::Kept;
            }
        }),
        ("the order of loading", |t| {
            t.tasks.reverse();
            t.promises.reverse();
            t.campaigns.reverse();
        }),
    ]
}
