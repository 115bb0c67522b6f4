// An object of each kind that runs or stores something.

enum WorkloadExamples {
    private static let template = #"""
        {"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"a","image":"a:1"}]}}
        """#
    private static let work = #"""
        {"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"a:1"}]}}
        """#

    static let all: [(kind: String, object: String, cells: String)] = [
        (
            "ControllerRevision",
            #"""
            {"data":{"spec":1},"revision":3}
            """#,
            #"["x","<none>",3,"5s"]"#
        ),
        (
            "CronJob",
            """
            {"spec":{"schedule":"*/5 8-18 * jan-mar mon,fri","timeZone":"Europe/Berlin",
            "jobTemplate":{"spec":{"template":\(work)}}}}
            """,
            #"["x","*/5 8-18 * jan-mar mon,fri","Europe/Berlin","False",0,"<none>","5s","a","#
                + #""a:1","<none>"]"#
        ),
        (
            "DaemonSet",
            """
            {"spec":{"selector":{"matchLabels":{"app":"d"}},"template":\(template)}}
            """,
            #"["x",0,0,0,0,0,"<none>","5s","a","a:1","app=d"]"#
        ),
        (
            "HorizontalPodAutoscaler",
            #"""
            {"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},
            "maxReplicas":5,"metrics":[{"type":"Pods","pods":{"metric":{"name":"rps"},
            "target":{"type":"AverageValue","averageValue":"100"}}},
            {"type":"Resource","resource":{"name":"cpu",
            "target":{"type":"Utilization","averageUtilization":60}}}]}}
            """#,
            #"""
            ["x","Deployment/web","<unknown>/100 (avg), cpu: <unknown>/60%","1",5,0,"5s"]
            """#
        ),
        (
            "Job", "{\"spec\":{\"parallelism\":2,\"template\":\(work)}}",
            #"["x","Running","0/1 of 2","","5s","a","a:1","#
                + #""batch.kubernetes.io/controller-uid=u"]"#
        ),
        (
            "PodDisruptionBudget",
            #"{"spec":{"minAvailable":"50%","selector":{"matchLabels":{"app":"d"}}}}"#,
            #"["x","50%","N/A",0,"5s"]"#
        ),
        ("PodTemplate", "{\"template\":\(template)}", #"["x","a","a:1","app=d"]"#),
        ("PriorityClass", #"{"value":1000}"#, #"["x",1000,false,"5s","PreemptLowerPriority"]"#),
        (
            "RuntimeClass", #"{"handler":"kata","overhead":{"podFixed":{"cpu":"250m"}}}"#,
            #"["x","kata","5s"]"#
        ),
        (
            "StatefulSet",
            """
            {"spec":{"selector":{"matchLabels":{"app":"d"}},"serviceName":"web","replicas":3,
            "template":\(template),"volumeClaimTemplates":[{"metadata":{"name":"data"},
            "spec":{"accessModes":["ReadWriteOnce"],
            "resources":{"requests":{"storage":"1Gi"}}}}]}}
            """,
            #"["x","0/3","5s","a","a:1"]"#
        ),
        (
            "CSIDriver",
            #"{"spec":{"podInfoOnMount":true,"tokenRequests":[{"audience":"vault"}]}}"#,
            #"["x",true,true,false,"vault",false,"Persistent","5s"]"#
        ),
        (
            "CSINode", #"{"spec":{"drivers":[{"name":"csi.example.com","nodeID":"n1"}]}}"#,
            #"["x",1,"5s"]"#
        ),
        (
            "CSIStorageCapacity",
            #"{"storageClassName":"fast","nodeTopology":{},"capacity":"10Gi"}"#,
            #"["x","fast","10Gi"]"#
        ),
        (
            "PersistentVolume",
            #"""
            {"spec":{"capacity":{"storage":"5Gi"},"accessModes":["ReadWriteOnce","ReadOnlyMany"],
            "storageClassName":"fast","hostPath":{"path":"/data"},
            "claimRef":{"namespace":"ns","name":"c"}}}
            """#,
            #"""
            ["x","5Gi","RWO,ROX","Retain","Pending","ns/c","fast","<unset>","","5s",
            "Filesystem"]
            """#
        ),
        (
            "PersistentVolumeClaim",
            #"""
            {"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"fast",
            "resources":{"requests":{"storage":"1Gi"}}}}
            """#,
            #"["x","Pending","","","","fast","<unset>","5s","Filesystem"]"#
        ),
        (
            "StorageClass", #"{"provisioner":"csi.example.com","allowVolumeExpansion":true}"#,
            #"["x","csi.example.com","Delete","Immediate",true,"5s"]"#
        ),
        (
            "VolumeAttachment",
            #"""
            {"spec":{"attacher":"csi.example.com","nodeName":"n1",
            "source":{"persistentVolumeName":"pv"}}}
            """#,
            #"["x","csi.example.com","pv","n1",false,"5s"]"#
        ),
        (
            "VolumeAttributesClass",
            #"{"driverName":"csi.example.com","parameters":{"iops":"3000"}}"#,
            #"["x","csi.example.com","5s"]"#
        ),
    ]
}
