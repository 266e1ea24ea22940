//! What whoever runs the server puts on its page: a notice, and buttons with a handler each.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::DiscordLocal;

/// What a control does when it is used; the text it gives back is shown.
pub type ControlHandler = Arc<dyn Fn() -> BoxFuture<'static, String> + Send + Sync>;

pub(crate) struct ControlRecord {
    pub view: Control,
    pub handler: ControlHandler,
}

/// A control, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Its id, unique among controls.
    pub id: String,
    /// The button's label.
    pub label: String,
    /// What it does, in a sentence.
    pub help: String,
}

impl DiscordLocal {
    /// Adds a control, or replaces the one of the same id.
    pub fn add_control(&self, id: &str, label: &str, help: &str, handler: ControlHandler) {
        let view = Control { id: id.to_owned(), label: label.to_owned(), help: help.to_owned() };
        let mut world = self.world();
        world.controls.retain(|control| control.view.id != id);
        world.controls.push(ControlRecord { view, handler });
        world.touch();
    }

    /// The controls in the order in which they were added.
    pub fn controls(&self) -> Vec<Control> {
        self.world().controls.iter().map(|control| control.view.clone()).collect()
    }

    /// Uses a control. `None` if there is none of this id.
    pub async fn use_control(&self, id: &str) -> Option<String> {
        let handler = {
            let world = self.world();
            let control = world.controls.iter().find(|control| control.view.id == id)?;
            Arc::clone(&control.handler)
        };
        Some(handler().await)
    }

    /// Sets the line that the page shows above everything.
    pub fn set_notice(&self, text: &str) {
        let mut world = self.world();
        text.clone_into(&mut world.notice);
        world.touch();
    }

    /// The line that the page shows above everything.
    pub fn notice(&self) -> String {
        self.world().notice.clone()
    }
}
