//! Renderers: the forecast as text. They decide nothing.

use certctl_plan::render::Style;

use crate::Forecast;

/// x
pub fn human(_: &Forecast, _: Style) -> String { String::new() }
/// x
pub fn markdown(_: &Forecast) -> String { String::new() }
