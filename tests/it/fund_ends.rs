//! Where a fund ends: sales of its last days that are told later, and the own last day that money keeps wherever it goes.
//! Figures are worked by hand.

use crate::fund_stories::told;
use crate::harness::files::file;
use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, GLOBEX, Who};

stories!(
    sales_of_the_last_days_end_as_the_fund_did,
    a_file_of_the_last_days_is_told_once,
    a_limit_holds_for_all_that_goes_on,
    nothing_goes_on_and_nothing_comes_back,
    money_keeps_its_own_last_day_when_it_is_moved,
    money_keeps_its_own_last_day_when_it_goes_on,
    what_is_over_does_not_go_on,
    late_sales_take_over_a_correction_once,
    a_limit_holds_for_all_the_funds_that_it_goes_on_to,
    a_late_look_shares_out_as_one_in_time,
);

/// A co-op fund of two percent that ends with January, and one after it, to which its rest goes on as `rule` says.
async fn ending(w: &World, rule: &str) {
    let finn = w.person(Who::Finn);
    let next = "/fund create key:spring name:Spring co-op kind:co_op valid-from:2026-02-01 valid-until:2026-06-30 accrual:2%";
    assert!(finn.runs(next).await.starts_with("Spring co-op (spring) is there"));
    let line = format!(
        "/fund create key:coop name:Co-op kind:co_op valid-from:2026-01-01 valid-until:2026-01-31 accrual:2% {rule}"
    );
    assert!(finn.runs(&line).await.starts_with("Co-op (coop) is there"));
}

async fn accrues(w: &World, sales: &str, (day, reference): (&str, &str)) -> String {
    let line = format!("/fund accrue fund:coop partner:acme sales:{sales} date:{day} reference:{reference}");
    w.person(Who::Finn).runs(&line).await
}

async fn available(w: &World, key: &str, amount: &str) {
    assert_eq!(
        w.fund(key).await,
        format!("available {amount} · pending {zero} · committed {zero}", zero = zero(amount))
    );
}

fn zero(amount: &str) -> String {
    format!("{} 0.00", &amount[..3])
}

