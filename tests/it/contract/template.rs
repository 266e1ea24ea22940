//! Templates of a program, and the month in which its fiscal years start.

use super::{Ground, contracts};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tandem::domain::program::{FiscalYear, Program};
use tandem::domain::template::{Content, Template, TemplateState};
use tandem::fault::Fault;
use tandem::in_tx;
use tandem::store::{program, setup, template};

contracts!(
    a_template_is_found_by_its_name_once_it_is_shared,
    the_content_of_a_template_never_changes,
    a_declared_fiscal_year_is_not_set,
);

/// A template without anything in it, as somebody has just saved it.
pub fn a_template(g: &Ground, name: &str, by: &str) -> Template {
    Template {
        id: g.clock.new_id(),
        program_id: g.program.clone(),
        name: name.to_owned(),
        content: Content { plan: None, currency: None, campaigns: Vec::new(), promises: Vec::new() },
        state: TemplateState::Pending,
        replaces: None,
        saved_at: g.clock.now(),
        saved_by: by.to_owned(),
    }
}

async fn a_template_is_found_by_its_name_once_it_is_shared(g: Ground) {
    use TemplateState::{Pending, Removed, Shared};
    let (first, second, other) =
        (a_template(&g, "One", "1"), a_template(&g, "Two  words", "1"), a_template(&g, "Three", "2"));
    in_tx!(g.store, |tx| {
        template::insert_pending(tx, &other).await?;
        template::insert_pending(tx, &first).await?;
        template::insert_pending(tx, &second).await?;
        assert_eq!(template::by_id(tx, &g.program, &first.id).await?, None, "it gave way to the next");
        assert_eq!(
            template::by_id(tx, &g.program, &other.id).await?.as_ref(),
            Some(&other),
            "another's stays"
        );
        assert_eq!(template::by_id(tx, "nobody", &other.id).await?, None, "another program's is not found");
        assert_eq!(template::by_name(tx, &g.program, "Two words").await?, None, "not before it is shared");
        template::set_state(tx, &second.id, Pending, Shared).await?;
        let shared = Template { state: Shared, ..second.clone() };
        assert_eq!(template::by_name(tx, &g.program, "TWO words ").await?.as_ref(), Some(&shared));
        assert_eq!(template::by_name(tx, "nobody", "Two words").await?, None);
        assert_eq!(template::shared(tx, &g.program).await?, [shared]);
        assert_eq!(template::names(tx, &g.program).await?, ["Two  words"]);
        let again = template::set_state(tx, &second.id, Pending, Shared).await;
        assert!(matches!(again, Err(Fault::Rows { touched: 0, .. })));
        template::set_state(tx, &second.id, Shared, Removed).await?;
        assert_eq!(template::names(tx, &g.program).await?, [] as [String; 0]);
        assert_eq!(template::shared(tx, "nobody").await?, []);
        Ok(())
    })
    .unwrap();
    // Two shared ones of one name are refused by the database itself.
    let twice = in_tx!(g.store, |tx| {
        for by in ["3", "4"] {
            let one = a_template(&g, "Same", by);
            template::insert_pending(tx, &one).await?;
            template::set_state(tx, &one.id, Pending, Shared).await?;
        }
        Ok(())
    });
    assert!(twice.is_err());
}

async fn the_content_of_a_template_never_changes(g: Ground) {
    let (pending, shared) = (a_template(&g, "Pending", "1"), a_template(&g, "Shared", "2"));
    in_tx!(g.store, |tx| {
        template::insert_pending(tx, &pending).await?;
        template::insert_pending(tx, &shared).await?;
        template::set_state(tx, &shared.id, TemplateState::Pending, TemplateState::Shared).await
    })
    .unwrap();
    let mut connection = AnyConnection::connect(&g.desk.url).await.unwrap();
    for (sql, refused) in [
        ("UPDATE template SET content = '{}'", true),
        ("UPDATE template SET name = 'x', name_key = 'x' WHERE state = 'pending'", true),
        ("DELETE FROM template WHERE state = 'shared'", true),
        ("DELETE FROM template WHERE state = 'pending'", false),
    ] {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await;
        assert_eq!(done.is_err(), refused, "{sql}");
    }
    connection.close().await.unwrap();
}

async fn a_declared_fiscal_year_is_not_set(g: Ground) {
    let year = |start_month, declared| FiscalYear { start_month, declared };
    in_tx!(g.store, |tx| {
        setup::set_fiscal_start(tx, &g.program, 7).await?;
        let found = program::by_id(tx, &g.program).await?;
        assert_eq!(found.fiscal_year, year(7, false));
        program::save(tx, &Program { fiscal_year: year(2, true), ..found }).await?;
        let refused = setup::set_fiscal_start(tx, &g.program, 7).await;
        assert!(matches!(refused, Err(Fault::Rows { touched: 0, .. })));
        assert_eq!(program::by_id(tx, &g.program).await?.fiscal_year, year(2, true));
        Ok(())
    })
    .unwrap();
}
