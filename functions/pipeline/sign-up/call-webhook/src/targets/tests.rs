use super::*;
use proptest::prelude::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn both_ends_of_each_block_are_refused_and_their_neighbours_are_not() {
    // First and last address of the block, and the public ones beside it, where there are any.
    for (before, first, last, after) in [
        ("", "0.0.0.0", "0.255.255.255", "1.0.0.0"),
        ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
        ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"),
        ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
        ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"),
        ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"),
        ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
        ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
        ("192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"),
        ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"),
        ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"),
        ("198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"),
        ("203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"),
        ("223.255.255.255", "224.0.0.0", "255.255.255.255", ""),
        ("", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
        ("", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"),
        ("2001:db7:ffff::", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
        ("2001:ffff::1", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"),
        ("3ffe:ffff::1", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"),
        ("3fff:ffff::1", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
    ] {
        for refused in [first, last] {
            assert!(!is_public(ip(refused)), "{refused}");
        }
        for allowed in [before, after].into_iter().filter(|text| !text.is_empty()) {
            assert!(is_public(ip(allowed)), "{allowed}");
        }
    }
}

#[test]
fn what_attackers_ask_for_is_refused() {
    for (address, meaning) in [
        ("169.254.169.254", "metadata of EC2"),
        ("169.254.170.2", "credentials of ECS"),
        ("169.254.169.253", "DNS of a VPC"),
        ("fd00:ec2::254", "metadata of EC2 over IPv6"),
        ("fd00:ec2::23", "credentials of EKS over IPv6"),
        ("127.0.0.1", "Lambda's Runtime API"),
        ("::1", "loopback"),
        ("::", "unspecified, which connects to loopback"),
        ("::ffff:169.254.169.254", "mapped"),
        ("::169.254.169.254", "compatible"),
        ("64:ff9b::a9fe:a9fe", "NAT64"),
        ("64:ff9b:1::a9fe:a9fe", "NAT64 of a network's own"),
        ("2002:a9fe:a9fe::1", "6to4"),
        ("2001:0:5601:5601::1", "Teredo"),
        ("fe80::1", "link-local"),
        ("fec0::1", "site-local"),
        ("ff02::1", "multicast"),
        ("100::1", "discarded"),
        ("5f00::1", "segment routing"),
        ("255.255.255.255", "broadcast"),
    ] {
        assert!(!is_public(ip(address)), "{meaning}: {address}");
    }
}

#[test]
fn public_addresses_are_allowed() {
    for address in ["1.1.1.1", "8.8.8.8", "52.94.236.248", "2606:4700::1111", "2a05:d000::1"] {
        assert!(is_public(ip(address)), "{address}");
    }
}

/// An address of a block, by random bits.
fn in_block_v4((block, length): (Ipv4Addr, u32), random: u32) -> Ipv4Addr {
    let rest = u32::MAX.checked_shr(length).unwrap_or(0);
    Ipv4Addr::from_bits(block.to_bits() | (random & rest))
}

/// Every way to write an IPv4 address into an IPv6 one.
fn wrapped(address: Ipv4Addr) -> [Ipv6Addr; 6] {
    let bits = u128::from(address.to_bits());
    let prefixed =
        |prefix: &str| Ipv6Addr::from_bits(prefix.parse::<Ipv6Addr>().unwrap().to_bits() | bits);
    let six_to_four = Ipv6Addr::from_bits((0x2002 << 112) | (bits << 80) | 1);
    let teredo = Ipv6Addr::from_bits((0x2001_0000 << 96) | (bits << 64) | (!bits & 0xffff_ffff));
    let own_nat64 = prefixed("64:ff9b:1::");
    [
        address.to_ipv6_mapped(),
        address.to_ipv6_compatible(),
        prefixed("64:ff9b::"),
        own_nat64,
        six_to_four,
        teredo,
    ]
}

/// Every way to write an IPv4 address in a URL.
fn spellings(address: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = address.octets();
    let last_two = u32::from(c) << 8 | u32::from(d);
    let last_three = u32::from(b) << 16 | last_two;
    let whole = address.to_bits();
    let mut spellings = vec![
        format!("{a}.{b}.{c}.{d}"),
        format!("{a}.{b}.{c}.{d}."),
        format!("{a}.{b}.{last_two}"),
        format!("{a}.{last_three}"),
        format!("{whole}"),
        format!("{whole:#x}"),
        format!("0{whole:o}"),
        format!("{a:#x}.{b:#X}.{c:#x}.{d:#x}").replace("0X", "0x"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a}%2e{b}%2E{c}.{d}"),
        format!("{a}\u{3002}{b}\u{ff0e}{c}.{d}"),
        format!("[::ffff:{a}.{b}.{c}.{d}]"),
    ];
    spellings.extend(wrapped(address).map(|address| format!("[{address}]")));
    spellings
}

proptest! {
    #[test]
    fn every_address_of_every_block_is_refused_in_every_spelling(
        block in 0..NOT_PUBLIC_V4.len(), random: u32
    ) {
        let address = in_block_v4(NOT_PUBLIC_V4[block], random);
        prop_assert!(!is_public(address.into()));
        for spelling in spellings(address) {
            let url: WebhookUrl = format!("https://{spelling}/hook").parse().unwrap();
            prop_assert!(!url.is_for_public(), "{spelling}");
        }
    }

    #[test]
    fn what_wraps_an_address_is_refused_whatever_it_wraps(bits: u32) {
        for address in wrapped(Ipv4Addr::from_bits(bits)) {
            prop_assert!(!is_public(address.into()), "{address}");
        }
    }

    /// The standard library's own view, where it is stable: nothing it calls special is public.
    #[test]
    fn nothing_that_the_standard_library_calls_special_is_public(v4: u32, v6: u128) {
        let v4 = Ipv4Addr::from_bits(v4);
        let is_special = v4.is_private() || v4.is_loopback() || v4.is_link_local()
            || v4.is_multicast() || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified();
        prop_assert!(!(is_special && is_public(v4.into())), "{v4}");
        let v6 = Ipv6Addr::from_bits(v6);
        let is_special = v6.is_loopback() || v6.is_multicast() || v6.is_unspecified()
            || v6.is_unique_local() || v6.is_unicast_link_local() || v6.to_ipv4().is_some();
        prop_assert!(!(is_special && is_public(v6.into())), "{v6}");
    }

    #[test]
    fn what_is_outside_of_the_blocks_is_allowed(bits: u32) {
        let address = Ipv4Addr::from_bits(bits);
        let is_special = NOT_PUBLIC_V4.iter().any(|(block, length)| {
            let mask = u32::MAX << (32 - length);
            bits & mask == block.to_bits()
        });
        prop_assert_eq!(is_public(address.into()), !is_special);
        if !is_special {
            let url: WebhookUrl = format!("https://{address}/hook").parse().unwrap();
            prop_assert!(url.is_for_public());
        }
    }
}

#[test]
fn urls_are_of_http_and_hold_no_password() {
    for (text, error) in [
        ("", WebhookUrlError::Syntax),
        ("hooks.example/path", WebhookUrlError::Syntax),
        ("https://", WebhookUrlError::Syntax),
        ("https://[fe80::1%25eth0]/", WebhookUrlError::Syntax),
        ("https://256.1.1.1/", WebhookUrlError::Syntax),
        ("ftp://hooks.example/", WebhookUrlError::Scheme),
        ("file:///etc/passwd", WebhookUrlError::Scheme),
        ("gopher://hooks.example:25/", WebhookUrlError::Scheme),
        ("https://ada@hooks.example/", WebhookUrlError::UserInfo),
        ("https://:hunter2@hooks.example/", WebhookUrlError::UserInfo),
        ("https://hooks.example@127.0.0.1/", WebhookUrlError::UserInfo),
        ("https://hooks.example/#top", WebhookUrlError::Fragment),
    ] {
        assert_eq!(text.parse::<WebhookUrl>(), Err(error), "{text}");
    }
}

#[test]
fn only_encrypted_urls_are_for_the_public_internet() {
    let is_for_public = |text: &str| text.parse::<WebhookUrl>().unwrap().is_for_public();
    for url in ["https://hooks.example/a?b=c", "https://hooks.example:8443/", "https://1.1.1.1/"] {
        assert!(is_for_public(url), "{url}");
    }
    for url in ["http://hooks.example/", "https://127.0.0.1/", "https://[::1]:8443/", "https://0/"]
    {
        assert!(!is_for_public(url), "{url}");
    }
}

#[test]
fn a_url_is_not_shown() {
    let url: WebhookUrl = "https://hunter2.example/hunter2?key=hunter2".parse().unwrap();
    assert_eq!(format!("{url:?}"), "WebhookUrl(***)");
    assert_eq!(url.uri(), "https://hunter2.example/hunter2?key=hunter2");
}
