//! The views that digits and letters switch between, with the words on their tabs.

use super::access::AccessPage;
use super::action::Action;
use super::fleet::FleetPage;
use super::network::NetworkPage;
use super::route::{Screen, Subset};

/// One of the views that digits switch between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "named after the screens")]
pub enum View {
    Start,
    Overview,
    Objects,
    Frameworks,
    Findings,
    Checks,
    Matrix,
    Heat,
    Tenants,
    Fleet,
    Access,
    Network,
    Coverage,
    Sessions,
    Messages,
    Review,
}

impl View {
    /// Those with a tab, in order; the others are a letter of `go-to`.
    pub const TABS: [Self; 10] = [
        Self::Overview,
        Self::Objects,
        Self::Frameworks,
        Self::Findings,
        Self::Matrix,
        Self::Access,
        Self::Network,
        Self::Coverage,
        Self::Sessions,
        Self::Review,
    ];

    /// Those that an action shows.
    const ALL: [Self; 15] = [
        Self::Overview,
        Self::Objects,
        Self::Frameworks,
        Self::Findings,
        Self::Checks,
        Self::Matrix,
        Self::Heat,
        Self::Tenants,
        Self::Fleet,
        Self::Access,
        Self::Network,
        Self::Coverage,
        Self::Sessions,
        Self::Messages,
        Self::Review,
    ];

    /// Its first screen.
    #[must_use]
    pub fn root(self) -> Screen {
        match self {
            Self::Start => Screen::Start,
            Self::Overview => Screen::Overview,
            Self::Objects => Screen::Kinds,
            Self::Frameworks => Screen::Frameworks,
            Self::Findings => Screen::Findings(Subset::All),
            Self::Checks => Screen::Checks,
            Self::Matrix => Screen::Matrix(None),
            Self::Access => Screen::Access(AccessPage::Subjects),
            Self::Network => Screen::Network(NetworkPage::Zones),
            Self::Heat => Screen::Heat,
            Self::Tenants => Screen::Tenants,
            Self::Fleet => Screen::Fleet(FleetPage::Clusters),
            Self::Coverage => Screen::Coverage,
            Self::Sessions => Screen::Sessions,
            Self::Messages => Screen::Messages,
            Self::Review => Screen::Review,
        }
    }

    /// The one that a screen belongs to.
    #[must_use]
    pub fn home(screen: &Screen) -> Self {
        match screen {
            Screen::Start => Self::Start,
            Screen::Overview => Self::Overview,
            Screen::Kinds | Screen::Objects(_) | Screen::Object(_) => Self::Objects,
            Screen::Frameworks | Screen::Framework(_) | Screen::Control { .. } => Self::Frameworks,
            Screen::Findings(_) | Screen::Finding(_) | Screen::Preview(_) => Self::Findings,
            Screen::Checks | Screen::Check(_) => Self::Checks,
            Screen::Matrix(_) => Self::Matrix,
            Screen::Heat => Self::Heat,
            Screen::Tenants | Screen::Tenant(_) => Self::Tenants,
            Screen::Fleet(_) => Self::Fleet,
            Screen::Access(_) => Self::Access,
            Screen::Network(_) => Self::Network,
            Screen::Coverage | Screen::Gap(_) => Self::Coverage,
            Screen::Sessions | Screen::Comparison => Self::Sessions,
            Screen::Messages => Self::Messages,
            Screen::Review => Self::Review,
        }
    }

    /// The action that shows it.
    #[must_use]
    pub fn action(self) -> Action {
        match self {
            Self::Start | Self::Overview => Action::Overview,
            Self::Objects => Action::Objects,
            Self::Frameworks => Action::Frameworks,
            Self::Findings => Action::Findings,
            Self::Checks => Action::Checks,
            Self::Matrix => Action::Matrix,
            Self::Heat => Action::Heat,
            Self::Tenants => Action::Tenants,
            Self::Fleet => Action::Fleet,
            Self::Access => Action::Access,
            Self::Network => Action::Network,
            Self::Coverage => Action::Coverage,
            Self::Sessions => Action::Sessions,
            Self::Messages => Action::Messages,
            Self::Review => Action::Review,
        }
    }

    /// The view that an action shows; none for all other actions.
    #[must_use]
    pub fn of(action: Action) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.action() == action)
    }

    /// The word on its tab where there is no room for all of them in full.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::Overview => "Over",
            Self::Objects => "Obj",
            Self::Frameworks => "Frame",
            Self::Findings => "Find",
            Self::Network => "Net",
            Self::Coverage => "Cover",
            Self::Sessions => "Sess",
            other => other.title(),
        }
    }

    /// The word on its tab.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Overview => "Overview",
            Self::Objects => "Objects",
            Self::Frameworks => "Frameworks",
            Self::Findings => "Findings",
            Self::Checks => "Checks",
            Self::Matrix => "Matrix",
            Self::Heat => "Heat map",
            Self::Tenants => "Tenants",
            Self::Fleet => "Fleet",
            Self::Access => "Access",
            Self::Network => "Network",
            Self::Coverage => "Coverage",
            Self::Sessions => "Sessions",
            Self::Messages => "Messages",
            Self::Review => "Review",
        }
    }
}
