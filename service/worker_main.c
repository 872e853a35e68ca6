/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_main.c: main of mpr-worker.
 */
#include "config.h"

#include "service/worker.h"

#include <mpr/winerror.h>

#include "router/mpr_loader.h"

static uint32_t load(const char *path, const struct mpr_option *options,
                     struct mpr_failure *failure, struct worker_module *ret_module) {
    const struct mpr_provider *table;
    uint32_t code = mpr_loader_open(path, failure, &table);

    (void)options;
    if (code == NO_ERROR)
        *ret_module = (struct worker_module){table, worker_ops_of(table), table->max_io};
    return code;
}

static const struct worker_kind kind = {.alone = true};

static const struct worker_program program = {
    .name = "mpr-worker",
    .kind = &kind,
    .end_ms = 300,
    .load = load,
};

int main(int argc, char **argv) {
    return worker_zygote_main(
        &program, argc, argv,
        "mpr-worker runs network providers for libmpr, which starts it by itself.");
}