async fn sales_of_the_last_days_end_as_the_fund_did(w: &mut World) {
    ending(w, "carry-over:spring carry-limit:50%").await;
    accrues(w, "10,000", ("2026-01-05", "A-1")).await;
    w.moves_to("2026-02-01T08:00:00Z").await;
    available(w, "spring/acme", "EUR 100.00").await;
    // Half of 100.01 is 50.005, rounded down.
    assert_eq!(
        accrues(w, "5,000.50", ("2026-01-31", "A-2")).await,
        "EUR 100.01 of Co-op is accrued: 2 % of sales of EUR 5,000.50 on 2026-01-31 (A-2). Co-op ended on 2026-01-31: \
         EUR 50.00 goes on to Spring co-op (Acme), EUR 50.01 is forfeited."
    );
    assert!(w.card(ACME, "EUR 100.01 of Co-op is accrued").text().contains("EUR 50.00 goes on"));
    available(w, "coop/acme", "EUR 0.00").await;
    available(w, "spring/acme", "EUR 150.00").await;
    assert_eq!(
        accrues(w, "5,000.50", ("2026-01-31", "A-2")).await,
        "A-2 was posted before. Nothing was counted again."
    );
    assert_eq!(
        accrues(w, "-1,000", ("2026-01-31", "CR-1")).await,
        "EUR 20.00 of Co-op is taken back: 2 % of sales of EUR -1,000.00 on 2026-01-31 (CR-1). Co-op ended on 2026-01-31: \
         EUR 10.00 comes back of what went on to Spring co-op (Acme), EUR 10.00 of it was forfeited then."
    );
    available(w, "coop/acme", "EUR 0.00").await;
    available(w, "spring/acme", "EUR 140.00").await;
    assert_eq!(
        accrues(w, "-100,000", ("2026-01-31", "CR-2")).await,
        "Co-op (Acme) ended on 2026-01-31: less went on from it and was forfeited than a correction of EUR 2,000.00 would take \
         back. Correct at most what was left of it at its end."
    );
    // What was refused has left nothing behind.
    assert_eq!(w.number("SELECT COUNT(*) FROM fund_accrual").await, 3);
    assert_eq!(
        accrues(w, "1,000", ("2026-02-01", "A-3")).await,
        "2026-02-01 is no day of Co-op that is over: it runs from 2026-01-01 to 2026-01-31. Check the date."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'fund_carried_back'").await, 1);
    w.person(Who::Finn)
        .runs("/fund transfer fund:spring/acme to:spring amount:139 reason:x confirm:spring/acme")
        .await;
    assert_eq!(
        accrues(w, "-200", ("2026-01-31", "CR-3")).await,
        "Co-op (Acme) ended on 2026-01-31, and EUR 2.00 of the correction would come back of what went on to Spring co-op \
         (Acme): EUR 1.00 of it is available. Correct at most what is available."
    );
}

async fn a_file_of_the_last_days_is_told_once(w: &mut World) {
    ending(w, "carry-over:spring").await;
    w.moves_to("2026-02-01T08:00:00Z").await;
    let rows = "date,partner,sales,reference\n2026-01-30,acme,1000,F-1\n2026-01-31,acme,500,F-2\n2026-01-31,globex,100,F-3\n\
                2026-01-31,acme,-500,F-4\n";
    let sales = [file("sales.csv", "text/csv", rows.as_bytes())];
    assert_eq!(
        w.person(Who::Finn).attaches("/fund accrue fund:coop file:sales.csv", &sales).await,
        "Co-op: 4 new of 4 rows. Accrued: Acme EUR 20.00, Globex EUR 2.00."
    );
    available(w, "spring/acme", "EUR 20.00").await;
    available(w, "spring/globex", "EUR 2.00").await;
    for (channel, said) in [
        (
            ACME,
            "Co-op: EUR 20.00 accrued by 3 postings of sales. Co-op ended on 2026-01-31: EUR 20.00 goes on to Spring co-op (Acme).",
        ),
        (
            GLOBEX,
            "Co-op: EUR 2.00 accrued by 1 posting of sales. Co-op ended on 2026-01-31: EUR 2.00 goes on to Spring co-op (Globex).",
        ),
    ] {
        assert_eq!(told(w, channel, "Co-op: EUR"), said);
    }
    assert!(!w.seen_by(Who::Gil).contains("EUR 20.00"), "what is Acme's is not said to Globex");
}

/// At most 150.00 goes on; what is above it was forfeited first, and is corrected first.
async fn a_limit_holds_for_all_that_goes_on(w: &mut World) {
    ending(w, "carry-over:spring carry-limit:150").await;
    accrues(w, "5,000", ("2026-01-05", "A-1")).await;
    w.moves_to("2026-02-01T08:00:00Z").await;
    available(w, "spring/acme", "EUR 100.00").await;
    let said = accrues(w, "5,000", ("2026-01-31", "A-2")).await;
    assert!(said.ends_with("EUR 50.00 goes on to Spring co-op (Acme), EUR 50.00 is forfeited."), "{said}");
    let said = accrues(w, "-1,000", ("2026-01-31", "CR-1")).await;
    assert!(said.ends_with("Co-op ended on 2026-01-31: EUR 20.00 of it was forfeited then."), "{said}");
    available(w, "spring/acme", "EUR 150.00").await;
    let said = accrues(w, "-2,500", ("2026-01-31", "CR-2")).await;
    let back =
        "EUR 20.00 comes back of what went on to Spring co-op (Acme), EUR 30.00 of it was forfeited then.";
    assert!(said.ends_with(back), "{said}");
    available(w, "spring/acme", "EUR 130.00").await;
}

async fn nothing_goes_on_and_nothing_comes_back(w: &mut World) {
    ending(w, "").await;
    w.moves_to("2026-02-01T08:00:00Z").await;
    let said = accrues(w, "1,000", ("2026-01-31", "A-1")).await;
    assert!(said.ends_with("Co-op ended on 2026-01-31: EUR 20.00 is forfeited."), "{said}");
    let said = accrues(w, "-1,000", ("2026-01-31", "CR-1")).await;
    assert!(said.ends_with("Co-op ended on 2026-01-31: EUR 20.00 of it was forfeited then."), "{said}");
    let said = accrues(w, "-50", ("2026-01-31", "CR-2")).await;
    assert!(said.starts_with("Co-op (Acme) ended on 2026-01-31: less went on from it"), "{said}");
}

async fn money_keeps_its_own_last_day_when_it_is_moved(w: &mut World) {
    let finn = w.person(Who::Finn);
    let year = "valid-from:2026-01-01 valid-until:2026-12-31";
    for line in [
        format!("/fund create key:coop name:Co-op kind:co_op accrual:2% credit-months:2 {year}"),
        format!("/fund create key:fair name:Fair kind:mdf amount:50 partner:acme {year}"),
        format!("/fund create key:usd name:Dollars kind:mdf currency:USD {year}"),
        "/fund rate currency:EUR into:USD rate:1.1".to_owned(),
    ] {
        finn.runs(&line).await;
    }
    accrues(w, "10,000", ("2026-01-02", "A-1")).await;
    accrues(w, "5,000", ("2026-01-04", "A-2")).await;
    finn.runs("/fund transfer fund:coop/acme to:fair amount:250 reason:x confirm:coop/acme").await;
    let shown = finn.runs("/fund show fund:fair").await;
    let credits = "EUR 200.00 until 2026-03-02\nEUR 50.00 until 2026-03-04\nEUR 50.00 until 2026-12-31";
    assert!(shown.contains(credits), "{shown}");
    // Into another currency each part goes by itself: 200 and 20 at 1.1.
    let line = "/fund transfer fund:fair to:usd amount:220 reason:x confirm:fair";
    assert_eq!(finn.runs(line).await, "EUR 220.00 went from Fair to Dollars as USD 242.00.");
    let shown = finn.runs("/fund show fund:usd").await;
    assert!(shown.contains("USD 220.00 until 2026-03-02\nUSD 22.00 until 2026-03-04"), "{shown}");
    w.moves_to("2026-03-03T12:00:00Z").await;
    available(w, "usd", "USD 22.00").await;
    available(w, "fair", "EUR 80.00").await;
    w.moves_to("2026-03-05T12:00:00Z").await;
    available(w, "usd", "USD 0.00").await;
    available(w, "fair", "EUR 50.00").await;
}

async fn money_keeps_its_own_last_day_when_it_goes_on(w: &mut World) {
    ending(w, "carry-over:spring credit-months:3").await;
    accrues(w, "10,000", ("2026-01-04", "A-1")).await;
    accrues(w, "5,000", ("2026-01-05", "A-2")).await;
    w.moves_to("2026-02-01T08:00:00Z").await;
    let shown = w.person(Who::Finn).runs("/fund show fund:spring/acme").await;
    assert!(shown.contains("EUR 200.00 until 2026-04-04\nEUR 100.00 until 2026-04-05"), "{shown}");
    w.moves_to("2026-04-05T12:00:00Z").await;
    available(w, "spring/acme", "EUR 100.00").await;
    w.moves_to("2026-04-06T12:00:00Z").await;
    available(w, "spring/acme", "EUR 0.00").await;
}

async fn what_is_over_does_not_go_on(w: &mut World) {
    let finn = w.person(Who::Finn);
    let dates = "valid-from:2026-05-01 valid-until:2026-12-31";
    finn.runs(&format!("/fund create key:later name:Later co-op kind:co_op accrual:2% {dates}")).await;
    let dates = "valid-from:2026-01-01 valid-until:2026-04-30 credit-months:2 carry-over:later";
    finn.runs(&format!("/fund create key:coop name:Co-op kind:co_op accrual:2% {dates}")).await;
    w.moves_to("2026-04-20T08:00:00Z").await;
    accrues(w, "25,000", ("2026-04-10", "A-1")).await;
    // Its credit's own last day is the fund's: it is over with it.
    accrues(w, "1,000", ("2026-02-28", "A-2")).await;
    w.moves_to("2026-05-01T08:00:00Z").await;
    available(w, "later/acme", "EUR 500.00").await;
    w.moves_to("2026-05-05T08:00:00Z").await;
    // One credit was over before the fund's end, the other between that and its being told: it went on as if it had been told
    // in time, and is over where it went.
    let told = accrues(w, "5,000", ("2026-02-10", "A-3")).await;
    assert!(told.contains("EUR 100.00 is forfeited") && !told.contains("goes on"), "{told}");
    let told = accrues(w, "5,000", ("2026-03-01", "A-4")).await;
    assert!(told.ends_with("EUR 100.00 goes on to Later co-op (Acme)."), "{told}");
    w.moves_to("2026-05-05T08:00:01Z").await;
    available(w, "later/acme", "EUR 500.00").await;
    // What was forfeited whole takes nothing back.
    let told = accrues(w, "-5,000", ("2026-02-10", "CR-1")).await;
    assert!(told.contains("EUR 100.00 of it was forfeited then"), "{told}");
    available(w, "later/acme", "EUR 500.00").await;
    available(w, "coop/acme", "EUR 0.00").await;
}

/// Ten percent of the sales of January, of which all goes on, last six months, as what accrues in the fund after it does. What
/// is told late of January expires before what was corrected in that fund.
async fn late_sales_take_over_a_correction_once(w: &mut World) {
    let finn = w.person(Who::Finn);
    let terms = "kind:co_op accrual:10% credit-months:6";
    for line in [
        format!("/fund create key:later name:Later {terms} valid-from:2026-02-01 valid-until:2026-12-31"),
        format!(
            "/fund create key:coop name:Co-op {terms} valid-from:2026-01-01 valid-until:2026-01-31 carry-over:later"
        ),
    ] {
        finn.runs(&line).await;
    }
    w.moves_to("2026-02-05T08:00:00Z").await;
    for (sales, reference) in [("10,000", "A-1"), ("-1,000", "CR-1")] {
        let line = format!(
            "/fund accrue fund:later partner:acme sales:{sales} date:2026-02-04 reference:{reference}"
        );
        finn.runs(&line).await;
    }
    for (day, reference, left) in [("2026-01-10", "A-2", "1,000.00"), ("2026-01-08", "A-3", "1,100.00")] {
        let told = accrues(w, "1,000", (day, reference)).await;
        assert!(told.ends_with("EUR 100.00 goes on to Later (Acme)."), "{told}");
        available(w, "later/acme", &format!("EUR {left}")).await;
    }
    let shown = finn.runs("/fund show fund:later/acme").await;
    assert!(shown.contains("EUR 100.00 until 2026-07-10\nEUR 1,000.00 until 2026-08-04"), "{shown}");
    w.moves_to("2026-07-11T08:00:00Z").await;
    available(w, "later/acme", "EUR 1,000.00").await;
}

/// At most 150.00 goes on to the fund that starts next, which is another one by the time that more is told.
async fn a_limit_holds_for_all_the_funds_that_it_goes_on_to(w: &mut World) {
    let finn = w.person(Who::Finn);
    ending(w, "carry-over:next carry-limit:150").await;
    accrues(w, "5,000", ("2026-01-05", "A-1")).await;
    w.moves_to("2026-02-02T08:00:00Z").await;
    available(w, "spring/acme", "EUR 100.00").await;
    w.moves_to("2026-02-03T08:00:00Z").await;
    let line = "/fund create key:carnival name:Carnival kind:co_op valid-from:2026-01-15 valid-until:2026-03-31 accrual:2%";
    finn.runs(line).await;
    let said = accrues(w, "5,000", ("2026-01-31", "A-2")).await;
    assert!(said.ends_with("EUR 50.00 goes on to Carnival (Acme), EUR 50.00 is forfeited."), "{said}");
    let said = accrues(w, "-6,000", ("2026-01-31", "CR-1")).await;
    let back = "EUR 70.00 comes back of what went on to Carnival (Acme) and Spring co-op (Acme), EUR 50.00 of it was forfeited then.";
    assert!(said.ends_with(back), "{said}");
    available(w, "carnival/acme", "EUR 0.00").await;
    available(w, "spring/acme", "EUR 80.00").await;
    let to = "/fund transfer fund:spring/acme to:spring amount:79 reason:x confirm:spring/acme";
    finn.runs(to).await;
    assert_eq!(
        accrues(w, "-1,000", ("2026-01-31", "CR-2")).await,
        "Co-op (Acme) ended on 2026-01-31, and EUR 20.00 of the correction would come back of what went on to Spring co-op \
         (Acme): EUR 1.00 of it is available. Correct at most what is available."
    );
}

/// Half of what is left on the last day of January goes on, of a credit too that is over by the time that somebody looks.
async fn a_late_look_shares_out_as_one_in_time(w: &mut World) {
    ending(w, "carry-over:spring carry-limit:50% credit-months:1").await;
    for (day, reference) in [("2026-01-04", "A-1"), ("2026-01-05", "A-2")] {
        accrues(w, "5,000", (day, reference)).await;
    }
    w.moves_to("2026-02-05T08:00:00Z").await;
    // 200.00 were left, of which 100.00 lasted until 4 February: what lasts longest went on.
    available(w, "spring/acme", "EUR 100.00").await;
    available(w, "coop/acme", "EUR 0.00").await;
    let went =
        "SELECT CAST(SUM(amount) AS BIGINT) FROM ledger_transfer WHERE move = 'transfer' AND actor = 'clock'";
    assert_eq!(w.number(went).await, 10_000);
    w.moves_to("2026-02-06T08:00:00Z").await;
    available(w, "spring/acme", "EUR 0.00").await;
}
