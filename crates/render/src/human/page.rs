//! What every part of the page needs.

use certctl_plan::Plan;

use crate::paint::Paint;
use crate::steps::View;

/// What every part of the page needs.
pub(super) struct Page<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) paint: Paint,
    pub(super) width: Option<usize>,
}

impl Page<'_> {
    pub(super) fn plan(&self) -> &Plan {
        self.view.plan
    }
}
