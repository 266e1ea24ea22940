//! Funds in chat: made, filled, shared out, moved, accrued, ended, and their statements. Figures are worked by hand.

use crate::harness::files::file;
use crate::harness::{World, stories};
use crate::mdf_life::approved;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    a_fund_is_made_filled_and_shared_out,
    what_is_declared_is_not_changed_in_chat,
    a_transfer_is_confirmed_and_never_takes_more_than_there_is,
    a_partner_sees_what_is_its_own,
    sales_accrue_once_and_are_corrected,
    a_file_of_sales_counts_whole_or_not_at_all,
    each_partner_numbers_its_own_invoices,
    what_is_left_goes_on_and_the_rest_is_forfeited,
    a_credit_runs_out_before_its_fund_the_oldest_first,
    what_comes_back_after_the_end_is_forfeited,
    a_foreign_invoice_counts_at_the_rate_of_its_day,
    a_file_of_rates_counts_whole_or_not_at_all,
    a_statement_adds_up,
);

/// The first line of the newest post of a channel that begins so.
pub fn told(w: &World, channel: u64, begin: &str) -> String {
    w.card(channel, begin).text().lines().next().unwrap_or_default().to_owned()
}

/// Makes a pool of EUR 10,000.00 over the year, in chat.
async fn pool(w: &World) {
    let line = "/fund create key:year name:Year pool kind:mdf valid-from:2026-01-01 valid-until:2026-12-31 amount:10k";
    assert_eq!(
        w.person(Who::Finn).runs(line).await,
        "Year pool (year) is there, with EUR 10,000.00. MDF from 2026-01-01 to 2026-12-31."
    );
}

/// Makes a co-op fund of two percent of sales, over the first half, whose credits last two months.
async fn co_op(w: &World) {
    let line = "/fund create key:coop name:Co-op kind:co_op valid-from:2026-01-01 valid-until:2026-06-30 accrual:2% credit-months:2";
    assert_eq!(
        w.person(Who::Finn).runs(line).await,
        "Co-op (coop) is there, with EUR 0.00. co-op from 2026-01-01 to 2026-06-30, accrues 2 % of sales, each credit for 2 months."
    );
}

async fn a_fund_is_made_filled_and_shared_out(w: &mut World) {
    let finn = w.person(Who::Finn);
    pool(w).await;
    assert_eq!(w.fund("year").await, "available EUR 10,000.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(
        finn.runs("/fund allocate fund:year amount:4k partner:acme").await,
        "EUR 4,000.00 of Year pool is allocated to Year pool (Acme) (year/acme). Left in the pool: EUR 6,000.00."
    );
    let told = w.card(ACME, "EUR 4,000.00 is allocated to Year pool (Acme)").text();
    assert!(told.contains("Available now: EUR 4,000.00.") && !told.contains("6,000"), "{told}");
    assert_eq!(
        finn.runs("/fund allocate fund:year amount:7k partner:acme").await,
        "Year pool has EUR 6,000.00 available: it can't give EUR 7,000.00. Give less, or add to the fund first."
    );
    assert_eq!(
        finn.runs("/fund allocate fund:year amount:2k").await,
        "EUR 2,000.00 is allocated to Year pool. Available now: EUR 8,000.00."
    );
    assert_eq!(
        finn.runs("/fund allocate fund:year amount:-1k partner:acme").await,
        "EUR 1,000.00 would be taken back from Year pool (Acme). Say it again with the option confirm:year."
    );
    assert_eq!(
        finn.runs("/fund allocate fund:year amount:-1k partner:acme confirm:year").await,
        "EUR 1,000.00 went back from Year pool (Acme) to Year pool (year/acme). Left in the pool: EUR 9,000.00."
    );
    assert_eq!(w.fund("year/acme").await, "available EUR 3,000.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(
        finn.runs("/fund create key:year name:x kind:mdf valid-from:2026-01-01 valid-until:2026-12-31").await,
        "There is a fund year already, or there was one. Give another key."
    );
    assert_eq!(
        finn.runs("/fund create key:old name:x kind:mdf valid-from:2025-01-01 valid-until:2025-12-31").await,
        "x ended on 2025-12-31. Use a fund that is still valid."
    );
    let shown = finn.runs("/fund show fund:year").await;
    assert!(shown.contains("Year pool (Acme): EUR 3,000.00 available"), "{shown}");
}

