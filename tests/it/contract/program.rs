//! Programs, partners, what roles give, and the numbers given out.

use super::{Ground, contracts};
use tandem::domain::actor::{Capability, Company, Grant, Limit};
use tandem::domain::program::Partner;
use tandem::fault::Fault;
use tandem::playground::seed::GUILD;
use tandem::store::program;
use tandem::{in_read, in_tx};

contracts!(
    programs_are_found_saved_and_archived,
    partners_are_saved_locked_and_archived,
    roles_are_replaced_as_a_whole
);

async fn programs_are_found_saved_and_archived(g: Ground) {
    let guild = GUILD.to_string();
    let found = in_read!(g.store, |read| {
        let by_guild = program::by_guild(read, &guild).await?.unwrap();
        let by_id = program::by_id(read, &g.program).await?;
        let by_key = program::by_key(read, "northwind").await?.unwrap();
        assert_eq!((&by_guild, &by_id), (&by_key, &by_key));
        assert_eq!(program::all(read).await?, [by_key]);
        assert_eq!(program::by_guild(read, "1").await?, None);
        assert_eq!(program::by_key(read, "nobody").await?, None);
        assert!(program::by_id(read, "nobody").await.is_err());
        Ok(by_guild)
    })
    .unwrap();
    let renamed = tandem::domain::program::Program { name: "Northwind GmbH".into(), ..found };
    in_tx!(g.store, |tx| {
        program::save(tx, &renamed).await?;
        assert_eq!(program::by_id(tx, &g.program).await?, renamed);
        program::archive(tx, &g.program, 7).await?;
        assert_eq!(program::by_guild(tx, &guild).await?, None, "an archived program runs in no server");
        assert_eq!(program::all(tx).await?, []);
        assert_eq!(program::by_key(tx, "northwind").await?.as_ref(), Some(&renamed), "its key stays taken");
        assert!(matches!(program::archive(tx, "nobody", 7).await, Err(Fault::Rows { touched: 0, .. })));
        program::save(tx, &renamed).await?;
        assert_eq!(program::all(tx).await?.len(), 1, "saved again, it runs again");
        Ok(())
    })
    .unwrap();
}

async fn partners_are_saved_locked_and_archived(g: Ground) {
    let added = Partner {
        id: g.clock.new_id(),
        program_id: g.program.clone(),
        key: "initech".into(),
        name: "Initech".into(),
        channel_id: "3005".into(),
        tier: Some("gold".into()),
        currency: super::eur(0).currency(),
    };
    in_tx!(g.store, |tx| {
        program::save_partner(tx, &added).await?;
        let keys: Vec<_> = program::partners(tx, &g.program).await?.into_iter().map(|one| one.key).collect();
        assert_eq!(keys, ["acme", "globex", "initech"]);
        assert_eq!(program::partner_by_id(tx, &added.id).await?, added);
        assert_eq!(program::lock_partner(tx, &added.id).await?, added);
        assert!(matches!(program::lock_partner(tx, "nobody").await, Err(Fault::Rows { touched: 0, .. })));
        assert!(!program::is_partner_archived(tx, &added.id).await?);
        program::archive_partner(tx, &added.id, 7).await?;
        assert!(program::is_partner_archived(tx, &added.id).await?);
        assert_eq!(program::partners(tx, &g.program).await?.len(), 2);
        let all = program::known_partners(tx, &g.program).await?;
        assert_eq!(all.iter().map(|one| one.archived).collect::<Vec<_>>(), [false, false, true]);
        assert!(all.iter().all(|one| one.declared));
        for noun in ["plan", "mdf"] {
            assert_eq!(program::next_number(tx, &added.id, noun).await?, 1, "{noun}");
        }
        assert_eq!(program::next_number(tx, &added.id, "plan").await?, 2);
        assert_eq!(
            program::next_number(tx, &g.acme, "plan").await?,
            2,
            "each partner has numbers of its own"
        );
        Ok(())
    })
    .unwrap();
}

async fn roles_are_replaced_as_a_whole(g: Ground) {
    let grant = |role: &str, limit| Grant {
        role_id: role.into(),
        company: Company::Vendor,
        capability: Capability::ApproveMdf,
        limit,
    };
    let wanted = [grant("1", Limit::UpTo(500)), grant("2", Limit::Unlimited)];
    in_tx!(g.store, |tx| {
        assert!(program::grants(tx, &g.program).await?.len() > 10, "those of the configuration");
        program::replace_grants(tx, &g.program, &wanted).await?;
        assert_eq!(program::grants(tx, &g.program).await?, wanted);
        program::replace_grants(tx, &g.program, &[]).await?;
        assert_eq!(program::grants(tx, &g.program).await?, []);
        Ok(())
    })
    .unwrap();
}
