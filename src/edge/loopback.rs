//! A port that this machine alone can reach.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context as _, Result, bail};

use crate::fault;

/// A listener on an address of this machine's own.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    at: SocketAddr,
}

impl Loopback {
    /// Listens on an address: `127.0.0.1:8717`, `[::1]:8717`, `localhost:8717`, or a port of
    /// 127.0.0.1 alone; port 0 takes any that is free.
    ///
    /// # Errors
    /// When it is no address, not this machine's own, or taken.
    pub fn listen(address: &str) -> Result<Self> {
        let at = read(address)?;
        let listener = TcpListener::bind(at).with_context(
            || fault!("can't listen on {at}"; "give another port, or 0 for any that is free"),
        )?;
        listener.set_nonblocking(true)?;
        let at = listener.local_addr()?;
        Ok(Self { listener, at })
    }

    /// Its address with the port, as a URL has it.
    #[must_use]
    pub fn address(&self) -> String {
        self.at.to_string()
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.at.port()
    }

    /// The listener, which does not block.
    #[must_use]
    pub fn into_listener(self) -> TcpListener {
        self.listener
    }
}

fn read(address: &str) -> Result<SocketAddr> {
    let numbers = address.replacen("localhost:", "127.0.0.1:", 1);
    let port = address.parse().ok();
    let of_port = port.map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let Some(at) = of_port.or_else(|| numbers.parse().ok()) else {
        bail!(fault!(
            "`{address}` is no address and port";
            "give a port, or one with an address: `127.0.0.1:8717`"
        ));
    };
    if !at.ip().is_loopback() {
        let port = at.port();
        bail!(fault!(
            "{at} can be reached from other machines";
            "listen on 127.0.0.1; another machine reaches that by `ssh -L {port}:127.0.0.1:{port}`"
        ));
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_taken() {
        for (given, at) in [
            ("8717", "127.0.0.1:8717"),
            ("localhost:1", "127.0.0.1:1"),
            ("127.0.0.2:80", "127.0.0.2:80"),
            ("[::1]:8717", "[::1]:8717"),
        ] {
            assert_eq!(read(given).unwrap().to_string(), at);
        }
        for (given, wrong) in [
            ("0.0.0.0:8717", "other machines"),
            ("[::]:8717", "other machines"),
            ("192.168.1.7:8717", "other machines"),
            ("example.com:80", "no address"),
            ("127.0.0.1", "no address"),
            ("70000", "no address"),
            ("", "no address"),
        ] {
            let said = read(given).unwrap_err().to_string();
            assert!(said.contains(wrong), "{given}: {said}");
        }
    }
}
