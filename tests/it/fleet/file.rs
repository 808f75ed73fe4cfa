//! What a fleet's file may say: each mistake is told by its line, with a way out.

use std::fs;

use planner::fault::Hinted as _;
use planner::fleet::check;
use planner::machine::Profiles;
use planner::units::Bytes;

use crate::support::{planner, stdout};

const TWO: &str = "\
[[nodes]]
name = \"a\"
profile = \"m3-ultra-512gb\"
address = \"10.0.0.1\"

[[nodes]]
name = \"b\"
profile = \"mac-mini-m4-pro-64gb\"
";

#[test]
fn a_mistake_is_told_by_its_line_with_a_way_out() {
    let profiles = Profiles::embedded().unwrap();
    let cases = [
        ("", "f.toml:1: the fleet has no nodes"),
        (
            "[[nodes]]\nname = \"a\"\n",
            "f.toml:1: the node `a` has neither a profile nor memory",
        ),
        (
            "[[nodes]]\nname = \"a\"\nprofile = \"m3-ultra-512\"\n",
            "f.toml:3: machine not found: `m3-ultra-512`",
        ),
        (
            "[[nodes]]\nname = \"a/b\"\nprofile = \"m3-ultra-512gb\"\n",
            "f.toml:2: `a/b` can't be the name of a node",
        ),
        ("[[nodes]]\nname = \"a\"\nmemory = \"64\"\n", "f.toml:3:10"),
        (
            "[[nodes]]\nname = \"a\"\nmemory = \"64MiB\"\n",
            "f.toml:3: a node with",
        ),
        (
            "[[nodes]]\nname = \"a\"\nmemory = \"64GiB\"\nchip = \"m9\"\n",
            "f.toml:4: machine `a` names the chip `m9`",
        ),
        (
            "[[nodes]]\nname = \"a\"\nmemory = \"64GiB\"\nreserve = \"64GiB\"\n",
            "f.toml:4: a reserve of",
        ),
        (
            "[[nodes]]\nname = \"a\"\nmemory = \"64GiB\"\nmacos = \"26\"\n",
            "f.toml:4: no figures for macOS 26",
        ),
        (
            "[[nodes]]\nname = \"a\"\nprofle = \"x\"\n",
            "f.toml:3:1: unknown key `profle`",
        ),
        (
            "[[nodes]]\nname = \"a\"\nprofile = \"m3-ultra-512gb\"\naddress = \"0.0.0.0\"\n",
            "f.toml:4: `0.0.0.0` is not a private address",
        ),
        (
            "[[nodes]]\nname = \"a\"\nprofile = \"m3-ultra-512gb\"\naddress = \"8.8.8.8\"\n",
            "f.toml:4: `8.8.8.8` is not a private address",
        ),
        (
            "[[nodes]]\nname = \"a\"\nprofile = \"m3-ultra-512gb\"\nhost = \"-oProxyCommand=x\"\n",
            "f.toml:4: `-oProxyCommand=x` can't be a host",
        ),
    ];
    for (text, expected) in cases {
        let error = check::parse("f.toml", text, &profiles).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{text}\n{error}");
        assert!(error.hint().is_some_and(|h| !h.is_empty()), "{text}");
    }
    let links = [
        (
            "[[links]]\nbetween = [\"a\", \"c\"]\nkind = \"rdma\"\n",
            "f.toml:11: node not found: `c`",
        ),
        (
            "[[links]]\nbetween = [\"a\", \"a\"]\nkind = \"rdma\"\n",
            "f.toml:11: a link from `a` to itself",
        ),
        (
            "[[links]]\nbetween = [\"a\"]\nkind = \"rdma\"\n",
            "f.toml:10: a link between 1 nodes",
        ),
        (
            "[[links]]\nbetween = [\"a\", \"b\"]\nkind = \"wifi\"\n",
            "f.toml:12:8",
        ),
        (
            "[[links]]\nbetween = [\"a\", \"b\"]\nkind = \"rdma\"\nbandwidth_per_second = \"0GB\"\n",
            "f.toml:13:24: `0GB` is out of range",
        ),
        (
            "[[links]]\nbetween = [\"a\", \"b\"]\nkind = \"rdma\"\nlatency_microseconds = -1.0\n",
            "f.toml:13: a latency of -1",
        ),
        (
            "[[links]]\nbetween = [\"a\", \"b\"]\nkind = \"rdma\"\n[[links]]\nbetween = [\"b\", \"a\"]\nkind = \"rdma\"\n",
            "f.toml:13: `b` and `a` are joined twice",
        ),
        (
            "[[nodes]]\nname = \"a\"\nprofile = \"m3-ultra-512gb\"\n",
            "f.toml:11: two nodes are called `a`",
        ),
        (
            "[[nodes]]\nname = \"c\"\nprofile = \"m3-ultra-512gb\"\naddress = \"10.0.0.1\"\n",
            "f.toml:13: `c` has the address of `a`",
        ),
    ];
    for (more, expected) in links {
        let error = check::parse("f.toml", &format!("{TWO}\n{more}"), &profiles).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{more}\n{error}");
        assert!(error.hint().is_some_and(|h| !h.is_empty()), "{more}");
    }
}

#[test]
fn what_init_writes_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.toml");
    let text = stdout(&[
        "fleet",
        "init",
        "--node",
        "a=m3-ultra-512gb@10.0.0.1",
        "--node",
        "b=m3-ultra-256gb",
        "--link",
        "a,b=thunderbolt5",
    ]);
    let profiles = Profiles::embedded().unwrap();
    let fleet = check::parse("fleet.toml", &text, &profiles).unwrap();
    assert_eq!(fleet.nodes[1].machine.memory, Bytes::from_gib(256));
    assert_eq!(fleet.nodes[0].address.unwrap().to_string(), "10.0.0.1");
    assert!((fleet.links[0].latency_microseconds.value - 300.0).abs() < 1e-9);
    // What is left as a comment is right where it is taken in.
    let open = text
        .replace("# latency", "latency")
        .replace("# bandwidth", "bandwidth");
    let open = open
        .replace("# reserve", "reserve")
        .replace("# engines", "engines");
    let measured = check::parse("fleet.toml", &open, &profiles).unwrap();
    assert!((measured.links[0].latency_microseconds.value - 50.0).abs() < 1e-9);
    assert_eq!(measured.nodes[0].machine.reserve, Bytes::from_gib(24));
    let out = path.to_str().unwrap();
    let args = ["fleet", "init", "--node", "a=m3-ultra-512gb", "--out", out];
    assert!(planner(&args).status.success());
    assert!(fs::read_to_string(&path).unwrap().contains("name = \"a\""));
    let wrong = planner(&[
        "fleet",
        "init",
        "--node",
        "a=m3-ultra-512gb",
        "--link",
        "a,b=rdma",
    ]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(
        said.contains("node not found: `b`") && said.contains("hint:"),
        "{said}"
    );
}

#[test]
fn the_schemas_are_those_that_ship() {
    for name in ["fleet", "fleet-plan"] {
        let path = format!("{}/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let shipped = fs::read_to_string(path).unwrap();
        let told = stdout(&["schema", name]);
        assert_eq!(told, shipped, "planner schema {name} > schemas/{name}.json");
    }
}
