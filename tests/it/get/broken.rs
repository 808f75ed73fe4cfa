//! Hubs and lines that break, stall, refuse and lie.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::hub::{COMMIT, File, Hub};
use super::{Getting, REPOSITORY, figure};
use crate::support::rounds;
use crate::web::{Reply, Request, Server};

const NAME: &str = "hf:ada/Tiny-GGUF";

fn one(length: usize) -> Vec<File> {
    vec![File::large("Tiny-Q4_K_M.gguf", length)]
}

#[test]
fn a_line_that_breaks_again_and_again_brings_the_file_and_no_byte_twice() {
    let breaks = rounds(200, 1000) as usize;
    let length = 9000 * breaks;
    let hub = Hub::moody(REPOSITORY, one(length), |request, _, file| {
        let mut reply = file.part(request);
        reply.cut = Some(8_500);
        Some(reply)
    });
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    let got = getting.answer(&[NAME, "--connections", "3"], 0);
    assert_eq!(figure(&got, "received_bytes"), length as u64);
    assert!(hub.store.asked().len() > breaks);
    getting.holds(&[("Tiny-Q4_K_M.gguf", &one(length)[0])]);
    // The hub was asked for the way once by each connection, not with every break.
    assert!(hub.front.asked().len() < 10, "{}", hub.front.asked().len());
}

#[test]
fn what_passes_is_waited_for_and_a_way_that_is_closed_is_asked_for_anew() {
    let hub = Hub::moody(REPOSITORY, one(500_000), |request, n, file| {
        let refusing = |status| Some(Reply::of(status, b""));
        match n {
            0 => refusing(429).map(|r| r.with("Retry-After", "1")),
            1 => refusing(503),
            2 => refusing(500),
            // Nothing at all, though all is promised.
            3 => {
                let mut reply = file.part(request);
                reply.cut = Some(0);
                Some(reply)
            }
            4 => {
                let mut reply = file.part(request);
                reply.cut = Some(100_000);
                Some(reply)
            }
            // The signature is too old by now.
            5 => refusing(403),
            // Less than was asked for, and said so.
            6 => {
                let (first, _) = request.range()?;
                let short = Request {
                    headers: vec![("range".to_owned(), format!("bytes={first}-{}", first + 999))],
                    ..request.clone()
                };
                Some(file.part(&short))
            }
            _ => None,
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    let got = getting.answer(&[NAME], 0);
    assert_eq!(figure(&got, "received_bytes"), 500_000);
    getting.holds(&[("Tiny-Q4_K_M.gguf", &one(500_000)[0])]);
}

#[test]
fn a_server_without_ranges_is_read_over_as_far_as_needed() {
    let hub = Hub::moody(REPOSITORY, one(300_000), |_, n, file| {
        let mut whole = Reply::of(200, &file.bytes);
        whole.cut = (n == 0).then_some(120_000);
        Some(whole)
    });
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    let got = getting.answer(&[NAME], 0);
    assert_eq!(figure(&got, "received_bytes"), 420_000);
    getting.holds(&[("Tiny-Q4_K_M.gguf", &one(300_000)[0])]);
}

/// An answer about the bytes that are asked for.
type Lie = dyn Fn(&Request, &File) -> Reply + Send + Sync;

/// Answers about the bytes that no client should believe, with the words that say so.
fn lies() -> Vec<(&'static str, Box<Lie>)> {
    let other = |file: &File| {
        let mut bytes = file.bytes.as_ref().clone();
        bytes[77] ^= 2;
        File {
            bytes: bytes.into(),
            ..file.clone()
        }
    };
    let ranged = |range: &'static str| {
        move |request: &Request, file: &File| {
            let mut reply = file.part(request);
            reply.headers.retain(|(name, _)| *name != "Content-Range");
            reply.with("Content-Range", range)
        }
    };
    vec![
        (
            "was thrown away",
            Box::new(move |request, file| {
                // One bit of the file is another.
                let mut reply = other(file).part(request);
                reply.headers.retain(|(name, _)| *name != "ETag");
                reply
            }),
        ),
        ("300001 bytes", Box::new(ranged("bytes 0-299999/300001"))),
        ("299999 bytes", Box::new(ranged("bytes 0-299998/299999"))),
        ("answers with", Box::new(ranged("bytes 1-299999/300000"))),
        ("answers with", Box::new(ranged("bytes 5-2/300000"))),
        ("answers with", Box::new(ranged("bytes 0-300000/300000"))),
        ("answers with", Box::new(ranged("bytes */300000"))),
        (
            "answers with",
            Box::new(ranged("bytes 0-99999999999999999999999/300000")),
        ),
        ("answers with", Box::new(ranged(""))),
        (
            "in another form",
            Box::new(|request, file| file.part(request).with("Content-Encoding", "gzip")),
        ),
        (
            "bytes, and its list",
            Box::new(|_, _| Reply::of(200, b"<html>sign in</html>")),
        ),
        ("416", Box::new(|_, _| Reply::of(416, b""))),
        ("418", Box::new(|_, _| Reply::of(418, b""))),
        ("204", Box::new(|_, _| Reply::of(204, b""))),
        ("404", Box::new(|_, _| Reply::of(404, b""))),
        (
            "redirects without saying",
            Box::new(|_, _| Reply::of(302, b"")),
        ),
        (
            "no web address",
            Box::new(|_, _| Reply::of(302, b"").with("Location", "file:///etc/passwd")),
        ),
        (
            "redirects",
            Box::new(|request, _| Reply::of(302, b"").with("Location", request.path.clone())),
        ),
    ]
}

#[test]
fn lies_about_the_bytes_are_refused_and_nothing_is_seen() {
    for (n, (words, lie)) in lies().into_iter().enumerate() {
        let hub = Hub::moody(REPOSITORY, one(300_000), move |request, _, file| {
            Some(lie(request, file))
        });
        let folder = tempfile::tempdir().unwrap();
        let getting = Getting::from(&hub, folder.path());
        let errors = getting.refused(&[NAME]);
        assert!(errors.contains(words), "{n}: {words}: {errors}");
        assert_eq!(getting.visible(), Vec::<String>::new(), "{n}");
    }
}

#[test]
fn a_file_that_changes_in_the_middle_is_never_mixed() {
    // The server has another file from the third request on, of the same length.
    let hub = Hub::moody(REPOSITORY, one(300_000), |request, n, file| {
        let new = File::large("a-longer-name.gguf", 300_000);
        let mut reply = if n < 2 {
            file.part(request)
        } else {
            new.part(request)
        };
        reply.cut = Some(50_000);
        Some(reply)
    });
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    let errors = getting.refused(&[NAME]);
    assert!(errors.contains("changed while it was read"), "{errors}");
    // The hub says at once that the file is another one than in its list.
    let before = one(300_000);
    let after = File {
        path: before[0].path,
        ..File::large("another", 300_000)
    };
    let listed = before[0].sha256();
    let hub = Server::start(move |request| {
        let path = request.path.as_str();
        let json = |value: serde_json::Value| Reply::of(200, value.to_string().as_bytes());
        if path.contains("/tree/") {
            return json(json!([{"type": "file", "path": after.path, "size": 300_000,
                "lfs": {"oid": listed, "size": 300_000}}]));
        }
        if path.starts_with("/api/") {
            return json(json!({"sha": COMMIT}));
        }
        after
            .part(request)
            .with("X-Linked-ETag", format!("\"{}\"", after.sha256()))
    });
    let mut command = getting.command(&[NAME]);
    let done = command.env("HF_ENDPOINT", &hub.address).output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2));
    assert!(errors.contains("another one now"), "{errors}");
    assert_eq!(getting.visible(), Vec::<String>::new());
}

