//! Administrators are told of dead letters: at once, then at most once an hour for each source, and of every one.

use super::knock::{Door, HUB};
use crate::harness::{World, stories};
use tandem::in_tx;
use tandem::playground::seed::{ACME, APPROVALS, GLOBEX};
use tandem::store::{inbox, program};

stories!(
    administrators_are_told_of_dead_letters_and_not_in_a_stream,
    each_source_is_told_of_by_itself,
    a_dead_letter_that_dies_again_is_told_again,
);

async fn administrators_are_told_of_dead_letters_and_not_in_a_stream(w: &mut World) {
    let door = Door::of(w);
    assert_eq!(door.forms("m1", "Jane Roe, jane@example.com").await, 200);
    door.is_read().await;
    let told = door.is_told(1).await;
    assert_eq!(
        told[0].lines().collect::<Vec<_>>()[..2],
        [
            "1 webhook from the source **forms** could not be understood:",
            "• 1× the body is not a JSON object {type, timestamp, data}",
        ]
    );
    assert!(told[0].contains("`tandem inbox list`"), "{}", told[0]);
    assert!(!told[0].contains("Jane") && !told[0].contains("jane"), "nothing of the body is shown");
    for channel in [ACME, GLOBEX] {
        assert!(door.notices(channel).is_empty(), "partners are not told");
    }

    // Within the hour: counted, not said.
    for n in 2..6 {
        assert_eq!(door.forms(&format!("m{n}"), "still broken").await, 200);
    }
    assert_eq!(door.forms("m6", r#"{"timestamp":"2026-01-05T08:00:00Z"}"#).await, 200);
    door.is_read().await;
    w.moves_to("2026-01-05T08:59:00Z").await;
    assert_eq!(tandem::crm::notice::tell(&w.running.app.store, &w.clock).await.unwrap(), 0);
    assert_eq!(door.is_told(1).await.len(), 1);

    w.moves_to("2026-01-05T09:00:00Z").await;
    let told = door.is_told(2).await;
    assert_eq!(
        told[1].lines().collect::<Vec<_>>()[..3],
        [
            "5 webhooks from the source **forms** could not be understood:",
            "• 4× the body is not a JSON object {type, timestamp, data}",
            "• 1× the message has no type",
        ]
    );
    w.moves_to("2026-01-05T12:00:00Z").await;
    assert_eq!(tandem::crm::notice::tell(&w.running.app.store, &w.clock).await.unwrap(), 0);
    assert_eq!(door.is_told(2).await.len(), 2, "nothing new, nothing said");
}

async fn each_source_is_told_of_by_itself(w: &mut World) {
    let door = Door::of(w);
    assert_eq!(door.forms("m1", "broken").await, 200);
    assert_eq!(door.post(HUB, door.hub_signed(door.now_ms(), b"broken"), "broken").await, 200);
    let told = door.is_told(2).await;
    for source in ["**forms**", "**hub**"] {
        assert_eq!(told.iter().filter(|text| text.contains(source)).count(), 1, "{source}");
    }
}

async fn a_dead_letter_that_dies_again_is_told_again(w: &mut World) {
    let door = Door::of(w);
    assert_eq!(door.forms("m1", "broken").await, 200);
    door.is_told(1).await;
    let key = door.dead_letters().await[0].key.clone();
    w.moves_to("2026-01-05T10:00:00Z").await;
    let replayed = in_tx!(w.running.app.store, |tx| {
        let program = program::all(tx).await?.remove(0);
        inbox::replay(tx, &program.id, &key, w.clock.now_ms()).await
    });
    assert!(replayed.unwrap());
    let told = door.is_told(2).await;
    assert!(told[1].starts_with("1 webhook from"), "{}", told[1]);
    assert_eq!(door.notices(APPROVALS).len(), 2);
}
