// Keys and certificates that were made elsewhere. None of them guards anything.

import Buffers
import Crypto

enum PEMFixtures {
    /// The keys of RFC 7515.
    static func key(_ kind: KeyKind) throws -> PrivateKey {
        try PrivateKey(pem: Bytes(kind == .rsa ? rsaKey : p256Key))
    }

    /// The key of RFC 7515, appendix A.2.1, in PKCS#1.
    static let rsaKey = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEowIBAAKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0
        l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL+yRT+SFd2lZS+pC
        gNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb/7OMg0LOL+bSf63kpaSHSX
        ndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD
        Zlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmoudF8NAco9/h9iaGNj8
        q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQIDAQABAoIBABKucaRpzQorw35S
        bEUAVx8dYXUdZOlJcHtiWQ+dC6V8ljxAHj/PLyzTveyI5QO/xkObCyjIL303l2cf
        UhPu2MFaJdjVzqACXuOrLot/eSFvxjvqVidTtAZExqFRJ9mylUVAoLvhowVWmC1O
        n95fZCXxTUtxNEG1Xcc7m0rtzJKs45J+N/V9DP1edYH6USyPSWGp6wuA+KgHRnKK
        Vf9GRx80JQY7nVNkL17eHoTWEwga+lwi0FEoW9Y7lDtWXYmKBWhUE+U8PGxlJf8f
        40493HDw1WRQ/aSLoS4QTp3rn7gYgeHEvfJdkkf0UMhlknlo53M09EFPdadQ4TlU
        bjqKc50CgYEA4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH/5IB3jw3bcxGn6QLvnE
        tfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw/Py5PJdTJNPY8cQn7ouZ2KKDcmnPG
        BY5t7yLc1QlQ5xHdwW1VhvKn+nXqhJTBgIPgtldC+KDV5z+y2XDwGUcCgYEAuQPE
        fgmVtjL0Uyyx88GZFF1fOunH3+7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYs
        p1ZSe7zFYHj7C6ul7TjeLQeZD/YwD66t62wDmpe/HlB+TnBA+njbglfIsRLtXlnD
        zQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdcCgYAHAp9XcCSrn8wVkMVkKdb7
        DOX4IKjzdahm+ctDAJN4O/y7OW5FKebvUjdAIt2GuoTZ71iTG+7F0F+lP88jtjP4
        U4qe7VHoewl4MKOfXZKTe+YCS1XbNvfgwJ3Ltyl1OH9hWvu2yza7q+d5PCsDzqtm
        27kxuvULVeya+TEdAB1ijQKBgQCH/3r6YrVH/uCWGy6bzV1nGNOdjKc9tmkfOJmN
        54dxdixdpozCQ6U4OxZrsj3FcOhHBsqAHvX2uuYjagqvo3cOj1TRqNocX40omfCC
        Mx3bD1yPPf/6TI2XECva/ggqEY2mYzmIiA5LVVmc5nrybr+lssFKneeyxN2Wq93S
        0iJMdQKBgCGHewxzoa1r8ZMD0LETNrToK423K377UCYqXfg5XMclbrjPbEC3YI1Z
        NqMtuhdBJqUnBi6tjKMF+34Xf0CUN8ncuXGO2CAYvO8PdyCixHX52ybaDjy1FtCE
        6yUXjoKNXKvUm7MWGsAYH6f4IegOetN5NvmUMFStCSkh7ixZLkN1
        -----END RSA PRIVATE KEY-----
        """

    /// Its public half.
    static let rsaPublicKey = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj
        NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz
        P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo
        9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB
        EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX
        FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp
        oQIDAQAB
        -----END PUBLIC KEY-----
        """

    /// The key of RFC 7515, appendix A.3.1, in SEC 1, after a block of parameters.
    static let p256Key = """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49
        AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b
        focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
        -----END EC PRIVATE KEY-----
        """