async fn what_is_declared_is_not_changed_in_chat(w: &mut World) {
    let finn = w.person(Who::Finn);
    for line in
        ["/fund allocate fund:pool-q1 amount:1k", "/fund allocate fund:pool-q1 amount:-1k confirm:pool-q1"]
    {
        assert_eq!(
            finn.runs(line).await,
            "Q1 MDF pool is declared in bot.toml. Its operator changes it there."
        );
    }
    assert_eq!(
        finn.at(ACME).runs("/fund allocate fund:pool-q1 amount:1k").await,
        "I don't speak of the program's funds in this channel. Ask in <#3002>."
    );
    // To share it out changes nothing of what is declared.
    finn.runs("/fund allocate fund:pool-q1 amount:5k partner:globex").await;
    assert_eq!(w.fund("pool-q1").await, "available EUR 15,000.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(
        w.fund("pool-q1/globex").await,
        "available EUR 5,000.00 · pending EUR 0.00 · committed EUR 0.00"
    );
}

async fn a_transfer_is_confirmed_and_never_takes_more_than_there_is(w: &mut World) {
    let finn = w.person(Who::Finn);
    let line = "/fund transfer fund:pool-q1 to:acme-q1 amount:2.5k reason:A second fair";
    assert_eq!(
        finn.runs(line).await,
        "EUR 2,500.00 would go from Q1 MDF pool to Acme Q1 MDF. Say it again with the option confirm:pool-q1."
    );
    assert_eq!(w.fund("pool-q1").await, "available EUR 20,000.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(
        finn.runs(&format!("{line} confirm:pool-q1")).await,
        "EUR 2,500.00 went from Q1 MDF pool to Acme Q1 MDF."
    );
    assert_eq!(w.fund("acme-q1").await, "available EUR 32,500.00 · pending EUR 0.00 · committed EUR 0.00");
    let told = w.card(ACME, "EUR 2,500.00 was transferred").text();
    assert!(!told.contains("pool"), "{told}");
    assert_eq!(
        finn.runs("/fund transfer fund:pool-q1 to:acme-q1 amount:17,500.01 reason:x confirm:pool-q1").await,
        "Q1 MDF pool has EUR 17,500.00 available: it can't give EUR 17,500.01. Give less, or add to the fund first."
    );
    assert_eq!(
        finn.runs("/fund transfer fund:pool-q1 to:pool-q1 amount:1 reason:x confirm:pool-q1").await,
        "Both are the same fund. Name another in the option to."
    );
    // Another currency only at a dated rate.
    finn.runs("/fund create key:usd name:Dollars kind:mdf currency:USD valid-from:2026-01-01 valid-until:2026-12-31").await;
    let line = "/fund transfer fund:pool-q1 to:usd amount:1000 reason:Fair in Boston confirm:pool-q1";
    assert_eq!(
        finn.runs(line).await,
        "There is no rate of EUR in USD for 2026-01-05. The vendor enters one with /fund rate currency:EUR into:USD."
    );
    assert_eq!(
        finn.runs("/fund rate currency:EUR into:USD rate:1.0875").await,
        "EUR 1 is USD 1.0875 from 2026-01-05 on, until another rate is dated."
    );
    assert_eq!(finn.runs(line).await, "EUR 1,000.00 went from Q1 MDF pool to Dollars as USD 1,087.50.");
    assert_eq!(w.fund("usd").await, "available USD 1,087.50 · pending USD 0.00 · committed USD 0.00");
    assert_eq!(w.fund("pool-q1").await, "available EUR 16,500.00 · pending EUR 0.00 · committed EUR 0.00");
}

