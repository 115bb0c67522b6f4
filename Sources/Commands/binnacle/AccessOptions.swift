// The flags that say who is who.

import Access
import ArgumentParser
import Crypto
import Logging

/// How users are known who do not come through the plain listener. The names are kube-apiserver's.
struct AccessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Whether those who show no credentials may do what system:anonymous may.",
            valueName: "true|false"))
    var anonymousAuth = true

    @Option(
        help: """
            Static tokens: lines of token,user,uid and perhaps "group,group". Read again when it \
            changes.
            """)
    var tokenAuthFile: String?

    @Option(
        help: ArgumentHelp(
            "Whether bootstrap tokens in Secrets of kube-system are credentials.",
            valueName: "true|false"))
    var enableBootstrapTokenAuth = false

    @Option(help: "Who makes the tokens of service accounts, as the tokens name it.")
    var serviceAccountIssuer = ServiceAccountTokenSigner.defaultIssuer

    @Option(
        help: """
            An audience of this API: tokens must be for one of them. May be repeated. Without it: \
            the issuer.
            """)
    var apiAudiences: [String] = []

    /// - Parameter key: signs the tokens of service accounts.
    /// - Throws: `StartFailure` when a file cannot be used.
    func identity(_ key: PrivateKey, _ log: Logger) throws -> IdentityOptions {
        var options = IdentityOptions()
        options.admitsAnonymous = anonymousAuth
        options.takesBootstrapTokens = enableBootstrapTokenAuth
        options.serviceAccounts = ServiceAccountIssuer(
            key: key, issuer: serviceAccountIssuer, audiences: apiAudiences)
        guard let path = tokenAuthFile else { return options }
        do {
            options.tokenFile = try TokenFile(path: path) { Self.log($0, path, to: log) }
        } catch {
            throw StartFailure(description: "--token-auth-file \(path): \(error)")
        }
        return options
    }

    private static func log(_ report: TokenFile.Report, _ path: String, to log: Logger) {
        switch report {
        case .reloaded(let count): log.notice("\(path) has changed; it has \(count) tokens now")
        case .unusable(let error):
            log.error("\(path) has changed and cannot be used, the old tokens stay: \(error)")
        }
    }
}