    /// A key of P-256 under a passphrase.
    static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjh6AMNl57c9gICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEK2GIJRgj/tp/so4rGBBlqwEgZBo
        jD7DmxeciY7V22PjpCdLGzYmMya6AV4wjZ/+8cGoC9/kfigtG11AT4cgZojLHVu7
        3F16HrWlQhmqq8JlRKmG4+7NNhlc+8wUEHuGIeZh9gQB0AOb19drEpUMVkIeC//U
        wxI7ObPe1ar1VqqDSgLXYBc2T6N7s+pNxtSSglP1mU29xPVJnf+qwcz0Al2U8zA=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    /// RSA of 1024 bits.
    static let shortKey = """
        -----BEGIN RSA PRIVATE KEY-----
        MIICXQIBAAKBgQDRKIg5qJtqo16jCgK27Yiz5JMhRu0qHzDMWRmE0NjlxIxTJ5DX
        dZC1bsL7HYdBZiwWsahqFFhXdGyuPoLiExn1f9eiq+EnVutScZg9TeeRPWySBNx8
        OkoBomAoiIpz+4tV2HshQz212/eyZAghNEkyJDASW4Zg+Eb0Z/KK+kzwVwIDAQAB
        AoGAckbB/zbHC4GNMGlEyGuJuDgXxyO4ar417EB2N+Hfz9IOlVRVx9K9KNQGhitA
        /hNz3UZd7O+GwOmkg6M14Y1sLYArbHdfN78q+/q9EON2UDkeZ7biUXg7lQ/j/2UP
        2jS1QxEaEwtZHe7wSA0KgMWeAgV6afFp7NaoB9wpYzTlGckCQQDsmzVsvuhzK22s
        V5rfTREE++oprAhD4Yq4IuQNXcUSV4TT3aL5EWzXrUjHLZ06tYgfNpqAY3V5CHW2
        VSBFCTiDAkEA4k1fnwni/Oy4NcUhblDry4VgPs8wgO2XlaWPvi1lckohqT6OC0kN
        dFIkI6jSNAZqTNZpVjNedLTvnFYetvMYnQJAc+APahKVBNJgA+djkbjMfQRiycXW
        xmfO6B8uUN17hmAWTSxehFxkUbwryGAugHInGCJFyFrtTTk3bPSDuUuqwQJBAN0a
        GaXKRBM3uVcXrm0Y9PhY7MsRJWOiPys/oix+MBK1KSQxcRjHnDSdGKAajp2z8uH1
        zt8gu1WtfjoxzjqTUuUCQQCEu1S5XZv1bT363mutN0qZExDgayjYmchgX7wFoPcC
        Y6PHClo8ZtjZ7sili+k2xTRvn/xPvicu53VORJA+kl5l
        -----END RSA PRIVATE KEY-----
        """

    /// A curve that is not used.
    static let p384Key = """
        -----BEGIN EC PRIVATE KEY-----
        MIGkAgEBBDDNzCmqZie1czsaJWTpnlb9YUKMgepgDIdwLk7ccTu1kBVZxKbgPU2/
        5JamVJXL22CgBwYFK4EEACKhZANiAASxhaIXbLCONkw0ZoH/hlyu61B/lCcudz+4
        BsBh2IAoPll9MRa34dA5/XiPXV9AwYmaA5nlac1laJRjYpat2oPgCJjRPNaHwrXm
        sHsQVBLaWzSixbBMWO2j87DY/2+AVN8=
        -----END EC PRIVATE KEY-----
        """

    /// An algorithm that is not used.
    static let ed25519Key = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEILNX5H00hz8zZ00Gmag49UAAUSUT7ugYSF2DXSPgbSda
        -----END PRIVATE KEY-----
        """

    /// Two common names, two organizations, a country; names of five kinds; not an authority.
    static let manyNames = """
        -----BEGIN CERTIFICATE-----
        MIICNTCCAdugAwIBAgIEALHK/jAKBggqhkjOPQQDAjBSMQswCQYDVQQGEwJERTER
        MA8GA1UECgwIYnVpbGRlcnMxDjAMBgNVBAMMBWZpcnN0MRAwDgYDVQQKDAdyZWFk
        ZXJzMQ4wDAYDVQQDDAV3YW5kYTAgFw0yNjExMjIyMzIwMjRaGA8yMTI2MTAyOTIz
        MjAyNFowUjELMAkGA1UEBhMCREUxETAPBgNVBAoMCGJ1aWxkZXJzMQ4wDAYDVQQD
        DAVmaXJzdDEQMA4GA1UECgwHcmVhZGVyczEOMAwGA1UEAwwFd2FuZGEwWTATBgcq
        hkjOPQIBBggqhkjOPQMBBwNCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp7xO6z248
        e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWto4GcMIGZMEkGA1Ud
        EQRCMECCCWEuZXhhbXBsZYcECgECA4ENd0BleGFtcGxlLm9yZ4YMc3BpZmZlOi8v
        eC95hxD+gAAAAAAAAAAAAAAAAAABMA4GA1UdDwEB/wQEAwIHgDAdBgNVHSUEFjAU
        BggrBgEFBQcDAgYIKwYBBQUHAwQwHQYDVR0OBBYEFM6NFrHJM463/jl5ma5Fvu4/
        tYaGMAoGCCqGSM49BAMCA0gAMEUCIQCY8GBnfzLgKpksPmJSR8Wc0FmeLT5hAAIx
        PX6KrZS4PQIgexNU3LULrH6i8a1ah9B74f1jAuoeoBVfRR6paZXQZ0A=
        -----END CERTIFICATE-----
        """
}
