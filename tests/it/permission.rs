//! The permission matrix: every action by every capability on every side, as one table.

use std::collections::BTreeMap;
use tandem::domain::action::{Action, authorise};
use tandem::domain::actor::{Capability, Company, Limit, Person};
use tandem::domain::refusal::Code;

fn person(company: Company, capability: Option<Capability>) -> Person {
    let capabilities: BTreeMap<Capability, Limit> =
        capability.into_iter().map(|one| (one, Limit::Unlimited)).collect();
    Person { id: "1".to_owned(), company, capabilities }
}

/// Who of a side may do what: the capabilities that alone allow it, `anyone`, or `nobody`.
fn allowed(action: Action, company: &Company) -> String {
    let may = |capability| authorise(&person(company.clone(), capability), action, "acme").is_ok();
    if may(None) {
        assert!(Capability::ALL.iter().all(|one| may(Some(*one))), "more capabilities never allow less");
        return "anyone".to_owned();
    }
    let alone: Vec<&str> =
        Capability::ALL.iter().filter(|one| may(Some(**one))).map(|one| one.code()).collect();
    if alone.is_empty() { "nobody".to_owned() } else { alone.join(" or ") }
}

#[test]
fn the_permission_matrix() {
    let sides = [Company::Vendor, Company::Partner("acme".to_owned()), Company::Partner("globex".to_owned())];
    let mut table = String::from("action | vendor | acme on acme's | globex on acme's\n");
    for action in Action::ALL {
        let cells = sides.iter().map(|company| allowed(*action, company)).collect::<Vec<_>>();
        table.push_str(&format!("{action:?} | {}\n", cells.join(" | ")));
    }
    assert_eq!(
        table,
        "\
action | vendor | acme on acme's | globex on acme's
See | anyone | anyone | nobody
EditPlan | manage_plans | edit_plan | nobody
DecidePlan | sign | sign | nobody
SetRate | manage_plans | nobody | nobody
Stop | manage_plans or sign | sign or edit_plan | nobody
TickOff | manage_plans or log_results | edit_plan or log_results | nobody
Promise | manage_plans or sign | sign or edit_plan | nobody
Log | manage_plans or log_results | log_results | nobody
FileRequest | manage_plans | file_requests | nobody
EndRequest | manage_plans or approve_mdf | file_requests | nobody
DecideRequest | approve_mdf | nobody | nobody
FileClaim | nobody | file_requests | nobody
DecideClaim | approve_claims | nobody | nobody
ReadEvidence | approve_claims or pay_claims | sign or file_requests | nobody
DecideExtension | approve_mdf or approve_claims | nobody | nobody
PayClaim | pay_claims | nobody | nobody
ManageFunds | manage_funds | nobody | nobody
EnterRate | manage_funds or administer | nobody | nobody
ShareTemplate | manage_plans or administer | nobody | nobody
Administer | administer | nobody | nobody
"
    );
}

#[test]
fn another_partners_things_are_not_found_and_never_forbidden() {
    for action in Action::ALL {
        for capability in Capability::ALL {
            let globex = person(Company::Partner("globex".to_owned()), Some(*capability));
            let refusal = authorise(&globex, *action, "acme").unwrap_err();
            assert_eq!(refusal.code, Code::NotFound, "{action:?} with {capability:?}");
            assert_eq!(refusal.needs, None, "nothing tells that there is something to be allowed");
        }
    }
}

#[test]
fn what_a_side_can_never_have_does_not_help_it() {
    for capability in Capability::ALL {
        let Some(side) = capability.side() else { continue };
        for action in Action::ALL {
            for other in [Company::Vendor, Company::Partner("acme".to_owned())] {
                if other.side() == side || *action == Action::See {
                    continue;
                }
                let refusal =
                    authorise(&person(other.clone(), Some(*capability)), *action, "acme").unwrap_err();
                assert_eq!(
                    refusal.code,
                    Code::MissingCapability,
                    "{action:?} with {capability:?} for {other:?}"
                );
            }
        }
    }
}
