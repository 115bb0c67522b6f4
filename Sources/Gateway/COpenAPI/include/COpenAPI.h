// The documents of the OpenAPI folder, compiled in: a running server looks for no files.
#pragma once

#include <stddef.h>

/// One document, byte for byte as in its file: JSON in UTF-8 without a terminating zero.
struct openapi_document {
    /// The file's name without its folder.
    const char *name;
    const unsigned char *bytes;
    size_t byte_count;
};

/// All documents, sorted by name. They live as long as the process.
extern const struct openapi_document openapi_documents[];

/// How many entries `openapi_documents` has.
extern const size_t openapi_document_count;

/// The entry at `index`. Swift does not see arrays whose length the header leaves open.
static inline struct openapi_document openapi_document_at(size_t index) {
    return openapi_documents[index];
}
