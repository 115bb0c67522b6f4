/// The limits of the API server, each with its reason.
enum Limits {
    /// How much of a body that cannot be read is shown in the answer: enough to recognise it.
    static let excerptByteCountMax = 128

    /// How deep a YAML document may nest, as deep as JSON may.
    static let yamlDepthMax = 128

    /// How many aliases a YAML document may have. Each level of aliases multiplies the document:
    /// this many can make of it some hundred thousand nodes at most.
    static let yamlAliasCountMax = 32

    /// How many bytes a YAML document may name when its aliases are followed: as many as a body
    /// may have.
    static let yamlExpandedByteCountMax = 3 * 1024 * 1024

    /// How often a write is tried again when another write came first. Of n writers of one object
    /// each loses a round with probability 1 - 1/n: with 32 of them, 256 rounds are lost in a row
    /// three times in ten thousand, and 16 would be by more than half.
    static let retryCountMax = 256

    /// How long a read may wait for a resourceVersion that this gateway has not seen yet, as
    /// kube-apiserver waits.
    static let futureRevisionWait = Duration.seconds(3)

    /// How long a read waits for the cache to come to where the store is, before it is refused. A
    /// watch is taken for dead and opened at another member in less.
    static let freshnessWait = Duration.seconds(4)

    /// How long a write that is committed waits for the cache to show it. Reads ask the store
    /// where others write to it, so that nobody is misled when this is over.
    static let ownWriteWait = Duration.seconds(4)

    /// How often a store that others write to is asked how far it is when no read does so.
    static let contactInterval = Duration.seconds(1)

    /// How long the server waits between attempts to make what every cluster has.
    static let bootstrapInterval = Duration.seconds(2)

    /// Answers below this are not worth compressing: headers and one packet cost as much.
    static let gzipByteCountMin = 1024

    /// Answers above this that have no compressed blocks at hand are sent as they are: compressing
    /// them anew for each request would cost more than sending them.
    static let freshGzipByteCountMax = 128 * 1024

    /// How many events a long-poll returns when the client names no limit.
    static let pollEventCountDefault = 500

    /// How many events a long-poll returns at most: one answer stays below some tens of megabytes.
    static let pollEventCountMax = 10_000

    /// How long a long-poll or a conditional GET may wait.
    static let waitMax = Duration.seconds(300)

    /// How long a long-poll waits when the client names no time.
    static let pollWaitDefault = Duration.seconds(30)

    /// How much earlier than asked a waiting answer leaves, so that it arrives before the client's
    /// own limit strikes.
    static let waitMargin = Duration.milliseconds(500)

    /// The largest part of a wait by which it ends earlier, drawn at random: a crowd that was sent
    /// away together, by a restart or by one event, is spread out after a few rounds.
    static let waitJitter = 1.0 / 16

    /// How long a watch lasts when the client names no time; the upper half is drawn at random, so
    /// that clients do not come back together (kube-apiserver's `--min-request-timeout`).
    static let watchDurationMin = Duration.seconds(1800)

    /// The longest time between two bookmarks.
    static let bookmarkInterval = Duration.seconds(60)

    /// Bytes of a cursor's name, which stands in the name of an object beside its user's.
    static let cursorNameByteCountMax = 63

    /// Bytes of the name of the object that keeps a cursor (Kubernetes' DNS subdomain).
    static let cursorObjectNameByteCountMax = 253

    /// How many cursors a user may have: more than anybody follows by hand, and together about a
    /// megabyte.
    static let cursorCountMax = 1000

    /// How long an unused cursor is kept at least, however short the watch history is: twice as
    /// long as one poll may wait.
    static let cursorLifetimeMin = Duration.seconds(600)

    /// How often the use of a cursor is noted in its lifetime when nothing else is written.
    static let cursorUseNoteCount = 8

    /// How often unused cursors are looked for: each is decoded, which takes milliseconds for a
    /// user's most.
    static let cursorExpiryInterval = Duration.seconds(600)

    /// For how many cursors it is remembered that nothing came: at about 100 bytes each, a
    /// megabyte.
    static let quietStretchCountMax = 10_000

    /// The longest grace period, 68 years in seconds: the time of a deletion stays one that RFC
    /// 3339 can write.
    static let gracePeriodSecondsMax = Int64(Int32.max)

    /// How many aggregated cluster roles are written before the server looks for the next change
    /// of one: enough for every chain of them, and an end for roles that never come to rest.
    static let aggregationCountMax = 1024

    /// Characters of the reason for a 401 that are logged: some of it comes from outside.
    static let loggedReasonCountMax = 200

    /// How many lines of the log refused credentials may fill in a second: clients with an old
    /// token try again and again.
    static let refusalLinesPerSecondMax = 10

    /// How many requests may wait to be written to the audit log: at 50 µs each, for half a second.
    static let auditQueueCountMax = 10_000

    /// How many bytes they may take, their bodies included.
    static let auditQueueByteCountMax = 32 << 20

    /// Longer bodies are left out of the audit log; those of people are below it.
    static let auditedBodyByteCountMax = 256 << 10

    /// Bytes of an `Audit-Id` that a client chooses, as in Kubernetes.
    static let auditIDByteCountMax = 64

    /// Bytes of the name of who owns fields, as in Kubernetes.
    static let managerNameByteCountMax = 128

    /// How many objects follow their owners at once: enough to fill a commit of the store, and few
    /// beside what clients do.
    static let collectionTaskCountMax = 16

    /// After which time an object that could not follow its owners is tried again.
    static let collectionRetryInterval = Duration.seconds(1)

    /// The bytes of all warnings that admission adds to one answer. Kubernetes has the same bound.
    static let warningByteCountMax = 4 * 1024

    /// How often what quotas tell is compared with what there is, whatever has happened, as
    /// Kubernetes does.
    static let quotaCountInterval = Duration.seconds(300)

    /// How many times as long as it took to count quotas anew nothing is counted: counting takes a
    /// fifth of a processor at most.
    static let quotaRestFactor = 4

    /// How many events are looked at in one step of their expiry: some milliseconds.
    static let expiryStepCount = 1_000

    /// How long the expiry of events leaves the store alone between two steps.
    static let expiryPause = Duration.milliseconds(50)

    /// How often in the lifetime of an event old ones are looked for, so that none stays much
    /// longer, and the longest time between two looks.
    static let expiryLookCount = 20
    static let expiryIntervalMax = Duration.seconds(60)

    /// Bytes of the logs and of the joined leaves of objects that a webhook translates, for each
    /// version: a part of what all other resources have.
    static let translatedLogByteCountMax = 16 << 20
    static let translatedLeafByteCountMax = 32 << 20

    /// After which time a translation that failed is tried again.
    static let translationRetryInterval = Duration.milliseconds(500)

    /// How often the same events are tried again before what is there now is listed instead.
    static let translationRetryCount = 3

    /// How long a request waits for translated objects: a little longer than a webhook may take.
    static let translationWait = Duration.seconds(35)

    /// How often the servers of other groups are asked whether they are there, as in Kubernetes'
    /// aggregator.
    static let probeInterval = Duration.seconds(30)

    /// How often a gateway that is not alone renews its record: one small write.
    static let presenceInterval = Duration.seconds(5)

    /// For how long a gateway counts as alive that does not renew its record: it may miss two.
    static let presenceLifetime = Duration.seconds(15)

    /// How long a gateway that ends waits for the store to take its record back. The others find
    /// out anyway.
    static let withdrawalWait = Duration.seconds(2)
}
