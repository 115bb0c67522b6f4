// The objects that the benchmarks store.

import Buffers

/// Objects of the kinds that control planes hold most of.
enum BenchObjects {
    static let namespace = "bench"
    static let namespaceBody = Bytes(
        #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"bench"}}"#)

    /// What a server makes in each new namespace.
    static let suppliedAccount = "/api/v1/namespaces/\(namespace)/serviceaccounts/default"

    static func configMaps(in namespace: String = namespace) -> String {
        "/api/v1/namespaces/\(namespace)/configmaps"
    }

    static let pods = "/api/v1/namespaces/\(namespace)/pods"

    static func pod(_ number: Int) -> String { "\(pods)/web-7c5ddbdf54-\(padded(number, 6))" }

    /// ConfigMaps `<name>-<number>` with so many bytes of data.
    static func configMap(_ name: String, dataByteCount: Int) -> ObjectTemplate {
        ObjectTemplate(
            """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\(name)-%8%"},\
            "data":{"text":"\(filler(dataByteCount))"}}
            """)
    }

    /// Pods with one container and no more than they must have, and so many bytes besides.
    static func smallPod(extraByteCount: Int) -> ObjectTemplate {
        ObjectTemplate(
            """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-7c5ddbdf54-%6%",\
            "labels":{"app":"web","group":"g-%3/100%"},"annotations":{"example.com/extra":"\
            \(filler(extraByteCount))"}},"spec":{\(account),\
            "containers":[{"name":"web","image":"web:1"}]}}
            """)
    }

    /// Pods like those that a Deployment's controller makes: probes, volumes, tolerations. A
    /// hundred share a value of the label `group`, and ten share a node. A text is as long as the
    /// reference to an owner, who would have to be there.
    static func pod(paddingByteCount: Int) -> ObjectTemplate {
        ObjectTemplate(
            """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-7c5ddbdf54-%6%",\
            "generateName":"web-7c5ddbdf54-","labels":{"app":"web","group":"g-%3/100%",\
            "pod-template-hash":"7c5ddbdf54","tier":"frontend"},"annotations":{\
            "example.com/checksum":"\(filler(64))","prometheus.io/port":"8080",\
            "prometheus.io/scrape":"true","example.com/padding":"\(filler(paddingByteCount))",\
            "example.com/made-by":"\(filler(150))"}},"spec":{\(account),\(volumes),\
            "containers":[\(container)],"nodeName":"node-%4/10%","priority":0,\
            "tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists",\
            "effect":"NoExecute","tolerationSeconds":300},\
            {"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute",\
            "tolerationSeconds":300}]}}
            """)
    }

    /// Keeps the server from adding a volume with a token, so that the objects keep their size.
    static let account = #""serviceAccountName":"default","automountServiceAccountToken":false"#

    private static let volumes = """
        "volumes":[{"name":"settings","configMap":{"name":"web-settings","defaultMode":420}},\
        {"name":"token","secret":{"secretName":"web-token","defaultMode":420}}]
        """

    private static let container = """
        {"name":"web","image":"registry.example.com/shop/web:v1.18.2",\
        "args":["--listen=:8080","--log=info"],"ports":[{"name":"http","containerPort":8080,\
        "protocol":"TCP"}],"env":[{"name":"NUMBER","value":"%6%"},{"name":"POD_NAME","valueFrom":\
        {"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}}],"resources":{"limits":\
        {"cpu":"500m","memory":"256Mi"},"requests":{"cpu":"100m","memory":"128Mi"}},\
        "volumeMounts":[{"name":"settings","readOnly":true,"mountPath":"/etc/web"},\
        {"name":"token","readOnly":true,"mountPath":"/var/run/secrets/web"}],\
        "livenessProbe":{"httpGet":{"path":"/live","port":8080,"scheme":"HTTP"},\
        "timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},\
        "readinessProbe":{"httpGet":{"path":"/ready","port":8080,"scheme":"HTTP"},\
        "timeoutSeconds":1,"periodSeconds":5,"successThreshold":1,"failureThreshold":3}}
        """
}
