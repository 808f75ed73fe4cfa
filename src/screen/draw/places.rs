//! Where things are, for drawing them and for the mouse.

use std::ops::Range;

use ratatui::layout::Rect;

use crate::screen::state::{Pane, State};

/// Narrower than this the sliders stand above the answer.
const BESIDE: u16 = 76;
/// Columns of the sliders beside the answer.
const SLIDERS: u16 = 27;

/// Where things are.
pub(in crate::screen) struct Places {
    /// The columns of the tabs, in the first row.
    pub(in crate::screen) tabs: Vec<Range<u16>>,
    /// All between the tabs and the last row.
    pub(in crate::screen) body: Rect,
    /// The sliders.
    pub(in crate::screen) sliders: Rect,
    /// The first slider in sight.
    pub(in crate::screen) first_slider: usize,
    /// The answer.
    pub(in crate::screen) answer: Rect,
}

impl Places {
    /// Of this state.
    pub(in crate::screen) fn of(state: &State) -> Self {
        let (columns, rows) = state.size;
        let body = Rect::new(0, 1, columns, rows.saturating_sub(2));
        let all = u16::try_from(state.sliders.len()).unwrap_or(u16::MAX);
        let (sliders, answer) = if columns >= BESIDE {
            let sliders = Rect::new(
                0,
                body.y + 1,
                SLIDERS,
                body.height.saturating_sub(1).min(all),
            );
            let left = SLIDERS + 1;
            let answer = Rect::new(left, body.y, columns - left, body.height);
            (sliders, answer)
        } else {
            let height = (body.height / 4).min(all);
            let sliders = Rect::new(0, body.y, columns, height);
            let below = body.y + height;
            let answer = Rect::new(0, below, columns, body.height - height);
            (sliders, answer)
        };
        // The slider that is held stays in sight.
        let height = usize::from(sliders.height).max(1);
        let first_slider = (state.held + 1).saturating_sub(height);
        Self {
            tabs: tabs(),
            body,
            sliders,
            first_slider,
            answer,
        }
    }
}

fn tabs() -> Vec<Range<u16>> {
    let mut at = 1;
    let widths = Pane::ALL.map(|pane| u16::try_from(pane.name().len()).unwrap_or(0) + 2);
    widths
        .into_iter()
        .map(|width| {
            let tab = at..at + width;
            at += width + 1;
            tab
        })
        .collect()
}
