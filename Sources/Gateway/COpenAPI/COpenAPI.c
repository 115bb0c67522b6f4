#include "COpenAPI.h"

// #embed is C23. The compiler takes it in its default mode, and the flag that would silence the
// note is refused for packages that others depend on.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char admission_v1[] = {
#embed "../../../OpenAPI/admissionregistration.k8s.io.v1.json"
};

static const unsigned char apiextensions_v1[] = {
#embed "../../../OpenAPI/apiextensions.k8s.io.v1.json"
};

static const unsigned char apiregistration_v1[] = {
#embed "../../../OpenAPI/apiregistration.k8s.io.v1.json"
};

static const unsigned char apps_v1[] = {
#embed "../../../OpenAPI/apps.v1.json"
};

static const unsigned char authentication_v1[] = {
#embed "../../../OpenAPI/authentication.k8s.io.v1.json"
};

static const unsigned char authorization_v1[] = {
#embed "../../../OpenAPI/authorization.k8s.io.v1.json"
};

static const unsigned char autoscaling_v1[] = {
#embed "../../../OpenAPI/autoscaling.v1.json"
};

static const unsigned char autoscaling_v2[] = {
#embed "../../../OpenAPI/autoscaling.v2.json"
};

static const unsigned char batch_v1[] = {
#embed "../../../OpenAPI/batch.v1.json"
};

static const unsigned char binnacle_v1[] = {
#embed "../../../OpenAPI/binnacle.dev.v1.json"
};

static const unsigned char certificates_v1[] = {
#embed "../../../OpenAPI/certificates.k8s.io.v1.json"
};

static const unsigned char coordination_v1[] = {
#embed "../../../OpenAPI/coordination.k8s.io.v1.json"
};

static const unsigned char core_v1[] = {
#embed "../../../OpenAPI/core.v1.json"
};

static const unsigned char core_v1_pod[] = {
#embed "../../../OpenAPI/core.v1.pod.json"
};

static const unsigned char core_v1_policies[] = {
#embed "../../../OpenAPI/core.v1.policies.json"
};

static const unsigned char core_v1_volumes[] = {
#embed "../../../OpenAPI/core.v1.volumes.json"
};

static const unsigned char discovery_v1[] = {
#embed "../../../OpenAPI/discovery.k8s.io.v1.json"
};

static const unsigned char events_v1[] = {
#embed "../../../OpenAPI/events.k8s.io.v1.json"
};

static const unsigned char flowcontrol_v1[] = {
#embed "../../../OpenAPI/flowcontrol.apiserver.k8s.io.v1.json"
};

static const unsigned char meta_v1[] = {
#embed "../../../OpenAPI/meta.v1.json"
};

static const unsigned char networking_v1[] = {
#embed "../../../OpenAPI/networking.k8s.io.v1.json"
};

static const unsigned char node_v1[] = {
#embed "../../../OpenAPI/node.k8s.io.v1.json"
};

static const unsigned char policy_v1[] = {
#embed "../../../OpenAPI/policy.v1.json"
};

static const unsigned char rbac_v1[] = {
#embed "../../../OpenAPI/rbac.authorization.k8s.io.v1.json"
};

static const unsigned char resource_v1[] = {
#embed "../../../OpenAPI/resource.k8s.io.v1.json"
};

static const unsigned char scheduling_v1[] = {
#embed "../../../OpenAPI/scheduling.k8s.io.v1.json"
};

static const unsigned char storage_v1[] = {
#embed "../../../OpenAPI/storage.k8s.io.v1.json"
};

const struct openapi_document openapi_documents[] = {
    {"admissionregistration.k8s.io.v1.json", admission_v1, sizeof admission_v1},
    {"apiextensions.k8s.io.v1.json", apiextensions_v1, sizeof apiextensions_v1},
    {"apiregistration.k8s.io.v1.json", apiregistration_v1, sizeof apiregistration_v1},
    {"apps.v1.json", apps_v1, sizeof apps_v1},
    {"authentication.k8s.io.v1.json", authentication_v1, sizeof authentication_v1},
    {"authorization.k8s.io.v1.json", authorization_v1, sizeof authorization_v1},
    {"autoscaling.v1.json", autoscaling_v1, sizeof autoscaling_v1},
    {"autoscaling.v2.json", autoscaling_v2, sizeof autoscaling_v2},
    {"batch.v1.json", batch_v1, sizeof batch_v1},
    {"binnacle.dev.v1.json", binnacle_v1, sizeof binnacle_v1},
    {"certificates.k8s.io.v1.json", certificates_v1, sizeof certificates_v1},
    {"coordination.k8s.io.v1.json", coordination_v1, sizeof coordination_v1},
    {"core.v1.json", core_v1, sizeof core_v1},
    {"core.v1.pod.json", core_v1_pod, sizeof core_v1_pod},
    {"core.v1.policies.json", core_v1_policies, sizeof core_v1_policies},
    {"core.v1.volumes.json", core_v1_volumes, sizeof core_v1_volumes},
    {"discovery.k8s.io.v1.json", discovery_v1, sizeof discovery_v1},
    {"events.k8s.io.v1.json", events_v1, sizeof events_v1},
    {"flowcontrol.apiserver.k8s.io.v1.json", flowcontrol_v1, sizeof flowcontrol_v1},
    {"meta.v1.json", meta_v1, sizeof meta_v1},
    {"networking.k8s.io.v1.json", networking_v1, sizeof networking_v1},
    {"node.k8s.io.v1.json", node_v1, sizeof node_v1},
    {"policy.v1.json", policy_v1, sizeof policy_v1},
    {"rbac.authorization.k8s.io.v1.json", rbac_v1, sizeof rbac_v1},
    {"resource.k8s.io.v1.json", resource_v1, sizeof resource_v1},
    {"scheduling.k8s.io.v1.json", scheduling_v1, sizeof scheduling_v1},
    {"storage.k8s.io.v1.json", storage_v1, sizeof storage_v1},
};

const size_t openapi_document_count = sizeof openapi_documents / sizeof openapi_documents[0];
