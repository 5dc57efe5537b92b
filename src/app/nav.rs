//! Which screens are open: a stack for each view, and the way back through the places visited.

use std::collections::BTreeMap;

use super::route::{Route, Screen, View};

/// How many places the history holds.
const HISTORY: usize = 30;

/// The screens of one view, each opened from the one below.
#[derive(Clone, Debug)]
struct Stack {
    root: Route,
    above: Vec<Route>,
}

impl Stack {
    fn new(view: View) -> Self {
        Self { root: Route::new(view.root()), above: Vec::new() }
    }

    fn top(&self) -> &Route {
        self.above.last().unwrap_or(&self.root)
    }

    fn same_place(&self, other: &Self) -> bool {
        self.above.len() == other.above.len() && self.top().screen == other.top().screen
    }
}

/// Where the workbench is, was, and can go back to.
#[derive(Clone, Debug)]
pub struct Nav {
    view: View,
    stack: Stack,
    kept: BTreeMap<View, Stack>,
    last: Option<View>,
    back: Vec<(View, Stack)>,
    forward: Vec<(View, Stack)>,
}

impl Nav {
    /// At the root of a view.
    #[must_use]
    pub fn new(view: View) -> Self {
        Self {
            view,
            stack: Stack::new(view),
            kept: BTreeMap::new(),
            last: None,
            back: Vec::new(),
            forward: Vec::new(),
        }
    }

    /// The view that is shown.
    #[must_use]
    pub fn view(&self) -> View {
        self.view
    }

    /// The screen that is shown.
    #[must_use]
    pub fn top(&self) -> &Route {
        self.stack.top()
    }

    /// The screen that is shown, to change it.
    pub fn top_mut(&mut self) -> &mut Route {
        self.stack.above.last_mut().unwrap_or(&mut self.stack.root)
    }

    /// The screen below the one that is shown.
    pub fn below_mut(&mut self) -> Option<&mut Route> {
        match self.stack.above.len() {
            0 => None,
            1 => Some(&mut self.stack.root),
            more => self.stack.above.get_mut(more - 2),
        }
    }

    /// The screens from the root to the one that is shown.
    pub fn path(&self) -> impl Iterator<Item = &Route> {
        std::iter::once(&self.stack.root).chain(&self.stack.above)
    }

    /// The same, to change them.
    pub fn path_mut(&mut self) -> impl Iterator<Item = &mut Route> {
        std::iter::once(&mut self.stack.root).chain(&mut self.stack.above)
    }

