import Admission
import Synchronization

/// What admission tells of one request beside its verdict: also of a request that is refused, and
/// once for all attempts.
final class NoteBook: Sendable {
    private let present = Mutex(AdmissionNotes())

    var notes: AdmissionNotes { present.withLock { $0 } }

    /// What is told twice is told once. Warnings beyond `Limits.warningByteCountMax` are left out.
    func take(_ notes: AdmissionNotes) {
        guard !notes.warnings.isEmpty || !notes.annotations.isEmpty else { return }
        present.withLock { present in
            var byteCount = present.warnings.reduce(0) { $0 + $1.utf8.count }
            for warning in notes.warnings where !present.warnings.contains(warning) {
                byteCount += warning.utf8.count
                guard byteCount <= Limits.warningByteCountMax else { break }
                present.warnings.append(warning)
            }
            present.annotations.merge(notes.annotations) { $1 }
        }
    }
}