async fn a_partner_sees_what_is_its_own(w: &mut World) {
    let [finn, pat, gil, vera] = [Who::Finn, Who::Pat, Who::Gil, Who::Vera].map(|who| w.person(who));
    pool(w).await;
    finn.runs("/fund allocate fund:year amount:4k partner:acme").await;
    let listed = pat.runs("/fund show").await;
    assert!(listed.contains("Year pool (Acme) · year/acme") && listed.contains("acme-q1"), "{listed}");
    assert!(!listed.contains("pool-q1") && !listed.contains("6,000"), "{listed}");
    let unknown = "I can't find that here. Pick it from the list that the option offers.";
    for fund in ["year", "pool-q1", "Year pool", "nothing"] {
        assert_eq!(pat.runs(&format!("/fund show fund:{fund}")).await, unknown, "{fund}");
        assert_eq!(pat.runs(&format!("/fund statement fund:{fund}")).await, unknown, "{fund}");
    }
    assert_eq!(gil.runs("/fund show fund:year/acme").await, unknown);
    assert_eq!(gil.runs("/fund show").await, "Funds\nThere are none yet.\npage 1 of 1");
    // The vendor's people see in a partner's channel what that partner sees, and all in their own.
    assert_eq!(vera.runs("/fund show fund:pool-q1").await, unknown);
    let all = vera.at(APPROVALS).runs("/fund show").await;
    assert!(["acme-q1", "pool-q1", "year/acme", "EUR 6,000.00"].iter().all(|one| all.contains(one)), "{all}");
    let offered = gil.is_offered("/fund show fund:").await.join(" ");
    assert!(!offered.contains("Acme") && !offered.contains("acme"), "{offered}");
}

async fn sales_accrue_once_and_are_corrected(w: &mut World) {
    let finn = w.person(Who::Finn);
    co_op(w).await;
    let line = "/fund accrue fund:coop partner:acme sales:12,345.67 date:2026-01-05 reference:INV-1";
    // 2 % of 12,345.67 is 246.9134.
    assert_eq!(
        finn.runs(line).await,
        "EUR 246.91 of Co-op is accrued: 2 % of sales of EUR 12,345.67 on 2026-01-05 (INV-1). Available now: EUR 246.91."
    );
    assert!(w.card(ACME, "EUR 246.91 of Co-op is accrued").text().contains("INV-1"));
    assert_eq!(finn.runs(line).await, "INV-1 was posted before. Nothing was counted again.");
    assert_eq!(w.fund("coop/acme").await, "available EUR 246.91 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(
        finn.runs("/fund accrue fund:coop partner:acme sales:99 date:2026-01-05 reference:INV-1").await,
        "INV-1 was posted before with other figures: sales of EUR 12,345.67 on 2026-01-05. \
         Correct it by a posting below zero, under a reference of its own."
    );
    assert_eq!(
        finn.runs("/fund accrue fund:coop partner:acme sales:-20,000 reference:CR-1").await,
        "A correction of EUR 400.00 would take Co-op (Acme) below zero: EUR 246.91 of it is available. \
         Correct at most what is available."
    );
    assert_eq!(
        finn.runs("/fund accrue fund:coop partner:acme sales:-2,345.67 reference:CR-1").await,
        "EUR 46.91 of Co-op is taken back: 2 % of sales of EUR -2,345.67 on 2026-01-05 (CR-1). Available now: EUR 200.00."
    );
    assert_eq!(
        finn.runs("/fund accrue fund:pool-q1 partner:acme sales:1k reference:x").await,
        "Q1 MDF pool accrues nothing: it has no rate. Name a co-op fund with a rate, or give money with /fund allocate."
    );
    assert_eq!(
        finn.runs("/fund accrue fund:coop partner:acme sales:1k date:2026-02-01 reference:x").await,
        "2026-02-01 is no day of Co-op that is over: it runs from 2026-01-01 to 2026-06-30. Check the date."
    );
    assert_eq!(
        finn.runs("/fund accrue fund:coop partner:acme").await,
        "Give sales and their reference, or attach a CSV with the columns date, partner, sales, reference."
    );
    // Sales in dollars count at the rate of their day: 1,000 × 0.925 × 2 %.
    finn.runs("/fund rate currency:USD into:EUR rate:0.925 day:2026-01-02").await;
    let line = "/fund accrue fund:coop partner:acme sales:USD 1,000 date:2026-01-03 reference:US-1";
    assert_eq!(
        finn.runs(line).await,
        "EUR 18.50 of Co-op is accrued: 2 % of sales of USD 1,000.00 on 2026-01-03, at 0.925 of 2026-01-02 (US-1). \
         Available now: EUR 218.50."
    );
}

