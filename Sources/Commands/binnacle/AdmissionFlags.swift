// The flags that say what happens to writes, and to objects whose owners are gone.

import APIServer
import Admission
import ArgumentParser

/// The names are kube-apiserver's, and kube-controller-manager's for what it does elsewhere.
struct AdmissionFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Admission plugins to turn on, by their names in Kubernetes, with commas between them. \
            May be repeated. On are all but StorageObjectInUseProtection and \
            TaintNodesByCondition, whose work only a controller undoes.
            """, valueName: "names"))
    var enableAdmissionPlugins: [String] = []

    @Option(
        help: ArgumentHelp(
            "Admission plugins to turn off. May be repeated.", valueName: "names"))
    var disableAdmissionPlugins: [String] = []

    @Option(
        help: ArgumentHelp(
            "Whether objects whose owners are gone are deleted.", valueName: "true|false"))
    var enableGarbageCollector = true

    func validate() throws {
        do {
            _ = try choice()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// - Throws: for names that cannot be turned on or off.
    func choice() throws(AdmissionChoice.Problem) -> AdmissionChoice {
        try AdmissionChoice(
            enabling: Self.names(enableAdmissionPlugins),
            disabling: Self.names(disableAdmissionPlugins))
    }

    private static func names(_ lists: [String]) -> [String] {
        lists.flatMap { $0.split(separator: ",").map(String.init) }
    }
}
