// How tables show a Service.

import JSON

enum ServiceCells {
    static func clusterIP(_ service: JSONValue) -> JSONValue {
        let spec = service["spec"] ?? .null
        return CommonCells.textOrNone(spec.list("clusterIPs").first ?? spec["clusterIP"])
    }

    static func externalIP(_ service: JSONValue) -> JSONValue {
        let spec = service["spec"] ?? .null
        let addresses = spec.list("externalIPs").compactMap(\.string)
        switch spec.text("type") {
        case "ExternalName": return CommonCells.textOrNone(spec["externalName"])
        case "LoadBalancer":
            let ingress = service[path: "status", "loadBalancer"]?.list("ingress") ?? []
            let all =
                ingress.map { $0.isFilled("ip") ? $0.text("ip") : $0.text("hostname") } + addresses
            return all.isEmpty ? "<pending>" : CommonCells.listed(all)
        default: return CommonCells.listed(addresses)
        }
    }

    /// `80:30080/TCP,443/TCP`.
    static func ports(_ service: JSONValue) -> JSONValue {
        let ports = service["spec"]?.list("ports") ?? []
        return CommonCells.listed(
            ports.map { port in
                let node = port["nodePort"]?.int ?? 0
                let number = "\(port["port"]?.int ?? 0)" + (node > 0 ? ":\(node)" : "")
                return "\(number)/\(port.text("protocol"))"
            })
    }
}
