// Keys and certificates of the tests. Made for them alone with the openssl tool, valid for a
// hundred years, and of no worth anywhere else.

import Buffers
import Crypto

public enum TestPKI {
    /// For localhost and 127.0.0.1, signed by `authority`.
    public static let server = TLSCertificate(chain: serverPEM, key: serverKey)
    /// For second.example and *.wild.example.
    public static let second = TLSCertificate(chain: secondPEM, key: secondKey)
    /// jane of system:masters and people.
    public static let client = TLSCertificate(chain: clientPEM, key: clientKey)
    /// late of people, whose certificate ended with the year 2020.
    public static let expired = TLSCertificate(chain: expiredPEM, key: clientKey)
    /// mallory, signed by another authority.
    public static let stranger = TLSCertificate(chain: strangerPEM, key: strangerKey)

    public static let authority: Bytes = """
        -----BEGIN CERTIFICATE-----
        MIIBmTCCAT+gAwIBAgIUNMaQf8R4dL+5euSUc7pQ+4kEhXcwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTIyMjMzMDIxWhgPMjEy
        NjEwMjkyMzMwMjFaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEebnHc0a9Q/qfaWF9aOHe8RGT4U/STV0cy3DFiiij
        fc+XwMg/OlXxY4CN+Lupgl8d4Xm24wR9ERi0a5Dbl+3s76NjMGEwHQYDVR0OBBYE
        FCcTBu9RDPPiERSz6GD7x8T75qF3MB8GA1UdIwQYMBaAFCcTBu9RDPPiERSz6GD7
        x8T75qF3MA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49
        BAMCA0gAMEUCIBFemwNF9pTh4v4NVRcZ4FgLk1Xi/ybmRfstIhW1aKVIAiEAx8Hg
        Ute0EOPxaGc7frCAfgYQ8iLPWMl8/zSuw/BDQqo=
        -----END CERTIFICATE-----

        """

    public static let otherAuthority: Bytes = """
        -----BEGIN CERTIFICATE-----
        MIIBnzCCAUWgAwIBAgIUAXYfOX9La3XCPhXIA9dfiEZUeFEwCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIyMjMzMDIxWhgP
        MjEyNjEwMjkyMzMwMjFaMBwxGjAYBgNVBAMMEUFub3RoZXIgYXV0aG9yaXR5MFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeePbMr1BdIFHIFnORqP8KU0sjqQOMJ8Y
        kO5rnky0pi+23wpyhUxG1Ej619w+1HuC3eIhdKg3o5d05+qz0StPzqNjMGEwHQYD
        VR0OBBYEFHKO3tMU3qeB1/EvRwgstIHZAUmSMB8GA1UdIwQYMBaAFHKO3tMU3qeB
        1/EvRwgstIHZAUmSMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoG
        CCqGSM49BAMCA0gAMEUCIG1FE1BTSaw0GX2bbl/RrlIkVMcdXUs4P8n88PM3FdyT
        AiEAn2eMbLM1G0Muh8Dua67LYXhBsFDQ6qRoA9T8PhiCWUA=
        -----END CERTIFICATE-----

        """

    public static let serverPEM: Bytes = """
        -----BEGIN CERTIFICATE-----
        MIIBpDCCAUqgAwIBAgIUS2lfOUIqjjNoVEGYvOc4zBKLqxAwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTIyMjMzMDIxWhgPMjEy
        NjEwMjkyMzMwMjFaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEG
        CCqGSM49AwEHA0IABImq4kHoTMWdkVaYSRA8KLePEFHcUimD6OTGMBfupG5E6fhh
        kvcwRDh10DfcD42ksqo8JKGeI8+FL07hr0PKSpmjczBxMBoGA1UdEQQTMBGCCWxv
        Y2FsaG9zdIcEfwAAATATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUs/OI
        HeKDsdDXWU2iOj+8gQKw1LEwHwYDVR0jBBgwFoAUJxMG71EM8+IRFLPoYPvHxPvm
        oXcwCgYIKoZIzj0EAwIDSAAwRQIhAIj9JxQDs9G/7gNRWWOC9DN2BO7EXk7gyE9D
        AZB58HgvAiBSkmsO/FRIjsMJ7NOx/UIZ7VTC2R51BA7ezjStKxmLuw==
        -----END CERTIFICATE-----

        """

    public static let serverKey: Bytes = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOyB+h5TWRYkk0JsT
        tRl/aAsic7GfmpmyxwhY5ECuiq2hRANCAASJquJB6EzFnZFWmEkQPCi3jxBR3FIp
        g+jkxjAX7qRuROn4YZL3MEQ4ddA33A+NpLKqPCShniPPhS9O4a9DykqZ
        -----END PRIVATE KEY-----

        """

    public static let secondPEM: Bytes = """
        -----BEGIN CERTIFICATE-----
        MIIBuTCCAWCgAwIBAgIUS2lfOUIqjjNoVEGYvOc4zBKLqxEwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTIyMjMzMDIyWhgPMjEy
        NjEwMjkyMzMwMjJaMBkxFzAVBgNVBAMMDnNlY29uZC5leGFtcGxlMFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAENvETvqpzcbir+UHaAm9ywb0LgHyf4kukZqKTSC2R
        CpRnDAlUth3BkTVAqnMh/IsM44NQlLIsWNk+2xSXTpe9BqOBgzCBgDApBgNVHREE
        IjAggg5zZWNvbmQuZXhhbXBsZYIOKi53aWxkLmV4YW1wbGUwEwYDVR0lBAwwCgYI
        KwYBBQUHAwEwHQYDVR0OBBYEFH1j+LXiWlDiDe9U9kIqN+lWXNm2MB8GA1UdIwQY
        MBaAFCcTBu9RDPPiERSz6GD7x8T75qF3MAoGCCqGSM49BAMCA0cAMEQCIBoc2Y12
        JG+DELAIc6V4kuubVI+XQM7vhVLAUdwkyCs5AiBDNwd/j+9bfNYqHxoVh33MW6Rj
        /cfLSXtgJx33WQaGOg==
        -----END CERTIFICATE-----

