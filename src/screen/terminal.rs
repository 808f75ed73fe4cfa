//! The terminal: events in, frames out, and as it was before when the user leaves.

use std::io::stdout;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use crossterm::event as term;
use crossterm::event::{DisableMouseCapture, EnableMouseCapture, KeyCode, KeyModifiers};
use crossterm::execute;
use ratatui::DefaultTerminal;

use super::draw::draw;
use super::event::{Effect, Event};
use super::jobs::Jobs;
use super::options::Options;
use super::state::State;
use super::update::{first, update};
use super::wanted::{Choices, Wanted};
use crate::app::Workspace;

/// Shows the screen until its user leaves.
pub(super) fn run(workspace: &Arc<Workspace>, options: Options) -> Result<()> {
    let choices = Choices::of(workspace)?;
    let wanted = Wanted::usual(&choices, workspace)?;
    let mut terminal = ratatui::try_init().context("the terminal can't be drawn on")?;
    let done = shown(&mut terminal, workspace, &options, choices, wanted);
    leave();
    done
}

fn shown(
    terminal: &mut DefaultTerminal,
    workspace: &Arc<Workspace>,
    options: &Options,
    choices: Choices,
    wanted: Wanted,
) -> Result<()> {
    mouse(true)?;
    let size = terminal.size()?;
    let mut state = State::new(choices, wanted, (size.width, size.height), options.color);
    let (tell, heard) = channel();
    let jobs = Jobs::begin(workspace, &state.choices, options, &tell);
    listen(tell);
    for effect in first(&mut state) {
        jobs.carry_out(effect, state.screen());
    }
    loop {
        terminal.draw(|frame| draw(frame, &state))?;
        for event in burst(&heard)? {
            for effect in update(&mut state, event) {
                if effect == Effect::Quit {
                    return Ok(());
                }
                jobs.carry_out(effect, state.screen());
            }
        }
    }
}

/// The next event, and what came with it: one frame is enough for all of them.
fn burst(heard: &Receiver<Event>) -> Result<Vec<Event>> {
    let first = heard.recv().context("the terminal is gone")?;
    Ok(std::iter::once(first).chain(heard.try_iter()).collect())
}

/// Reads the terminal, and counts seconds, on threads that end with the program.
fn listen(tell: Sender<Event>) {
    let ticks = tell.clone();
    thread::spawn(move || {
        while ticks.send(Event::Tick).is_ok() {
            thread::sleep(Duration::from_secs(1));
        }
    });
    thread::spawn(move || {
        while let Ok(event) = term::read() {
            // Esc and a key soon after it look like that key with Alt.
            let esc = with_alt(&event).then_some(Event::Key(KeyCode::Esc));
            for event in esc.into_iter().chain(known(&event)) {
                if tell.send(event).is_err() {
                    return;
                }
            }
        }
        // A terminal that is gone has no user.
        let _ = tell.send(Event::Key(KeyCode::Null));
    });
}

fn with_alt(event: &term::Event) -> bool {
    let key = event.as_key_press_event();
    key.is_some_and(|key| key.modifiers.contains(KeyModifiers::ALT))
}

/// What of the terminal's events the screen knows. Ctrl-C is `Null`: it leaves from anywhere.
fn known(event: &term::Event) -> Option<Event> {
    match event {
        term::Event::Key(key) if key.kind == term::KeyEventKind::Release => None,
        term::Event::Key(key) if key.modifiers.contains(KeyModifiers::CONTROL) => {
            (key.code == KeyCode::Char('c')).then_some(Event::Key(KeyCode::Null))
        }
        term::Event::Key(key) => Some(Event::Key(key.code)),
        term::Event::Resize(columns, rows) => Some(Event::Resized(*columns, *rows)),
        term::Event::Mouse(mouse) => match mouse.kind {
            term::MouseEventKind::Down(term::MouseButton::Left) => {
                Some(Event::Click(mouse.column, mouse.row))
            }
            term::MouseEventKind::ScrollUp => Some(Event::Wheel(true)),
            term::MouseEventKind::ScrollDown => Some(Event::Wheel(false)),
            _ => None,
        },
        _ => None,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the mouse is a mode of the terminal that is drawn on"
)]
fn mouse(on: bool) -> std::io::Result<()> {
    match on {
        true => execute!(stdout(), EnableMouseCapture),
        false => execute!(stdout(), DisableMouseCapture),
    }
}

fn leave() {
    // A terminal that is gone needs no tidying.
    let _ = mouse(false);
    ratatui::restore();
}
