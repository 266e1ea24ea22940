//! What a claim's lines say was spent: what of it stands in the log already, so that nothing is counted twice.

use super::Line;
use super::line::plain;

/// Spend of a campaign that stands in its log under an invoice number, and is a line of no claim that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    pub id: String,
    pub invoice_number: String,
    /// In minor units of the plan's currency.
    pub amount: i64,
}

/// For each line, the entries that it is: those of its invoice number, without regard to case, spaces and marks, that come
/// to what was claimed, accepted, or its gross. The lines of one invoice are looked for together first. Nothing of a line
/// that has its entry already, or of which nothing is accepted.
pub fn logged_already(lines: &[Line], standing: &[Logged]) -> Vec<Vec<String>> {
    let mut free: Vec<&Logged> = standing.iter().collect();
    let mut known = vec![Vec::new(); lines.len()];
    let is_open = |line: &Line| line.log_entry_id.is_none() && !line.counts().is_zero();
    for (index, line) in lines.iter().enumerate() {
        if !is_open(line) || !known[index].is_empty() {
            continue;
        }
        let same =
            |other: &usize| is_open(&lines[*other]) && lines[*other].invoice_mark() == line.invoice_mark();
        let whole: Vec<usize> =
            (index..lines.len()).filter(same).filter(|at| known[*at].is_empty()).collect();
        for group in [whole, vec![index]] {
            let of_group: Vec<&Line> = group.iter().map(|at| &lines[*at]).collect();
            let Some(found) = matching(&of_group, &free) else { continue };
            free.retain(|entry| !found.contains(&entry.id));
            for at in group {
                known[at].clone_from(&found);
            }
            break;
        }
    }
    known
}

/// The entry, or all entries together, that the lines of one invoice come to.
fn matching(lines: &[&Line], free: &[&Logged]) -> Option<Vec<String>> {
    let number = plain(&lines.first()?.invoice_number);
    let sum = |amount: &dyn Fn(&Line) -> Option<i64>| -> Option<i64> {
        lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(amount(line)?))
    };
    let gross = |line: &Line| {
        line.gross().filter(|gross| gross.currency() == line.claimed.currency()).map(|gross| gross.minor())
    };
    let sums =
        [sum(&|line| Some(line.claimed.minor())), sum(&|line| Some(line.counts().minor())), sum(&gross)];
    let of_invoice: Vec<&&Logged> =
        free.iter().filter(|entry| plain(&entry.invoice_number) == number).collect();
    if let Some(one) = of_invoice.iter().find(|entry| sums.contains(&Some(entry.amount))) {
        return Some(vec![one.id.clone()]);
    }
    let all = of_invoice.iter().try_fold(0_i64, |sum, entry| sum.checked_add(entry.amount));
    (of_invoice.len() > 1 && sums.contains(&all))
        .then(|| of_invoice.iter().map(|one| one.id.clone()).collect())
}
