//! What can be asked about templates.

/// A plan or a campaign to keep as a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTemplate {
    pub partner: Option<String>,
    pub name: String,
    /// The campaign; without one, it is of the plan.
    pub campaign: Option<String>,
    pub plan: Option<String>,
    /// With targets and budgets as amounts.
    pub figures: bool,
    /// With what people wrote.
    pub texts: bool,
}

/// A template to start a plan or a campaign from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateUse {
    pub partner: Option<String>,
    pub template: String,
    /// For a plan's template.
    pub period: Option<String>,
    pub currency: Option<String>,
    /// For a campaign's.
    pub start: Option<String>,
    pub plan: Option<String>,
    pub name: Option<String>,
    /// What it is to bring and cost in all, spread in the template's proportions.
    pub leads: Option<i64>,
    pub pipeline: Option<String>,
    pub budget: Option<String>,
}

/// Something to do with templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateWish {
    /// Shows who saves it all that every partner will read.
    Save(NewTemplate),
    /// Confirmed: from now on every partner finds it.
    Share {
        id: String,
    },
    /// Asks first.
    Remove {
        template: String,
    },
    RemoveById {
        id: String,
    },
    Use(TemplateUse),
}
