/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_drop_in.c: any text as a drop-in, and as mpr.json. What is wrong is said,
 * what is taken is whole.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_config_parse.h"
#include "router/mpr_registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
    if (!truth)
        abort();
}

static void read_drop_in(const char *text, size_t size) {
    struct mpr_drop_in drop_in = {.file = strdup("/etc/mpr/providers.d/10-fuzz.json")};

    require(drop_in.file && mpr_registry_parse(text, size, "/modules", &drop_in) == NO_ERROR);
    require(drop_in.broken == drop_in.failure.set);
    require(drop_in.name && *drop_in.name);
    if (!drop_in.broken) {
        require((drop_in.module || drop_in.notify_module) && drop_in.options != NULL);
        require(!drop_in.module || *drop_in.module == '/');
        require(!drop_in.notify_module || *drop_in.notify_module == '/');
        require(!drop_in.worker_module || drop_in.module);
        require(!drop_in.worker_module || *drop_in.worker_module == '/');
        for (const struct mpr_option *at = drop_in.options; at->name; at++)
            require(at->value && mpr_option_get(drop_in.options, at->name) == at->value);
    }
    mpr_registry_clear(&drop_in);
}

static void read_config(const char *text, size_t size) {
    struct mpr_config_reader reader = {.config = mpr_config_defaults(), .path = "mpr.json"};

    require(reader.config != NULL);
    for (int i = 0; i < 2; i++)
        require(mpr_config_parse(&reader, text, size) == NO_ERROR);
    require(reader.config->connect_timeout_ms && reader.config->cancel_timeout_ms
            && reader.config->io_timeout_ms);
    require(strlen(reader.complaint) < sizeof reader.complaint);
    for (size_t i = 0; i < reader.config->provider_count; i++)
        require(mpr_config_find(reader.config, reader.config->providers[i].name)
                == &reader.config->providers[i]);
    mpr_config_free(reader.config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);

    require(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    read_drop_in(text, size);
    read_config(text, size);
    free(text);
    return 0;
}