async fn each_partner_numbers_its_own_invoices(w: &mut World) {
    let finn = w.person(Who::Finn);
    co_op(w).await;
    let post = async |partner: &str, sales: &str| {
        let line = format!(
            "/fund accrue fund:coop partner:{partner} sales:{sales} date:2026-01-02 reference:INV-1001"
        );
        finn.runs(&line).await
    };
    assert!(post("acme", "1k").await.starts_with("EUR 20.00 of Co-op is accrued"));
    let globex = post("globex", "2k").await;
    assert!(globex.starts_with("EUR 40.00 of Co-op is accrued"), "{globex}");
    assert_eq!(post("acme", "1k").await, "INV-1001 was posted before. Nothing was counted again.");
    assert_eq!(
        post("globex", "1k").await,
        "INV-1001 was posted before with other figures: sales of EUR 2,000.00 on 2026-01-02. \
         Correct it by a posting below zero, under a reference of its own."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM fund_accrual").await, 2);
}

async fn a_file_of_sales_counts_whole_or_not_at_all(w: &mut World) {
    let finn = w.person(Who::Finn);
    co_op(w).await;
    let line = "/fund accrue fund:coop file:sales.csv";
    let csv = |text: &str| [file("sales.csv", "text/csv", text.as_bytes())];
    let wrong = "date,partner,sales,reference\n2026-01-02,acme,1000,A-1\nsomeday,acme,5,A-2\n2026-01-02,initech,5,A-3\n\
                 2026-01-02,globex,lots,A-4\n2026-01-02,globex,-5,A-5\n";
    let said = finn.attaches(line, &csv(wrong)).await;
    assert!(said.starts_with("sales.csv is not taken, nothing was posted:\nLine 3: "), "{said}");
    assert!(said.contains("Line 5: ") && !said.contains("Line 2"), "{said}");
    assert_eq!(w.number("SELECT COUNT(*) FROM fund_accrual").await, 0);
    let wrong = "date,partner,sales,reference\n2026-01-02,acme,1000,A-1\n2026-01-02,initech,5,A-3\n2026-01-02,globex,-500,A-5\n";
    assert_eq!(
        finn.attaches(line, &csv(wrong)).await,
        "sales.csv is not taken, nothing was posted:\nLine 3: there is no partner initech.\n\
         Line 4: A correction of EUR 10.00 would take Co-op (Globex) below zero: EUR 0.00 of it is available. \
         Correct these lines and attach it again."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM fund_accrual").await, 0);
    let right = "\u{feff}Reference;Date;Sales;Partner\r\nA-1;2026-01-02;1000;acme\r\n\"A;2\";2026-01-02;\"1.500,00\";Globex\r\n\
                 A-3;2026-01-03;500;ACME\r\n";
    assert_eq!(
        finn.attaches(line, &csv(right)).await,
        "Co-op: 3 new of 3 rows. Accrued: Acme EUR 30.00, Globex EUR 30.00."
    );
    assert!(
        w.card(ACME, "Co-op: EUR 30.00 accrued by 2 postings").text().contains("Available now: EUR 30.00.")
    );
    let more = "date,partner,sales,reference\n2026-01-02,acme,1000,A-1\n2026-01-04,acme,200,A-4\n";
    assert_eq!(
        finn.attaches(line, &csv(more)).await,
        "Co-op: 1 new of 2 rows. Accrued: Acme EUR 4.00. Posted before, and not counted again: A-1."
    );
    assert_eq!(w.fund("coop/acme").await, "available EUR 34.00 · pending EUR 0.00 · committed EUR 0.00");
    let binary = [file("sales.csv", "text/csv", &[0xff, 0xfe, 0x00])];
    assert_eq!(
        finn.attaches(line, &binary).await,
        "sales.csv is no CSV in UTF-8. Save the sheet as CSV (UTF-8) and attach that."
    );
    let pat = w.person(Who::Pat);
    assert!(
        pat.attaches(line, &csv(more)).await.starts_with("You may not do this: it needs \"manage funds\"")
    );
}

/// Half of what is left goes on, to the same partner's part of the pool that follows.
async fn what_is_left_goes_on_and_the_rest_is_forfeited(w: &mut World) {
    let finn = w.person(Who::Finn);
    pool(w).await;
    let line = "/fund create key:spring name:Spring kind:mdf valid-from:2026-01-01 valid-until:2026-03-31 amount:3k \
                carry-over:year carry-limit:50%";
    finn.runs(line).await;
    finn.runs("/fund allocate fund:spring amount:1000.01 partner:acme").await;
    w.moves_to("2026-03-31T20:00:00Z").await;
    assert_eq!(w.fund("spring").await, "available EUR 1,999.99 · pending EUR 0.00 · committed EUR 0.00");
    // In Berlin it is 1 April.
    w.moves_to("2026-03-31T22:30:00Z").await;
    assert_eq!(w.fund("spring").await, "available EUR 0.00 · pending EUR 0.00 · committed EUR 0.00");
    // Half of 1,999.99 is 999.995, rounded down; the cent is forfeited with the rest.
    assert_eq!(w.fund("year").await, "available EUR 10,999.99 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(w.fund("year/acme").await, "available EUR 500.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(
        told(w, APPROVALS, "What was left of Spring has"),
        "What was left of Spring has run out: EUR 999.99 goes on to Year pool, EUR 1,000.00 is forfeited."
    );
    assert_eq!(
        told(w, ACME, "What was left"),
        "What was left of Spring (Acme) has run out: EUR 500.00 goes on to Year pool (Acme), EUR 500.01 is forfeited."
    );
    let lines = "SELECT COUNT(*) FROM audit WHERE code = 'fund_forfeited'";
    assert_eq!(w.number(lines).await, 2);
    w.moves_to("2026-04-02T10:00:00Z").await;
    assert_eq!(w.number(lines).await, 2, "once");
}

async fn a_credit_runs_out_before_its_fund_the_oldest_first(w: &mut World) {
    let finn = w.person(Who::Finn);
    co_op(w).await;
    finn.runs("/fund accrue fund:coop partner:acme sales:10,000 date:2026-01-02 reference:A-1").await;
    w.moves_to("2026-02-02T09:00:00Z").await;
    finn.runs("/fund accrue fund:coop partner:acme sales:5,000 date:2026-02-01 reference:A-2").await;
    assert_eq!(w.fund("coop/acme").await, "available EUR 300.00 · pending EUR 0.00 · committed EUR 0.00");
    let shown = finn.runs("/fund show fund:coop/acme").await;
    assert!(shown.contains("EUR 200.00 until 2026-03-02\nEUR 100.00 until 2026-04-01"), "{shown}");
    // A correction takes of what runs out first.
    finn.runs("/fund accrue fund:coop partner:acme sales:-1,000 date:2026-02-02 reference:CR-1").await;
    w.moves_to("2026-03-02T12:00:00Z").await;
    assert_eq!(w.fund("coop/acme").await, "available EUR 280.00 · pending EUR 0.00 · committed EUR 0.00");
    w.moves_to("2026-03-03T12:00:00Z").await;
    assert_eq!(w.fund("coop/acme").await, "available EUR 100.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(
        told(w, ACME, "What was left"),
        "What was left of Co-op (Acme) has run out: EUR 180.00 is forfeited."
    );
    w.moves_to("2026-04-02T12:00:00Z").await;
    assert_eq!(w.fund("coop/acme").await, "available EUR 0.00 · pending EUR 0.00 · committed EUR 0.00");
}

async fn what_comes_back_after_the_end_is_forfeited(w: &mut World) {
    approved(w).await;
    // The fund's days are cut short; the commitment outlives it.
    w.sql("UPDATE fund SET valid_until = '2026-02-28' WHERE key = 'acme-q1'").await.unwrap();
    w.moves_to("2026-03-02T09:00:00Z").await;
    assert_eq!(w.fund("acme-q1").await, "available EUR 0.00 · pending EUR 0.00 · committed EUR 9,000.00");
    let forfeited = "SELECT amount FROM account_balance b JOIN fund f ON f.id = b.fund_id WHERE f.key = 'acme-q1' AND b.account = 'forfeited'";
    assert_eq!(w.number(forfeited).await, 2_100_000);
    w.person(Who::Pat).runs("/mdf close request:MDF-1 confirm:MDF-1").await;
    assert_eq!(w.fund("acme-q1").await, "available EUR 0.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(w.number(forfeited).await, 3_000_000);
    assert_eq!(
        told(w, ACME, "EUR 9,000.00 came back"),
        "EUR 9,000.00 came back to Acme Q1 MDF after its time was over: it is forfeited."
    );
}

async fn a_foreign_invoice_counts_at_the_rate_of_its_day(w: &mut World) {
    let [pat, finn] = [Who::Pat, Who::Finn].map(|who| w.person(who));
    approved(w).await;
    w.moves_to("2026-03-06T09:00:00Z").await;
    pat.runs("/claim new request:MDF-1").await;
    let line =
        "/claim line claim:CLM-1 what:Stand supplier:Boston Fairs invoice:77 date:2026-03-04 net:USD 1,000";
    assert_eq!(
        pat.runs(line).await,
        "There is no rate of USD in EUR for 2026-03-04. The vendor enters one with /fund rate currency:USD into:EUR."
    );
    finn.runs("/fund rate currency:USD into:EUR rate:0.91 day:2026-03-05").await;
    assert!(
        pat.runs(line).await.starts_with("There is no rate of USD in EUR for 2026-03-04."),
        "it is dated later"
    );
    finn.runs("/fund rate currency:USD into:EUR rate:0.92345 day:2026-03-01").await;
    let added = pat.runs(line).await;
    assert!(added.contains("It counts as EUR 923.45 at the rate 0.92345 of 2026-03-01."), "{added}");
    // A rate that is corrected afterwards changes nothing of what was converted.
    finn.runs("/fund rate currency:USD into:EUR rate:0.5 day:2026-03-01").await;
    let shown = pat.runs("/claim show claim:CLM-1").await;
    assert!(shown.contains("USD 1,000.00 at 0.92345 of 2026-03-01"), "{shown}");
}

async fn a_statement_adds_up(w: &mut World) {
    let [pat, finn] = [Who::Pat, Who::Finn].map(|who| w.person(who));
    approved(w).await;
    w.moves_to("2026-02-02T09:00:00Z").await;
    finn.runs("/fund transfer fund:acme-q1 to:pool-q1 amount:1k reason:x confirm:acme-q1").await;
    pat.runs("/mdf close request:MDF-1 confirm:MDF-1").await;
    let said = pat.runs("/fund statement fund:acme-q1 period:2026-02-01..2026-02-28").await;
    assert_eq!(
        said,
        "Statement of Acme Q1 MDF · acme-q1\n\
         2026-02-01 to 2026-02-28, in EUR.\n\
         Opening: available 21,000.00 · committed 9,000.00 · payable 0.00 · paid 0.00 · forfeited 0.00\n\
         Transferred out: available -1,000.00\n\
         Released: available +9,000.00 · committed -9,000.00\n\
         Closing: available 29,000.00 · committed 0.00 · payable 0.00 · paid 0.00 · forfeited 0.00\n\
         The same figures are in the files.\n\
         <acme-q1-2026-02-01-2026-02-28.csv>\n\
         <acme-q1-2026-02-01-2026-02-28.xlsx>"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'fund_statement'").await, 1);
}

async fn a_file_of_rates_counts_whole_or_not_at_all(w: &mut World) {
    let finn = w.person(Who::Finn);
    let line = "/fund rate file:rates.csv";
    let csv = |text: &str| [file("rates.csv", "text/csv", text.as_bytes())];
    let wrong = "currency,into,date,rate\nUSD,EUR,2026-01-02,0.92\nUSD,EUR,2026-01-03,\"0,91\"\nUSD,USD,2026-01-02,1\n\
                 DOL,EUR,2026-01-02,1\nUSD,EUR,someday,1\nUSD,EUR,2027-06-01,1\nGBP,EUR,2026-01-02,-1\nGBP,EUR\n";
    let said = finn.attaches(line, &csv(wrong)).await;
    for told in [
        "rates.csv is not taken, nothing was posted:\nLine 3: write 0,91 with a point, such as 0.92.\n",
        "Line 4: Both are the same currency.\n",
        "Line 5: ",
        "Line 6: ",
        "Line 7: 2027-06-01 is more than a year ahead.\n",
        "Line 8: That is not a rate.\n",
        "Line 9: it has 2 cells, the heading has 4.",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    let twice = "currency,into,date,rate\nUSD,EUR,2026-01-02,0.92\nGBP,EUR,2026-01-02,1.15\nusd,eur,2026-01-02,0.93\n";
    assert_eq!(
        finn.attaches(line, &csv(twice)).await,
        "rates.csv is not taken, nothing was posted:\nLine 4: USD in EUR has another rate of 2026-01-02 above. \
         Correct these lines and attach it again."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM currency_rate").await, 0);
    finn.runs("/fund rate currency:USD into:EUR rate:0.5 day:2026-01-02").await;
    let right = "\u{feff}Date;Currency;Into;Rate\r\n2026-01-02;USD;EUR;0.925\r\n2026-01-04;USD;EUR;0.9\r\n2026-01-02;GBP;EUR;1.15\r\n";
    assert_eq!(
        finn.attaches(line, &csv(right)).await,
        "rates.csv: 3 rates are entered, dated 2026-01-02 to 2026-01-04: GBP in EUR, USD in EUR."
    );
    assert_eq!(
        w.number("SELECT COUNT(*) FROM currency_rate").await,
        3,
        "the rate of the same day is replaced"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'rates_imported'").await, 1);
    // Sales in dollars count at the rate of their day: 1,000 × 0.925 × 2 %.
    co_op(w).await;
    let sales = "/fund accrue fund:coop partner:acme sales:USD 1,000 date:2026-01-03 reference:US-1";
    assert!(finn.runs(sales).await.starts_with("EUR 18.50 of Co-op is accrued"));
    assert_eq!(
        finn.runs("/fund rate currency:USD into:EUR").await,
        "Give currency, into and rate, or attach a CSV with the columns currency, into, date, rate."
    );
    assert_eq!(
        finn.attaches("/fund rate currency:USD file:rates.csv", &csv(right)).await,
        "The file says currencies, dates and rates itself. Leave those options out."
    );
    let binary = [file("rates.csv", "text/csv", &[0xff, 0xfe, 0x00])];
    assert_eq!(
        finn.attaches(line, &binary).await,
        "rates.csv is no CSV in UTF-8. Save the sheet as CSV (UTF-8) and attach that."
    );
    let pat = w.person(Who::Pat);
    assert!(pat.attaches(line, &csv(right)).await.starts_with("You may not do this"));
    assert!(
        finn.at(ACME).attaches(line, &csv(right)).await.starts_with("I don't speak of the program's funds")
    );
}