        """

    public static let secondKey: Bytes = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMq0e1eGNifOe3zV9
        aAY6k6NsBvekeoYT6Bj+IOC9MhyhRANCAAQ28RO+qnNxuKv5QdoCb3LBvQuAfJ/i
        S6RmopNILZEKlGcMCVS2HcGRNUCqcyH8iwzjg1CUsixY2T7bFJdOl70G
        -----END PRIVATE KEY-----

        """

    public static let clientPEM: Bytes = """
        -----BEGIN CERTIFICATE-----
        MIIBrjCCAVOgAwIBAgIUS2lfOUIqjjNoVEGYvOc4zBKLqxIwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTIyMjMzMDIyWhgPMjEy
        NjEwMjkyMzMwMjJaMDkxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQ8wDQYDVQQK
        DAZwZW9wbGUxDTALBgNVBAMMBGphbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AARZzdJENkTNwEnG9ADOErdxW1OUt1m3l478/iulNyuFaOlD6WLTRjr0O6u6nOtm
        4e6g2NfVeGxUFS0+32GyLr8do1cwVTATBgNVHSUEDDAKBggrBgEFBQcDAjAdBgNV
        HQ4EFgQUqdJXSg8w2o8WRqYAB0dItk1EO3EwHwYDVR0jBBgwFoAUJxMG71EM8+IR
        FLPoYPvHxPvmoXcwCgYIKoZIzj0EAwIDSQAwRgIhAPCo96jZ9SBQWZyqUqWjG7Np
        Lv/db+KENjvsSWpC3v9rAiEAuVWYS6YK2rmqtvHjkfuwrxJJxppzL9mEpkDTCr1i
        9i8=
        -----END CERTIFICATE-----

        """

    public static let clientKey: Bytes = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSJAV78XxlyrrnBg7
        wt8Uu/UwCH5kji4J7ItGF/xOt9uhRANCAARZzdJENkTNwEnG9ADOErdxW1OUt1m3
        l478/iulNyuFaOlD6WLTRjr0O6u6nOtm4e6g2NfVeGxUFS0+32GyLr8d
        -----END PRIVATE KEY-----

        """

    public static let expiredPEM: Bytes = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASWgAwIBAgIBdzAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1
        dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAwMDBaMCAxDzANBgNV
        BAoMBnBlb3BsZTENMAsGA1UEAwwEbGF0ZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABFnN0kQ2RM3AScb0AM4St3FbU5S3WbeXjvz+K6U3K4Vo6UPpYtNGOvQ7q7qc
        62bh7qDY19V4bFQVLT7fYbIuvx2jVzBVMBMGA1UdJQQMMAoGCCsGAQUFBwMCMB0G
        A1UdDgQWBBSp0ldKDzDajxZGpgAHR0i2TUQ7cTAfBgNVHSMEGDAWgBQnEwbvUQzz
        4hEUs+hg+8fE++ahdzAKBggqhkjOPQQDAgNHADBEAiAY0r1jOh6QuLMcu8T2ege2
        z5bjkmcubQEeReloi31twwIgLx0Z6P0+WrZJF/J5UC5w/4PpIvYN2VgJZwDhWq0P
        nVw=
        -----END CERTIFICATE-----

        """

    public static let strangerPEM: Bytes = """
        -----BEGIN CERTIFICATE-----
        MIIBojCCAUigAwIBAgIUUeOcxYgTULYK8ZaKsxRR5/uVNagwCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIyMjMzMDIyWhgP
        MjEyNjEwMjkyMzMwMjJaMCsxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMRAwDgYD
        VQQDDAdtYWxsb3J5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf5KMp6HrM/2K
        NTsF/OY7SIo3PjmEjLlHKr77ohVmspleyn3Qlv1JHaw8IuBYI73mRk3id1XHIjSO
        qTfVkE1MhqNXMFUwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0OBBYEFPVboCNQ
        XNOT0lMSFUM3KIcBksN2MB8GA1UdIwQYMBaAFHKO3tMU3qeB1/EvRwgstIHZAUmS
        MAoGCCqGSM49BAMCA0gAMEUCIQDNC4VZUM9+f+4NwNYCUv8/XNI6lebfuyYDwx1P
        mzXUXgIgUmsPqXMdTuaieA8HxCxgplEV5rkqfGWU9yqMrDYb/8k=
        -----END CERTIFICATE-----

        """

    public static let strangerKey: Bytes = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdiDu8+UmAzNmzyDN
        b/zccUOGheo0KJNzYXxAO4Owo7yhRANCAAR/koynoesz/Yo1OwX85jtIijc+OYSM
        uUcqvvuiFWaymV7KfdCW/UkdrDwi4FgjveZGTeJ3VcciNI6pN9WQTUyG
        -----END PRIVATE KEY-----

        """
}
