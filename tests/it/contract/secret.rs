//! Keys that are made once per database.

use super::{Ground, contracts};
use tandem::store::{crm, secret};
use tandem::{args, in_tx};

contracts!(keys_are_made_once, a_spoilt_key_is_no_key);

async fn keys_are_made_once(g: Ground) {
    in_tx!(g.store, |tx| {
        let seal = secret::evidence_key(tx, &g.clock).await?;
        assert_eq!(seal, secret::evidence_key(tx, &g.clock).await?, "made once");
        let hex: String = seal.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, secret::key(tx, &g.clock, "evidence").await?);
        assert_ne!(hex, crm::email_key(tx, &g.clock).await?, "a key for each use");
        Ok(())
    })
    .unwrap();
}

async fn a_spoilt_key_is_no_key(g: Ground) {
    in_tx!(g.store, |tx| {
        secret::evidence_key(tx, &g.clock).await?;
        for hex in ["", "00ff", "é1", &"g".repeat(64), &"é".repeat(32)] {
            tx.exec("UPDATE secret_key SET hex = $1 WHERE name = 'evidence'", args![hex]).await?;
            let spoilt = secret::evidence_key(tx, &g.clock).await.expect_err("no key");
            assert!(spoilt.to_string().contains("secret_key 'evidence' is no key"), "{spoilt}");
        }
        Ok(())
    })
    .unwrap();
}
