#include "COpenAPI.h"

// #embed is C23. The compiler takes it in its default mode, and the flag that would silence the
// note is refused for packages that others depend on.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char apiextensions_v1[] = {
#embed "../../../OpenAPI/apiextensions.k8s.io.v1.json"
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

static const unsigned char binnacle_v1[] = {
#embed "../../../OpenAPI/binnacle.dev.v1.json"
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

static const unsigned char meta_v1[] = {
#embed "../../../OpenAPI/meta.v1.json"
};

static const unsigned char rbac_v1[] = {
#embed "../../../OpenAPI/rbac.authorization.k8s.io.v1.json"
};

const struct openapi_document openapi_documents[] = {
    {"apiextensions.k8s.io.v1.json", apiextensions_v1, sizeof apiextensions_v1},
    {"apps.v1.json", apps_v1, sizeof apps_v1},
    {"authentication.k8s.io.v1.json", authentication_v1, sizeof authentication_v1},
    {"authorization.k8s.io.v1.json", authorization_v1, sizeof authorization_v1},
    {"autoscaling.v1.json", autoscaling_v1, sizeof autoscaling_v1},
    {"binnacle.dev.v1.json", binnacle_v1, sizeof binnacle_v1},
    {"coordination.k8s.io.v1.json", coordination_v1, sizeof coordination_v1},
    {"core.v1.json", core_v1, sizeof core_v1},
    {"core.v1.pod.json", core_v1_pod, sizeof core_v1_pod},
    {"meta.v1.json", meta_v1, sizeof meta_v1},
    {"rbac.authorization.k8s.io.v1.json", rbac_v1, sizeof rbac_v1},
};

const size_t openapi_document_count = sizeof openapi_documents / sizeof openapi_documents[0];
