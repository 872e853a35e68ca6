/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_main.c: main of mpr-drive.
 */
#include "config.h"

#include <mpr/winerror.h>

#include "service/drive_provider.h"
#include "service/drive_table.h"

#define END_MS 2000 /* to write what is not yet written, and unmount */

/* What the provider can do is told, too: channels to the drive have it. */
static uint32_t load(const char *drop_in, const struct mpr_option *options,
                     struct mpr_failure *failure, struct worker_module *ret_module) {
    uint64_t ops = 0;
    uint32_t max_io = 0;
    uint32_t code = drive_provider_load(drop_in, options, failure, &ops, &max_io);

    if (code == NO_ERROR)
        *ret_module = (struct worker_module){&drive_table, ops | drive_table_ops(), max_io};
    return code;
}

static const struct worker_program program = {
    .name = "mpr-drive",
    .kind = &drive_worker_kind,
    .end_ms = END_MS,
    .load = load,
};

int main(int argc, char **argv) {
    return worker_zygote_main(
        &program, argc, argv,
        "mpr-drive serves one connection of mprd, which starts it by itself.");
}