#[test]
fn another_version_on_the_hub_starts_anew() {
    let asked = AtomicUsize::new(0);
    let hub = Hub::moody(REPOSITORY, one(400_000), move |request, _, file| {
        let mut reply = file.part(request);
        // The first run gets half of it, and then no word.
        match asked.fetch_add(1, Ordering::SeqCst) {
            0 => reply.cut = Some(200_000),
            1 => reply = Reply::of(451, b""),
            _ => {}
        }
        Some(reply)
    });
    let folder = tempfile::tempdir().unwrap();
    let getting = Getting::from(&hub, folder.path());
    getting.refused(&[NAME]);
    assert_eq!(
        figure(&getting.answer(&[NAME, "--dry-run"], 0), "kept_bytes"),
        200_000
    );
    let new = File {
        path: "Tiny-Q4_K_M.gguf",
        ..File::large("new", 400_000)
    };
    hub.replace(vec![new.clone()]);
    let got = getting.answer(&[NAME], 0);
    assert_eq!(figure(&got, "received_bytes"), 400_000);
    getting.holds(&[("Tiny-Q4_K_M.gguf", &new)]);
}

/// Lists of files that no hub should send.
#[test]
fn hostile_lists_are_refused_and_nothing_is_written() {
    let entry =
        |path: &str| json!([{"type": "file", "path": path, "size": 4, "oid": "0"}]).to_string();
    let lists: Vec<String> = [
        "../../../../tmp/evil-Q4_K_M.gguf",
        "/etc/evil-Q4_K_M.gguf",
        "a/../../evil-Q4_K_M.gguf",
        "a//evil-Q4_K_M.gguf",
        ".config/evil-Q4_K_M.gguf",
        "a\\..\\evil-Q4_K_M.gguf",
        "evil\u{1b}[31m-Q4_K_M.gguf",
        "evil\u{202e}-Q4_K_M.gguf",
        "evil\n-Q4_K_M.gguf",
        "./evil-Q4_K_M.gguf",
    ]
    .iter()
    .map(|path| entry(path))
    .chain([
        "{}".to_owned(),
        "[".to_owned(),
        "null".to_owned(),
        "[[]]".to_owned(),
        "[{\"type\": \"file\"}]".to_owned(),
        "[{\"type\": \"file\", \"path\": \"m-Q4_K_M.gguf\", \"size\": -1}]".to_owned(),
        "[{\"type\": \"file\", \"path\": \"m-Q4_K_M.gguf\", \"size\": 18446744073709551615}]".to_owned(),
        format!("[{}]", ["{\"type\": \"file\", \"path\": \"m-00001-of-00002.gguf\", \"size\": 18446744073709551615}"; 2].join(",")),
        "[{\"type\": \"file\", \"path\": \"m-Q4_K_M-00001-of-99999.gguf\", \"size\": 4}]".to_owned(),
        "[]".to_owned(),
    ])
    .collect();
    for list in lists {
        let shown = list.clone();
        let hub = Server::start(move |request| {
            if request.path.contains("/tree/") {
                return Reply::of(200, list.as_bytes());
            }
            Reply::of(200, b"evil")
        });
        let folder = tempfile::tempdir().unwrap();
        let models = folder.path().join("a/b/c/models");
        let done = crate::support::command(&["get", NAME, "--endpoint", &hub.address])
            .args(["--models-folder".as_ref(), models.as_os_str()])
            .env("NO_PROXY", "*")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{shown}: {errors}");
        assert!(errors.contains("hint:"), "{shown}: {errors}");
        assert!(
            fs::read_dir(folder.path()).unwrap().next().is_none(),
            "{shown}"
        );
    }
}