    /// How many levels Esc can go up.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.stack.above.len()
    }

    /// Opens a screen on top.
    pub fn open(&mut self, screen: Screen) {
        self.remember();
        self.stack.above.push(Route::new(screen));
    }

    /// Puts another screen in the place of the one on top.
    pub fn replace(&mut self, screen: Screen) {
        *self.top_mut() = Route::new(screen);
    }

    /// Goes up one level, or from the root of a view to the overview. Says whether it could.
    pub fn up(&mut self) -> bool {
        if self.stack.above.pop().is_some() {
            return true;
        }
        if matches!(self.view, View::Overview | View::Start) {
            return false;
        }
        self.switch(View::Overview);
        true
    }

    /// The view that was shown before this one.
    #[must_use]
    pub fn last(&self) -> Option<View> {
        self.last
    }

    /// Shows a view where it was left; its root when it is shown already.
    pub fn switch(&mut self, view: View) {
        self.remember();
        if view == self.view {
            self.stack.above.clear();
            return;
        }
        self.turn(view);
    }

    /// Opens a screen over the root of the view that it belongs to: whoever names it comes from anywhere,
    /// and no other view is to hold it.
    pub fn go(&mut self, view: View, screen: Screen) {
        self.remember();
        if view != self.view {
            self.turn(view);
        }
        self.stack.above.clear();
        if self.stack.root.screen != screen {
            self.stack.above.push(Route::new(screen));
        }
    }

    /// Shows another view where it was left.
    fn turn(&mut self, view: View) {
        let next = self.kept.remove(&view).unwrap_or_else(|| Stack::new(view));
        let left = std::mem::replace(&mut self.stack, next);
        self.kept.insert(self.view, left);
        self.last = Some(self.view).filter(|view| *view != View::Start);
        self.view = view;
    }

    /// Begins anew at the overview: another cluster, other things to see. Several clusters side by
    /// side stay as they were, and the overview over them if that is what is shown.
    pub fn reset(&mut self) {
        let shown = self.view == View::Fleet;
        let kept = self.kept.remove(&View::Fleet);
        let fleet = if shown { Some(self.stack.clone()) } else { kept };
        *self = Self::new(if shown { View::Fleet } else { View::Overview });
        let Some(mut fleet) = fleet else { return };
        let over = fleet.above.first().is_some_and(|route| route.screen == Screen::Overview);
        fleet.above.truncate(usize::from(shown && over));
        if shown {
            self.stack = fleet;
        } else {
            self.kept.insert(View::Fleet, fleet);
        }
    }

    fn remember(&mut self) {
        self.forward.clear();
        self.back.push((self.view, self.stack.clone()));
        if self.back.len() > HISTORY {
            self.back.remove(0);
        }
    }

    /// Whether there is a place before this one to go back to.
    #[must_use]
    pub fn can_go_back(&self) -> bool {
        self.back.iter().any(|(view, stack)| *view != self.view || !stack.same_place(&self.stack))
    }

    /// Whether there is a place that was gone back from.
    #[must_use]
    pub fn can_go_forward(&self) -> bool {
        !self.forward.is_empty()
    }

    /// Goes back to the place before. Says whether there was one.
    pub fn history_back(&mut self) -> bool {
        while let Some((view, stack)) = self.back.pop() {
            if view != self.view || !stack.same_place(&self.stack) {
                self.forward.push((self.view, std::mem::replace(&mut self.stack, stack)));
                self.view = view;
                return true;
            }
        }
        false
    }

    /// Goes forward again. Says whether there was anywhere to go.
    pub fn history_forward(&mut self) -> bool {
        let Some((view, stack)) = self.forward.pop() else { return false };
        self.back.push((self.view, std::mem::replace(&mut self.stack, stack)));
        self.view = view;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_found_where_it_was_left() {
        let mut nav = Nav::new(View::Overview);
        nav.switch(View::Checks);
        nav.open(Screen::Check("a".into()));
        nav.switch(View::Coverage);
        nav.switch(View::Checks);
        assert_eq!(nav.top().screen, Screen::Check("a".into()));
        nav.switch(View::Checks);
        assert_eq!(nav.top().screen, Screen::Checks);
    }

    #[test]
    fn what_is_named_stands_in_its_own_view_and_leaves_the_others_alone() {
        let mut nav = Nav::new(View::Overview);
        nav.switch(View::Checks);
        nav.open(Screen::Check("a".into()));
        nav.go(View::Coverage, Screen::Gap("b".into()));
        assert_eq!((nav.view(), nav.depth()), (View::Coverage, 1));
        nav.switch(View::Checks);
        assert_eq!(nav.top().screen, Screen::Check("a".into()), "it is where it was left");
        assert!(nav.history_back());
        assert_eq!(nav.top().screen, Screen::Gap("b".into()));
        assert!(nav.up());
        assert_eq!(nav.top().screen, Screen::Coverage);
        nav.go(View::Checks, Screen::Checks);
        assert_eq!((nav.view(), nav.depth()), (View::Checks, 0));
    }

    #[test]
    fn the_last_view_is_one_step_away_both_ways() {
        let mut nav = Nav::new(View::Start);
        assert_eq!(nav.last(), None);
        nav.switch(View::Overview);
        assert_eq!(nav.last(), None, "the start screen is no view to come back to");
        nav.switch(View::Checks);
        nav.open(Screen::Check("a".into()));
        nav.switch(View::Coverage);
        assert_eq!(nav.last(), Some(View::Checks));
        nav.switch(View::Checks);
        assert_eq!(nav.top().screen, Screen::Check("a".into()), "it is not where it was left");
        assert_eq!(nav.last(), Some(View::Coverage));
    }

    #[test]
    fn up_leads_home_and_no_further() {
        let mut nav = Nav::new(View::Overview);
        nav.switch(View::Checks);
        nav.open(Screen::Check("a".into()));
        assert!(nav.up() && nav.up());
        assert_eq!(nav.top().screen, Screen::Overview);
        assert!(!nav.up());
    }

    #[test]
    fn another_cluster_leaves_several_side_by_side_as_they_were() {
        let mut nav = Nav::new(View::Fleet);
        nav.open(Screen::Overview);
        nav.open(Screen::Check("a".into()));
        nav.reset();
        assert_eq!((nav.view(), nav.depth()), (View::Fleet, 1));
        assert_eq!(nav.top().screen, Screen::Overview);
        assert!(nav.up());
        assert_eq!(nav.top().screen, View::Fleet.root());
        nav.switch(View::Checks);
        nav.reset();
        assert_eq!(nav.top().screen, Screen::Overview);
        nav.switch(View::Fleet);
        assert_eq!(nav.top().screen, View::Fleet.root());
    }

    #[test]
    fn history_goes_back_and_forward() {
        let mut nav = Nav::new(View::Overview);
        nav.switch(View::Checks);
        nav.open(Screen::Check("a".into()));
        assert!(nav.history_back());
        assert_eq!(nav.top().screen, Screen::Checks);
        assert!(nav.history_forward());
        assert_eq!(nav.top().screen, Screen::Check("a".into()));
        assert!(!nav.history_forward());
        assert!(nav.history_back() && nav.history_back());
        assert_eq!(nav.top().screen, Screen::Overview);
        assert!(!nav.history_back());
    }
}
