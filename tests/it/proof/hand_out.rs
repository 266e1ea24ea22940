//! Files of a claim as they are handed out: to its own side and to who decides or pays, and no list of people to anybody.

use super::{NOT_FOUND, claiming};
use crate::harness::files::{file, pdf};
use crate::harness::{World, stories};
use tandem::playground::seed::{APPROVALS, Who};

stories!(a_file_is_handed_out_to_who_may_have_it, a_list_of_people_is_handed_out_to_nobody);

async fn a_file_is_handed_out_to_who_may_have_it(w: &mut World) {
    claiming(w).await;
    let [pat, amir, vera, gil] = [Who::Pat, Who::Amir, Who::Vera, Who::Gil].map(|who| w.person(who));
    let invoice = pdf("invoice.pdf", "AV-7");
    let added = "/claim evidence claim:CLM-1 slot:Cost file:invoice.pdf";
    pat.attaches(added, std::slice::from_ref(&invoice)).await;
    let sha256 = w.word("SELECT sha256 FROM claim_evidence").await;
    let ask = "/claim file claim:CLM-1 number:1";
    let of_acme = "/claim file claim:ACME/CLM-1 number:1";
    assert_eq!(amir.runs(of_acme).await, NOT_FOUND, "it is not filed yet");
    let given = pat.runs(ask).await;
    assert!(
        given.contains(&format!("File 1 of CLM-1: invoice.pdf for proof of cost.\nSHA-256 `{sha256}`")),
        "{given}"
    );
    assert_eq!(
        pat.runs("/claim file claim:CLM-1 number:2").await,
        "CLM-1 has no file 2. Give a number from 1 to 1, as its card shows them."
    );
    assert_eq!(
        pat.runs("/claim file claim:CLM-1 number:0").await,
        "CLM-1 has no file 0. Give a number from 1 to 1, as its card shows them."
    );
    w.sql("UPDATE claim SET state = 'submitted', submitted_at = 1").await.unwrap();
    let given = amir.runs(of_acme).await;
    assert!(given.contains(&sha256), "{given}");
    assert!(w.seen_by(Who::Amir).contains("invoice.pdf"), "the file itself");
    assert!(w.person(Who::Finn).at(APPROVALS).runs(of_acme).await.contains(&sha256), "who pays it");
    assert!(vera.runs(ask).await.starts_with("You may not do this: it needs \"approve claims\"."));
    assert_eq!(gil.runs(&format!("{ask} partner:acme")).await, NOT_FOUND);
    assert_eq!(gil.runs(ask).await, NOT_FOUND);
    let lines = "SELECT COUNT(*) FROM audit WHERE code = 'claim_file_given'";
    assert_eq!(w.number(lines).await, 3, "Pat, Amir and Finn");
    let detail = w.word("SELECT MIN(detail) FROM audit WHERE code = 'claim_file_given'").await;
    assert!(detail.contains(&sha256) && !detail.contains("invoice"), "{detail}");
    assert_eq!(w.number(&format!("{lines} AND item = (SELECT id FROM claim)")).await, 3);
}

async fn a_list_of_people_is_handed_out_to_nobody(w: &mut World) {
    claiming(w).await;
    let pat = w.person(Who::Pat);
    let list = file("ada-lovelace.csv", "text/csv", b"name,mail\nAda Lovelace,ada@acme.example\n");
    pat.attaches("/claim evidence claim:CLM-1 slot:Results file:ada-lovelace.csv", &[list]).await;
    w.sql("UPDATE claim SET state = 'submitted', submitted_at = 1").await.unwrap();
    let sha256 = w.word("SELECT sha256 FROM claim_evidence").await;
    let said =
        format!("File 1 of CLM-1 is a list of people, which nobody is given: 2 rows.\nSHA-256 `{sha256}`");
    assert_eq!(pat.runs("/claim file claim:CLM-1 number:1").await, said);
    assert_eq!(w.person(Who::Amir).runs("/claim file claim:ACME/CLM-1 number:1").await, said);
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'claim_file_given'").await, 0);
}
