//! The servers of MLX that are started beside LM Studio, and the Mac that they run on.

use std::fs;

use serde_json::json;

use super::{fake, mlx_plan, run, shells, words};
use crate::studio::{Studio, two_models};

#[test]
fn a_context_that_mlx_changed_silently_is_seen_and_taken_back() {
    let studio = Studio::new();
    studio.faults("auto_fit=65536");
    let plan = mlx_plan(&studio, 4);
    let folder = studio.emit(&plan, &[]);
    let ended = run(&studio, "sh", &folder.join("launch.sh"), &[]);
    assert_eq!(ended.status.code(), Some(1), "{}", words(&ended));
    assert!(
        words(&ended).contains("context 65536, not 262144"),
        "{}",
        words(&ended)
    );
    assert_eq!(studio.loaded(), []);
    let plan = mlx_plan(&studio, 1);
    let folder = studio.emit(&plan, &[]);
    let ended = run(&studio, "sh", &folder.join("launch.sh"), &[]);
    assert!(
        ended.status.success(),
        "one slot keeps the context: {}",
        words(&ended)
    );
}

#[test]
fn on_a_mac_the_limits_are_looked_at_and_never_changed() {
    let mut plan = two_models();
    plan["machine"]["wired_limit_bytes"] = json!(491_520_u64 << 20);
    let studio = Studio::new();
    let fake = |name: &str, body: &str| {
        let path = studio.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    };
    fake("uname", "echo Darwin");
    fake("sudo", "touch \"$STAND_IN_LMS/sudo\"");
    let sysctl = |memory: &str, limit: &str| {
        fake(
            "sysctl",
            &format!("case $2 in hw.memsize) echo {memory} ;; *) echo {limit} ;; esac"),
        );
    };
    let folder = studio.emit(&plan, &[]);
    let launch = || run(&studio, "sh", &folder.join("launch.sh"), &["--dry-run"]);
    sysctl("549755813888", "0");
    let low = launch();
    assert_eq!(low.status.code(), Some(1));
    assert!(
        words(&low).contains("sudo sysctl iogpu.wired_limit_mb=491520"),
        "{}",
        words(&low)
    );
    sysctl("549755813888", "491520");
    assert!(launch().status.success(), "{}", words(&launch()));
    sysctl("137438953472", "491520");
    let small = launch();
    assert!(
        words(&small).contains("has 137438953472"),
        "{}",
        words(&small)
    );
    assert!(!studio.path("state/sudo").exists());
    let plist = fs::read_to_string(folder.join("macos/planner.wired-limit.plist")).unwrap();
    assert!(plist.contains("<string>iogpu.wired_limit_mb=491520</string>"));
    assert!(
        !studio.emit(&two_models(), &[]).join("macos").exists(),
        "a plan at the stock limit needs none"
    );
}

#[test]
fn the_mlx_servers_end_with_the_script_that_started_them() {
    for shell in shells() {
        let studio = Studio::new();
        fake(
            &studio,
            "mlx_lm.server",
            "echo $$ >>\"$HOME/servers\"; exec sleep 60",
        );
        let folder = studio.emit(&mlx_plan(&studio, 1), &[]);
        let mut script = studio
            .command(shell)
            .arg(folder.join("engines/mlx-server.sh"))
            .spawn()
            .unwrap();
        let servers = || fs::read_to_string(studio.path("home/servers")).unwrap_or_default();
        while servers().lines().count() == 0 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(studio.signal(script.id(), "-TERM"));
        assert_eq!(script.wait().unwrap().code(), Some(143), "{shell}");
        for id in servers().lines() {
            let id = id.parse().unwrap();
            assert!(
                !studio.signal(id, "-0"),
                "{shell}: server {id} is still there"
            );
        }
    }
}
