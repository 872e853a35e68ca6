/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_wire.c: messages between host and worker. The first byte chooses the
 * structure; what is read from the rest must come out of it again when written.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "router/mpr_wire.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    static unsigned char message[4096], again[4096];
    /* Bigger than any structure, and aligned for all. */
    static union {
        unsigned char bytes[1024];
        uint64_t aligned;
    } structure;
    enum mpr_wire_shape shape;
    struct mpr_wire wire;

    if (size < 1 || size > sizeof message)
        return 0;
    shape = (enum mpr_wire_shape)(data[0] % MPR_WIRE_SHAPES);
    memcpy(message, data + 1, size - 1);
    wire = mpr_wire_from(message, size - 1, 1 << 20);
    memset(&structure, 0, sizeof structure);
    mpr_wire_code(&wire, shape, &structure);
    if (!mpr_wire_ended(&wire))
        return 0;
    wire = mpr_wire_into(again, sizeof again);
    mpr_wire_code(&wire, shape, &structure);
    if (wire.bad || wire.at != size - 1 || memcmp(message, again, size - 1) != 0)
        abort();
    return 0;
}
