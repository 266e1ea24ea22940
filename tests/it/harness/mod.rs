//! What stories stand on: a database of their own on each engine, and a world in which the real program runs.

pub mod database;
pub mod desk;
pub mod files;
pub mod probe;
pub mod seeded;
pub mod stored;
pub mod world;

pub use world::World;

/// Makes two tests of each story: `story::sqlite` and `story::postgres`.
macro_rules! stories {
    ($($story:ident),* $(,)?) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() { crate::harness::database::on_sqlite(async |url| crate::harness::world::told(url, super::$story).await).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() { crate::harness::database::on_postgres(async |url| crate::harness::world::told(url, super::$story).await).await }
        }
    )* };
}
pub(crate) use stories;
