//! Answers to the shipped tasks, written from what they ask: one that is right, and one that is nearly.

use serde_json::{Value, json};

/// What a model says: text, and calls of tools as (name, arguments).
pub(super) struct Said {
    pub(super) text: String,
    pub(super) calls: Vec<(&'static str, Value)>,
}

fn text(text: impl Into<String>) -> Said {
    Said {
        text: text.into(),
        calls: Vec::new(),
    }
}

fn call(name: &'static str, arguments: Value) -> Said {
    Said {
        text: String::new(),
        calls: vec![(name, arguments)],
    }
}

fn python(code: &str) -> Said {
    text(format!(
        "Here it is:\n\n```python\n{code}\n```\n\nIt takes linear time."
    ))
}

/// The right answer; as models give them, some with thoughts or a fence around it.
pub(super) fn right(task: &str, prompt: &str) -> Said {
    match task {
        "json/order" => text(format!("```json\n{ORDER}\n```")),
        "json/incident" => text(format!("<think>\nHall B.\n</think>\n\n{INCIDENT}")),
        "json/timetable" => text(TIMETABLE),
        "json/inventory" => text(INVENTORY),
        "tool/one-call" => call(
            "get_tide",
            json!({"harbour": "Skagen", "day": "2027-03-09", "water": "low"}),
        ),
        "tool/kinds-of-arguments" => call(
            "book_berth",
            json!({"harbour": "Marstal", "boat_length_m": 11.8, "nights": 3.0, "electricity": true}),
        ),
        "tool/no-call" => text("42"),
        "tool/after-a-result" => text("High water is at 17:48."),
        "code/boxes" => python(BOXES),
        "code/open-hours" => python(OPEN_MINUTES),
        "code/places" => python(PLACES),
        "code/settings" => python(SETTINGS),
        "code/flood" => python(FLOOD),
        _ => text(format!("It holds {} crates.", crates(prompt))),
    }
}

/// An answer with one thing wrong.
pub(super) fn nearly(task: &str, prompt: &str) -> Said {
    match task {
        "json/order" => text(ORDER.replace("65.5", "66")),
        "json/incident" => text(INCIDENT.replace("\"B\"", "\"hall B\"")),
        "json/timetable" => text(format!("Here is the timetable:\n{TIMETABLE}")),
        "json/inventory" => text(INVENTORY.replace("\"broken\"", "\"damaged\"")),
        "tool/one-call" => call(
            "get_tide",
            json!({"harbour": "Skagen", "day": "2027-09-03", "water": "low"}),
        ),
        "tool/kinds-of-arguments" => call(
            "book_berth",
            json!({"harbour": "Marstal", "boat_length_m": 11.8, "nights": "3", "electricity": true}),
        ),
        "tool/no-call" => call(
            "convert_length",
            json!({"value": 42, "from": "m", "to": "m"}),
        ),
        "tool/after-a-result" => text("<tool_call>{\"name\": \"get_tide\"}</tool_call>"),
        "code/boxes" => python(&BOXES.replace("<= limit", "< limit")),
        "code/open-hours" => python(&OPEN_MINUTES.replace("end < start", "False")),
        "code/places" => python(&PLACES.replace("place = n + 1", "place += 1")),
        "code/settings" => python(&SETTINGS.replace("'=', 1", "'='")),
        "code/flood" => python(&FLOOD.replace("return -1", "return minutes")),
        _ => text(format!("{}", crates(prompt) + 1)),
    }
}

/// The crates of the depot that a text asks for, read from its lines.
fn crates(prompt: &str) -> u32 {
    let question = prompt.lines().last().unwrap();
    let depot = question.split_whitespace().nth(5).unwrap();
    let line = prompt
        .lines()
        .find(|line| line.starts_with(&format!("Depot {depot} in ")))
        .unwrap();
    let at = line.split_once("holds ").unwrap().1;
    at.split_whitespace().next().unwrap().parse().unwrap()
}

const ORDER: &str = r#"{"customer": "Jana Veldt", "items": [{"fruit": "russet apples", "count": 3, "price": 14.50}, {"fruit": "quinces", "count": 1, "price": 22}], "delivery": false, "total": 65.5}"#;
const INCIDENT: &str = r#"{"time": "02:40", "machine": "Pump 7", "hall": "B", "temperature": 91, "severity": "fault", "injured": 0, "follow_up": true}"#;
const TIMETABLE: &str = r#"[{"boat": "Otter", "leaves": "07:05", "pier": 4}, {"boat": "Heron", "leaves": "09:15", "pier": 2}, {"boat": "Plover", "leaves": "11:30", "pier": null}, {"boat": "Heron", "leaves": "16:45", "pier": 1}]"#;
const INVENTORY: &str = r#"{"whole": {"blue mug": 3, "white plate": 2, "green bowl": 2}, "broken": ["green bowl", "white plate"]}"#;
const BOXES: &str = "def boxes(weights, limit):
    out = []
    for w in weights:
        if w > limit:
            raise ValueError('too heavy')
        if out and sum(out[-1]) + w <= limit:
            out[-1].append(w)
        else:
            out.append([w])
    return out";
const OPEN_MINUTES: &str = "def open_minutes(spans):
    def minutes(t):
        h, m = t.split(':')
        return int(h) * 60 + int(m)
    open_at = set()
    for span in spans:
        start, end = map(minutes, span.split('-'))
        if end < start:
            open_at |= set(range(start, 1440)) | set(range(end))
        else:
            open_at |= set(range(start, end))
    return len(open_at)";
const PLACES: &str = "def places(points):
    out, place, last = [], 0, None
    ordered = sorted(points.items(), key=lambda p: (-p[1], p[0]))
    for n, (name, score) in enumerate(ordered):
        if score != last:
            place = n + 1
        last = score
        out.append((place, name))
    return out";
const SETTINGS: &str = "def settings(text):
    out, section = {}, ''
    for line in text.splitlines():
        quoted, kept = False, ''
        for c in line:
            if c == '\"':
                quoted = not quoted
            if c == '#' and not quoted:
                break
            kept += c
        line = kept.strip()
        if not line:
            continue
        if line.startswith('[') and line.endswith(']'):
            section = line[1:-1].strip()
            out.setdefault(section, {})
            continue
        key, value = line.split('=', 1)
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] == '\"':
            value = value[1:-1]
        out.setdefault(section, {})[key.strip()] = value
    return out";
const FLOOD: &str = "def flood(field):
    wet = {(r, c) for r, row in enumerate(field) for c, x in enumerate(row) if x == 'w'}
    dry = {(r, c) for r, row in enumerate(field) for c, x in enumerate(row) if x == '.'}
    minutes = 0
    while dry:
        new = {(r + a, c + b) for r, c in wet for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))} & dry
        if not new:
            return -1
        wet |= new
        dry -= new
        minutes += 1
    return minutes";
