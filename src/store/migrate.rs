//! Migrations, compiled into the binary: common ones, and beside them what differs between the engines (triggers).

use super::Engine;
use crate::fault::Fault;
use sqlx::AnyPool;
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use std::borrow::Cow;

struct Script {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! common {
    ($version:literal, $name:literal) => {
        Script {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../migrations/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/", $name, ".sql")),
        }
    };
}

macro_rules! differing {
    ($version:literal, $name:literal) => {
        Script {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// Every migration, in order. A test compares this list with the folder.
const SCRIPTS: &[Script] = &[
    common!(1, "0001_core"),
    common!(2, "0002_plan"),
    common!(3, "0003_money"),
    differing!(4, "0004_append_only"),
    common!(5, "0005_audit_by_item"),
    common!(6, "0006_elements"),
    common!(10, "0010_by_hand"),
    common!(20, "0020_adjustment"),
    common!(21, "0021_plan_rate"),
    common!(30, "0030_audit_chain"),
    common!(31, "0031_who_may"),
    common!(32, "0032_absence"),
    common!(40, "0040_plan_card"),
    differing!(41, "0041_plan_card_append_only"),
    common!(50, "0050_fiscal_year"),
    common!(51, "0051_template"),
    differing!(52, "0052_template_fixed"),
    common!(53, "0053_adjustment_signature"),
    differing!(54, "0054_adjustment_append_only"),
    common!(55, "0055_plan_terms_before"),
    common!(60, "0060_money_whole"),
    differing!(61, "0061_money_append_only"),
    differing!(65, "0065_claim_append_only"),
    common!(66, "0066_claim_extension"),
    common!(67, "0067_proof_offer"),
    common!(70, "0070_rules"),
    common!(71, "0071_no_rules_in_program"),
    common!(75, "0075_request_life"),
    common!(80, "0080_program_effort"),
    common!(81, "0081_guild_event"),
    common!(83, "0083_outbox_not_before"),
    common!(84, "0084_digest"),
    common!(87, "0087_adjustment_warning"),
    differing!(88, "0088_adjustment_warning_append_only"),
    common!(89, "0089_checkpoint_acknowledgement"),
    common!(90, "0090_funds"),
    differing!(91, "0091_funds_append_only"),
    common!(92, "0092_sales_waiting"),
    differing!(97, "0097_acknowledgement_append_only"),
    common!(100, "0100_crm"),
    differing!(101, "0101_crm_append_only"),
    common!(102, "0102_crm_notice"),
    common!(103, "0103_crm_mapping"),
    common!(104, "0104_crm_path"),
    common!(105, "0105_stop_signature"),
    common!(108, "0108_channel_past"),
    common!(111, "0111_claim_resubmit"),
    common!(112, "0112_claim_line_rest"),
    common!(115, "0115_amendment_on_behalf"),
    differing!(116, "0116_accrual_by_partner"),
    differing!(117, "0117_never_replaced"),
    common!(118, "0118_late_correction"),
    common!(119, "0119_request_first_filed"),
    common!(120, "0120_request_warnings"),
    common!(121, "0121_claim_verdict"),
    differing!(122, "0122_claim_verdict_append_only"),
    common!(123, "0123_claim_payment_for"),
];

/// The names of all migrations, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCRIPTS.iter().map(|script| script.name)
}

pub(super) async fn run(engine: Engine, pool: &AnyPool) -> Result<(), Fault> {
    let migrations = SCRIPTS.iter().map(|script| {
        let sql = match engine {
            Engine::Sqlite => script.sqlite,
            Engine::Postgres => script.postgres,
        };
        let name = Cow::Borrowed(script.name);
        Migration::new(script.version, name, MigrationType::Simple, sql.into_sql_str(), false)
    });
    let migrator = Migrator { migrations: Cow::Owned(migrations.collect()), ..Migrator::DEFAULT };
    Ok(migrator.run(pool).await?)
}
